"""Families: every method of a verb by name, with its title and what it does in a line.

A member is one file in its room, called like it, with a ``METHOD`` in it, and one line in a table
here. Whatever lists a family reads the table: help, studies, pages, and the family's own tests.
Nothing is imported by that; the file is, when its method is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any, Generic, TypeVar

from hangtag.errors import OptionError, nearest

M = TypeVar("M")


@dataclass(frozen=True)
class Member:
    """What is said of a method before it is imported.

    Attributes:
        title: As a heading has it, such as ``t-SNE``.
        about: What it does, in a line for a help text.
    """

    title: str
    about: str


PROJECTIONS: Mapping[str, Member] = {
    "pca": Member("PCA", "axes along which the images differ most"),
    "tsne": Member("t-SNE", "neighbours stay neighbours"),
    "lle": Member("LLE", "each image a mixture of its neighbours"),
    "isomap": Member("Isomap", "distances along the data, not across it"),
    "mds": Member("MDS", "distances as near the true ones as can be"),
    "umap": Member("UMAP", "a fuzzy neighbour graph (needs the extra `umap`)"),
}
"""Maps: ``rooms/reduce/NAME.py``."""

CLUSTERERS: Mapping[str, Member] = {
    "kmeans": Member("k-means", "round groups around centres"),
    "agglomerative": Member("Agglomerative clustering", "nearest groups joined, one tree for all"),
    "mixture": Member("Gaussian mixtures", "bell-shaped groups that overlap, new images drawn"),
}
"""Ways to cluster: ``rooms/cluster/NAME.py``."""

EXPORTS: Mapping[str, Member] = {
    "onnx": Member("ONNX", "any model, for onnxruntime and all that reads ONNX"),
    "keras": Member("Keras", "a network of standard layers, for Keras 3 on any backend"),
    "sklearn": Member("scikit-learn", "a forest or linear model as a pipeline (extra `export`)"),
}
"""Files that other programs open: ``estimators/exports/NAME.py``."""


class Family(Mapping[str, M], Generic[M]):
    """A table with its methods: names cost nothing, a method is imported when it is taken.

    Args:
        members: The table.
        load: Imports the method of a name.
        what: What a member is called in an error, such as ``method``.
    """

    def __init__(
        self, members: Mapping[str, Member], load: Callable[[str], M], what: str = "method"
    ) -> None:
        self.members, self._load, self._what = members, load, what

    def __getitem__(self, name: str) -> M:
        if name not in self.members:
            raise KeyError(name)
        return self._load(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __contains__(self, name: object) -> bool:
        return name in self.members

    def called(self, name: str) -> M:
        """The method of that name.

        Raises:
            OptionError: There is none; the hint names those there are.
        """
        return self[checked(self.members, name, self._what)]


def checked(members: Mapping[str, Any], name: str, what: str = "method") -> str:
    """The name, if the family has it.

    Raises:
        OptionError: It has not; the hint names those there are.
    """
    if name not in members:
        raise OptionError(f"there is no {what} called '{name}'", nearest(name, members))
    return name


def listed(members: Mapping[str, Member]) -> str:
    """All members for a help text: ``pca (axes along …), tsne (…)``."""
    return ", ".join(f"{name} ({one.about})" for name, one in members.items())


def own_options(method: Callable[..., Any], common: frozenset[str]) -> dict[str, Any]:
    """The options that only this method has, with their defaults, read from its signature."""
    parameters = signature(method).parameters.values()
    return {one.name: one.default for one in parameters if one.name not in common}


def check_options(name: str, own: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse options that a method has not.

    Raises:
        OptionError: There is such an option; the hint names those it has.
    """
    for option in sorted(set(given) - set(own)):
        hint = nearest(option, own) if own else f"{name} has no options of its own"
        raise OptionError(f"{name} has no option called '{option}'", hint)
