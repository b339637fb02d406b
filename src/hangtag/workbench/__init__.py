"""One short function per verb: what loads, divides and keeps, around what the rooms do.

Records go from room to room here, and results go to the run's folder. Every verb can be called as
``hangtag.VERB(…)`` and has a command of the same name. To add a verb: a room, a file here, a line
in :data:`VERBS`, a command in ``cli/``, a page in ``docs/guide/``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

VERBS = {
    "ablate": "ablate",
    "importance": "tune",
    "tune": "tune",
    "audit": "audit",
    "audit_page": "audit",
    "clean_split": "audit",
    "embed": "embed",
    "encoders": "embed",
    "explore": "explore",
    "explore_page": "explore",
    "map_figures": "reduce",
    "map_page": "reduce",
    "reduce": "reduce",
    "cluster": "cluster",
    "write_clusters": "cluster",
    "write_embeddings": "embed",
    "fit": "fit",
    "forest": "fit",
    "mixture": "fit",
    "grow_forest": "train",
    "fit_mixture": "train",
    "compare": "compare",
    "diagram": "networks",
    "networks": "networks",
    "summary": "networks",
    "evaluate": "evaluate",
    "find": "data",
    "from_arrays": "data",
    "get": "data",
    "info": "data",
    "known_sets": "data",
    "load": "data",
    "open_bundle": "tag",
    "open_forest": "opening",
    "open_mixture": "opening",
    "open_model": "opening",
    "open_run": "opening",
    "report": "report",
    "run_images": "data",
    "resume": "train",
    "save_split": "data",
    "split": "data",
    "split_counts": "data",
    "tag": "tag",
    "tag_folder": "tag",
    "tags": "tag",
    "train": "train",
}
"""Each verb and the file here that has it; read by ``hangtag.__getattr__``, so none loads early."""


def verb(name: str) -> Callable[..., Any]:
    """The function of that name, its file imported only now."""
    found: Callable[..., Any] = getattr(import_module(f"{__name__}.{VERBS[name]}"), name)
    return found
