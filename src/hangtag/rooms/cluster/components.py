"""Components with the classes they stand for: points go in, class probabilities come out.

``P(class | point)`` is the sum over the components of ``P(component | point)`` times
``P(class | component)``. A mixture for each class is the same with components that stand for one
class only: their weights are then the class's proportion times their own, and the sum is Bayes'
rule. NumPy only; a component's covariance is kept as the factor ``U`` of its inverse ``U @ U.T``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import Mixture
from hangtag.rooms.cluster.covariance.table import COVARIANCES

LARGEST = 1 << 30
"""Bytes that the factors of all components may take: what a part of a bundle holds."""
NARROWEST = 1e100
"""What a factor may be at most: squared and times any point it must stay a number."""
_BLOCK = 4096  # points at a time
_SUMS = 1e-9  # how far rounding may take a sum of probabilities from one


@dataclass(frozen=True, eq=False)
class Components:
    """A mixture that knows its classes.

    Attributes:
        covariance: A name in ``COVARIANCES``.
        weights: ``(k,)`` float64, above zero, summing to one.
        means: ``(k, d)`` float64.
        factors: float64: ``(k, d, d)`` upper triangular for full, ``(d, d)`` for tied, ``(k, d)``
            for diagonal, ``(k,)`` for spherical: one over the width.
        table: ``(k, n_classes)`` float64, how probable each class is in each component.
    """

    covariance: str
    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    factors: NDArray[np.float64]
    table: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def n_features(self) -> int:
        """Dimensions of a point."""
        return int(self.means.shape[1])

    @property
    def n_classes(self) -> int:
        """Classes there are."""
        return int(self.table.shape[1])

    @cached_property
    def constants(self) -> NDArray[np.float64]:
        """``(k,)`` a component's log-density besides half the squared distance.

        Without the term that is the same for all components and vanishes in what is asked.
        """
        if self.covariance in {"full", "tied"}:
            # The logarithm of a triangular factor's determinant; the determinant itself leaves
            # float64 at a few hundred axes.
            widths = np.log(np.diagonal(self.factors, axis1=-2, axis2=-1)).sum(axis=-1)
        else:
            logs = np.log(self.factors)
            widths = self.n_features * logs if logs.ndim == 1 else logs.sum(axis=1)
        found: NDArray[np.float64] = np.log(self.weights) + widths
        return found

    def logs(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` logarithms of weight times density, but for one number that all share."""
        # With one covariance for all, points are turned by its factor once and not once for each
        # component.
        tied = self.covariance == "tied"
        seen = points @ self.factors if tied else points
        centres = self.means @ self.factors if tied else self.means
        logs = np.empty((len(points), len(self)))
        for one in range(len(self)):
            gaps = seen - centres[one]
            if self.covariance == "full":
                gaps = gaps @ self.factors[one]
            elif not tied:
                gaps *= self.factors[one]
            logs[:, one] = np.einsum("ij,ij->i", gaps, gaps)
        logs *= -0.5
        logs += self.constants
        return logs

    def responsibilities(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` how probable each component is for each point.

        The largest logarithm is taken off first, so that a point that is far from every component
        still belongs to the nearest ones.
        """
        logs = self.logs(points)
        logs -= logs.max(axis=1, keepdims=True)
        np.exp(logs, out=logs)
        logs /= logs.sum(axis=1, keepdims=True)
        return logs

    def probabilities(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, n_classes)`` of ``(n, d)`` points."""
        answers = np.empty((len(points), self.n_classes))
        for start in range(0, len(points), _BLOCK):
            some = slice(start, start + _BLOCK)
            answers[some] = self.responsibilities(points[some]) @ self.table
        return answers

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it by name; :func:`components_from_arrays` is the way back."""
        names = ("weights", "means", "factors", "table")
        # The axes of a model have a mean as well.
        return {f"components/{name}": getattr(self, name) for name in names}


def components_of(mixture: Mixture, table: NDArray[np.float64]) -> Components:
    """A fitted mixture whose components stand for the classes in `table`.

    Raises:
        OptionError: A component has no width at all, so that nothing but its own images is near it.
    """
    covariance = mixture.row.covariance
    factors = COVARIANCES[covariance].factor(mixture.covariances, len(mixture.weights)).precisions
    if np.abs(factors).max() > NARROWEST:
        raise OptionError(
            f"some of {len(mixture.weights)} components have no width: along an axis their images "
            "do not differ, and nothing was added to their variance",
            "a regularisation above 0",
        )
    return Components(covariance, mixture.weights, mixture.means, factors, table)


def joined(parts: list[Components], proportions: NDArray[np.float64]) -> Components:
    """Several mixtures as one, each with its proportion of the whole; none may be tied."""
    weights = [proportion * one.weights for one, proportion in zip(parts, proportions, strict=True)]
    return Components(
        parts[0].covariance,
        np.concatenate(weights),
        np.concatenate([one.means for one in parts]),
        np.concatenate([one.factors for one in parts]),
        np.concatenate([one.table for one in parts]),
    )


def check_size(covariance: str, k: int, d: int) -> None:
    """Refuse components that no bundle could hold, before anything is fitted.

    Raises:
        OptionError: Their factors take more than 1 GiB.
    """
    numbers = {"full": k * d * d, "tied": d * d}.get(covariance, k * d)
    if 8 * numbers > LARGEST:
        raise OptionError(
            f"{k} {covariance} components of {d} dimensions take {8 * numbers:,} bytes; a bundle "
            f"holds {LARGEST:,}",
            "fewer components, fewer axes, or a diagonal covariance",
        )


def components_from_arrays(covariance: str, arrays: Mapping[str, NDArray[Any]]) -> Components:
    """Components of what :meth:`Components.arrays` gave, checked.

    Raises:
        KeyError: An array is missing, or there is no such covariance.
        ValueError: They are no components.
    """
    names = ("weights", "means", "factors", "table")
    weights, means, factors, table = (arrays[f"components/{name}"] for name in names)
    k, d = means.shape
    shapes = {"full": (k, d, d), "tied": (d, d), "diagonal": (k, d), "spherical": (k,)}
    if factors.shape != shapes[covariance] or weights.shape != (k,) or len(table) != k:
        raise ValueError("shapes")
    for one in (weights, means, factors, table):
        if one.dtype != np.float64 or not np.isfinite(one).all():
            raise ValueError("numbers")
    if np.abs(factors).max() > NARROWEST:
        raise ValueError("numbers")
    # A factor with zero or negative width is the inverse of no covariance.
    square = covariance in {"full", "tied"}
    widths = np.diagonal(factors, axis1=-2, axis2=-1) if square else factors
    if not (weights > 0).all() or not (widths > 0).all() or (table < 0).any():
        raise ValueError("signs")
    if abs(weights.sum() - 1) > _SUMS or (np.abs(table.sum(axis=1) - 1) > _SUMS).any():
        raise ValueError("sums")
    return Components(covariance, weights, means, factors, table)
