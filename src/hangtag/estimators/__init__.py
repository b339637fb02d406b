"""Kinds of model that can be fitted: one file each, which ties the rooms together that it needs.

Runs, bundles, pages, searches, studies and the command line know a kind by the protocol in ``base``
alone. A kind is imported when it is asked for, so that training a network imports no forest. To add
one: a file with a class like those here (most need only the three methods that ``classical`` asks
for), a line in :data:`FILES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from hangtag.errors import OptionError, nearest
from hangtag.estimators.base import Estimator
from hangtag.records import Spec

FILES = {
    "network": "network.NETWORK",
    "forest": "forest.FOREST",
    "mixture": "mixture.MIXTURE",
    "linear": "linear.LINEAR",
    "discriminant": "discriminant.DISCRIMINANT",
    "neighbors": "neighbors.NEIGHBORS",
    "boosting": "boosting.BOOSTING",
    "finetune": "finetune.FINETUNE",
}
"""Each kind of model by its name, and where it is."""


class _Estimators(Mapping[str, Estimator]):
    """Every kind by its name; a file is imported when its kind is looked at."""

    def __getitem__(self, name: str) -> Estimator:
        file, _, attribute = FILES[name].partition(".")
        found: Estimator = getattr(import_module(f"{__name__}.{file}"), attribute)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(FILES)

    def __len__(self) -> int:
        return len(FILES)


ESTIMATORS: Mapping[str, Estimator] = _Estimators()


def estimator(name: str) -> Estimator:
    """The kind of model of that name.

    Raises:
        OptionError: There is none.
    """
    if name not in FILES:
        raise OptionError(f"there is no kind of model '{name}'", nearest(name, FILES))
    return ESTIMATORS[name]


def estimator_of(spec: Spec) -> Estimator:
    """The kind of a model that is described so.

    Raises:
        OptionError: This Hangtag has no such kind.
    """
    return estimator(spec.kind)
