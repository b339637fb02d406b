"""Hangtag: from a pile of labelled pictures to a tagger and a visual search you can trust.

Every verb is a function here: ``hangtag.load``, ``split``, ``train``, ``evaluate``, ``report``,
``tag`` and the rest of :data:`hangtag.workbench.VERBS`. Nothing heavy is imported before a verb
is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.workbench import VERBS, verb

if TYPE_CHECKING:
    from hangtag.workbench.compare import compare
    from hangtag.workbench.data import find, from_arrays, get, info, known_sets, load, split
    from hangtag.workbench.evaluate import evaluate
    from hangtag.workbench.networks import diagram, networks, summary
    from hangtag.workbench.report import report
    from hangtag.workbench.tag import open_bundle, tag, tag_folder
    from hangtag.workbench.train import open_run, resume, train

__all__ = [
    "compare",
    "diagram",
    "evaluate",
    "find",
    "from_arrays",
    "get",
    "info",
    "known_sets",
    "load",
    "networks",
    "open_bundle",
    "open_run",
    "report",
    "resume",
    "split",
    "summary",
    "tag",
    "tag_folder",
    "train",
]


def __getattr__(name: str) -> object:
    if name in VERBS:
        return verb(name)
    if name == "__version__":
        from importlib.metadata import version

        return version("hangtag")
    raise AttributeError(f"module 'hangtag' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
