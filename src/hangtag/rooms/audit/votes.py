"""Copies with different labels: groups and labels in, what the other copies of an image say out.

Copies show the same, so where their labels differ at most one is right, and which can be told
without any model when most of them agree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAJORITY = 2 / 3  # proportion of a group's labels that must agree to outvote the rest
FEWEST = 2  # copies that outvote one image


def outvoted(groups: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The label that most copies of an image bear where it bears another.

    Args:
        groups: ``(n,)`` equal for copies of each other.
        labels: ``(n,)`` dense classes, -1 where unlabelled.

    Returns:
        ``(n,)`` classes; -1 where an image has no label, agrees, or the copies are no majority.
    """
    known = labels >= 0
    # Unlabelled copies have no vote and do not count as voices against either.
    total = np.bincount(groups[known], minlength=groups.max(initial=0) + 1)
    kinds, counts = np.unique(
        np.stack([groups[known], labels[known]], axis=1), axis=0, return_counts=True
    )
    # Two of three is a majority, one of one is not: a pair that disagrees says only that one of
    # both is wrong.
    wins = (counts >= FEWEST) & (counts >= MAJORITY * total[kinds[:, 0]])
    said = np.full(len(total), -1, np.int64)
    # With two thirds needed there is at most one winner a group, so nothing is overwritten.
    said[kinds[wins, 0]] = kinds[wins, 1]
    out: NDArray[np.int64] = np.where(known & (said[groups] != labels), said[groups], -1)
    return out
