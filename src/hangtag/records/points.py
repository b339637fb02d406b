"""Images as points in few dimensions, and the axes such points are measured on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.stored import Floats32, Ints, Stored
from hangtag.records.upstairs import Plotted

_BLOCK = 4096  # rows turned at a time: a block of 28x28 images in float32 fits the cache's bus
_VALUES = 1 << 24  # numbers of a block at most: 128 MB in float64, of large images fewer rows


@dataclass(frozen=True, eq=False)
class Projection(Stored, Plotted):
    """A map: one point per image.

    Attributes:
        method: A name in ``hangtag.families.PROJECTIONS``.
        indices: ``(n,)`` int64, which images of the set are on the map, in order.
        points: ``(n, dimensions)`` float32.
        axes: A label per axis, with the explained variance where there is one.
        options: Every option that changes the result, the seed among them.
        quality: ``trustworthiness``, ``class_agreement`` and others, by name.
        notes: What a reader must know, such as that it shows a sample.
    """

    method: str
    indices: Ints
    points: Floats32
    axes: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.points)

    def __repr__(self) -> str:
        measured = "".join(f", {name} {value:.4f}" for name, value in self.quality.items())
        return (
            f"<Projection {self.method}: {len(self):,} images on {len(self.axes)} axes{measured}>"
        )


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Each point's nearest points: one graph for whoever needs one.

    Attributes:
        indices: ``(n, k)`` int64, into the points searched, nearest first, never the point itself.
        distances: ``(n, k)`` float32, Euclidean, in the points' units.
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def k(self) -> int:
        """Neighbours per point."""
        return int(self.indices.shape[1])

    def nearest(self, k: int) -> Neighbours:
        """The same graph with only the `k` nearest of each point."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k])


@dataclass(frozen=True, eq=False)
class Pca:
    """Principal axes, fitted once and usable on any images of the same shape.

    Attributes:
        mean: ``(d,)`` float64, of the images it was fitted on.
        components: ``(k, d)`` float64, one unit vector per row, the strongest first; the entry of
            largest size in each row is positive, as scikit-learn has it.
        variances: ``(k,)`` float64, along each component, with n - 1 in the denominator.
        spectrum: ``(min(n, d),)`` float64, the proportion of the whole variance of every component
            there is, kept or not.
        n_images: Images it was fitted on.
    """

    mean: NDArray[np.float64]
    components: NDArray[np.float64]
    variances: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    n_images: int

    def __len__(self) -> int:
        return len(self.components)

    @property
    def ratios(self) -> NDArray[np.float64]:
        """``(k,)`` the proportion of the whole variance that each kept component explains."""
        return self.spectrum[: len(self)]

    def needed(self, explained_variance: float) -> int:
        """How many components explain more than this part of the variance, as scikit-learn has it.

        Args:
            explained_variance: In (0, 1).

        Raises:
            ValueError: Axes were fitted that explain less.
        """
        if explained_variance > self.spectrum.sum():
            raise ValueError(f"{len(self.spectrum)} axes alone were fitted")
        below = int(np.searchsorted(np.cumsum(self.spectrum), explained_variance, side="right"))
        return min(below + 1, len(self.spectrum))

    def keep(self, components: int) -> Pca:
        """The same axes, only the first `components` of them."""
        return replace(
            self,
            components=self.components[:components],
            variances=self.variances[:components],
        )

    def transform(self, points: NDArray[Any]) -> NDArray[np.float32]:
        """Coordinates on the components.

        Args:
            points: ``(n, …)`` numbers, each row of d in all, in the units it was fitted in.

        Returns:
            ``(n, k)`` float32.
        """
        axes = np.ascontiguousarray(self.components.T, dtype=np.float32)
        out = np.empty((len(points), len(self)), np.float32)
        for where, rows in blocks(points):
            np.dot((rows - self.mean).astype(np.float32), axes, out=out[where])
        return out

    def inverse(self, coordinates: NDArray[Any]) -> NDArray[np.float32]:
        """The points that have these coordinates and nothing off the kept components.

        Args:
            coordinates: ``(n, k)``.

        Returns:
            ``(n, d)`` float32.
        """
        back = np.asarray(coordinates, np.float32) @ self.components.astype(np.float32)
        return back + self.mean.astype(np.float32)


def blocks(points: NDArray[Any]) -> Iterator[tuple[slice, NDArray[Any]]]:
    """``(n, …)`` in blocks ``(m, d)`` of 128 MB in float64 at most, each with its place."""
    rows = points.reshape(len(points), math.prod(points.shape[1:]))
    step = max(1, min(_BLOCK, _VALUES // max(1, rows.shape[1])))
    for start in range(0, len(rows), step):
        where = slice(start, min(start + step, len(rows)))
        yield where, rows[where]
