"""What "close" means in a collection, and how good its search is: found out from itself.

A cosine of .8 is near for one encoder and far for another, and differs between collections of one,
so no fixed number says that nothing close is there. The collection does: each of its own items has
a nearest other one, and an image that is farther from everything than nearly all items are from
their nearest finds nothing. Where it finds something, what is farther than the items' tenth
nearest is not shown with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.search.exact import COPY

FEWEST = 50
"""In a collection with fewer items nobody can say what is close."""

FARTHEST = 0.02
"""Proportion of a collection's own items that would be held back."""

FURTHER = 10
"""Which neighbor of an item tells how far further ones are."""

SAMPLE = 2000
BLOCK = 256


@dataclass(frozen=True)
class Measured:
    """How good the search of a collection is, by labels that are known.

    Attributes:
        queries: How many items were asked about.
        precision: Of the k nearest others the proportion that has the query's label, averaged.
        mean_average_precision: Over the whole collection, averaged over queries.
        k: How many were looked at.
    """

    queries: int
    precision: float
    mean_average_precision: float
    k: int


def close_from(
    directions: NDArray[np.float32], groups: NDArray[np.int64], seed: int = 0
) -> tuple[float, float] | None:
    """The least cosines that are called close, of the nearest item and of further ones.

    Args:
        directions: ``(n, width)`` of the collection, each of length 1.
        groups: ``(n,)`` what each is of; members of one group are no neighbors of each other.
        seed: Of the sample that is looked at where there are more than :data:`SAMPLE`.
    """
    if len(np.unique(groups)) < FEWEST:
        return None
    best = []
    for rows in _sampled(len(directions), seed):
        cosines = directions[rows] @ directions.T
        cosines[groups[rows][:, None] == groups[None, :]] = -1
        cosines[cosines >= COPY] = -1  # copies say nothing of how far other images are
        best.append(-np.partition(-cosines, (0, FURTHER - 1), axis=1)[:, [0, FURTHER - 1]])
    first, others = np.quantile(np.concatenate(best), FARTHEST, axis=0)
    return float(first), float(others)


def measured(
    directions: NDArray[np.float32],
    groups: NDArray[np.int64],
    labels: Sequence[str],
    k: int = 10,
    seed: int = 0,
) -> Measured:
    """Precision among the k nearest, and mean average precision, by the labels of items.

    Args:
        directions: ``(n, width)`` of the collection, each of length 1.
        groups: ``(n,)`` what each is of; members of the query's group are not counted.
        labels: Of each; empty where it has none, which is neither asked about nor found.
        k: How many are looked at.
        seed: Of the sample that is asked about.
    """
    known = np.flatnonzero(np.asarray([bool(one) for one in labels]))
    _, codes = np.unique(np.asarray(labels, object)[known].astype(str), return_inverse=True)
    found, of = directions[known], groups[known]
    precisions, averages = [], []
    for rows in _sampled(len(known), seed):
        cosines = found[rows] @ found.T
        cosines[of[rows][:, None] == of[None, :]] = -2
        order = np.argsort(-cosines, axis=1, kind="stable")
        others = np.take_along_axis(cosines, order, axis=1) > -2
        right = (codes[order] == codes[rows][:, None]) & others
        asked = others.any(axis=1)  # of whom there are others
        precisions.append(right[asked, :k].sum(axis=1) / np.minimum(k, others[asked].sum(axis=1)))
        so_far = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
        n_right = right.sum(axis=1)
        averages.append((so_far * right).sum(axis=1)[n_right > 0] / n_right[n_right > 0])
    whole, average = np.concatenate(precisions or [[]]), np.concatenate(averages or [[]])
    # Where every item is the only one of its label, there is nothing that a search could find.
    precision, mean = (float(one.mean()) if len(one) else float("nan") for one in (whole, average))
    return Measured(len(whole), precision, mean, k)


def _sampled(n: int, seed: int) -> list[NDArray[np.int64]]:
    """Rows to ask about, in blocks."""
    rows = np.arange(n)
    if n > SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(n, SAMPLE, replace=False))
    return [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
