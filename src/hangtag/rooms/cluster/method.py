"""What every way to cluster gets and gives.

A method is a file in this folder with a function ``sweep(points, ks, *, seed, rule, images,
indices, progress, **options)`` that gives a ``Sweep``, ``METHOD = Method(sweep, …)``, and a line in
``hangtag.families``. ``hard.py`` makes the sweep of whatever gives each point one cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

from hangtag.families import own_options
from hangtag.records import MixtureSweep, NewPoints, Sweep

COMMON = frozenset({"points", "ks", "seed", "rule", "images", "indices", "keeping", "progress"})


@dataclass(frozen=True)
class Column:
    """A column of the table in which a sweep is shown.

    Attributes:
        head: Over it.
        name: The row's field.
        form: How a number is written, as for ``format``.
        error: The field of its standard error, where it has one.
    """

    head: str
    name: str
    form: str = ""
    error: str = ""

    def cell(self, row: object) -> str:
        """What stands in it for a row; NaN is a value that is not defined."""
        value = getattr(row, self.name)
        if value != value:
            return "undefined"
        error = getattr(row, self.error) if self.error else 0
        return f"{value:{self.form}}" + (f"±{2 * error:.4f}" if error else "")


HARD = (
    Column("k", "k"),
    Column("inertia", "inertia", ".6g"),
    Column("silhouette", "silhouette", ".4f", error="silhouette_error"),
    Column("calinski-harabasz", "calinski_harabasz", ".1f"),
    Column("davies-bouldin", "davies_bouldin", ".4f"),
)
"""The table of whatever gives each point one cluster."""


@dataclass(frozen=True)
class Method:
    """A way to cluster.

    Attributes:
        sweep: Tries numbers of clusters and chooses one.
        rules: How it can choose, the usual way first.
        columns: What is shown of each number that was tried.
        curves: What is drawn over the numbers: the title and the row's field of two curves.
        units: What is counted.
        choices: The words that an option can have, where it takes words.
        new: Draws new points from what was chosen, where that can be done.
        searched: What a search can look for: name to words, and whether more is better.
        fewest: The smallest number of clusters whose scores are defined.
        axes_vary: Whether scores on different axes can be compared.
    """

    sweep: Callable[..., Sweep | MixtureSweep]
    rules: tuple[str, ...]
    columns: tuple[Column, ...] = HARD
    curves: tuple[tuple[str, str], ...] = (
        ("inertia", "inertia"),
        ("mean silhouette", "silhouette"),
    )
    units: str = "clusters"
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new: Callable[..., NewPoints] | None = None
    searched: Mapping[str, tuple[str, bool]] = field(default_factory=lambda: HARD_SCORES)
    fewest: int = 2
    axes_vary: bool = True

    @property
    def keeps(self) -> bool:
        """Whether a sweep that was killed can go on."""
        return "keeping" in signature(self.sweep).parameters

    @property
    def options(self) -> dict[str, Any]:
        """Its own options and their defaults; ``new`` where it can draw new points."""
        own = own_options(self.sweep, COMMON)
        return own | ({} if self.new is None else {"new": 0})


HARD_SCORES: Mapping[str, tuple[str, bool]] = {
    "silhouette": ("silhouette", True),
    "calinski-harabasz": ("Calinski-Harabasz index", True),
    "davies-bouldin": ("Davies-Bouldin index", False),
}
