"""What every method of drawing a map gets and gives.

A method is a file in this folder with a function ``embed(points, *, dimensions, seed, progress,
**options) -> Embedding`` and ``METHOD = Method(embed)``, and a line in ``hangtag.families``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.families import own_options
from hangtag.geometry import nearest_neighbours
from hangtag.progress import Progress, silent
from hangtag.records.points import Neighbours, Pca


class Points:
    """Images as points, with one nearest-neighbour graph for whoever asks.

    Attributes:
        values: ``(n, d)`` float32, coordinates on the axes.
        pca: The axes, fitted on these very images.
    """

    def __init__(
        self, values: NDArray[np.float32], pca: Pca, *, progress: Progress = silent
    ) -> None:
        self.values, self.pca = values, pca
        self._progress = progress
        self._graph: Neighbours | None = None

    def __len__(self) -> int:
        return len(self.values)

    def neighbours(self, k: int) -> Neighbours:
        """Each point's `k` nearest others; computed once for the largest `k` asked so far.

        Raises:
            OptionError: There are not that many others.
        """
        if self._graph is None or self._graph.k < k:
            # The largest graph serves every smaller k; t-SNE asks for ninety neighbours, LLE for
            # ten.
            self._graph = nearest_neighbours(self.values, k=k, progress=self._progress)
        return self._graph.nearest(k)


@dataclass(frozen=True, eq=False)
class Embedding:
    """Where a method puts the points.

    Attributes:
        places: ``(n, dimensions)`` numbers.
        axes: A label per axis.
        options: Every option with the value it had, defaults too.
        quality: What the method itself measured, such as ``stress``.
        notes: What a reader must know.
    """

    places: NDArray[Any]
    axes: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Method:
    """A way to draw a map.

    Attributes:
        embed: Puts points on the map.
        whole: Whether it gets all principal axes that the map has, and not those that hold `share`
            of the variance.
    """

    embed: Callable[..., Embedding]
    whole: bool = False

    @property
    def options(self) -> dict[str, Any]:
        """Its own options and their defaults."""
        return own_options(self.embed, frozenset({"points", "dimensions", "seed", "progress"}))
