"""The nearest directions to a question, by looking at every one: groups once, copies first.

Below a hundred thousand images nothing is quicker on two cores than one product of a matrix and a
vector, and nothing is left out. Where a filter keeps few, only those are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COPY = 0.9999
"""A cosine from which two embeddings are of one image, up to how they are kept."""


SORTED = 8
"""Times as many members as groups are asked for that are looked at first."""


@dataclass(frozen=True, eq=False)
class Hits:
    """What is nearest to a question.

    Attributes:
        rows: ``(k,)`` int64, which directions, the nearest first.
        cosines: ``(k,)`` float32, how near: 1 is the same direction.
        held_back: How many of the k nearest are left out since they are not close.
    """

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]
    held_back: int = 0


def nearest(
    directions: NDArray[np.float32],
    question: NDArray[np.float32],
    k: int,
    *,
    groups: NDArray[np.int64],
    among: NDArray[np.int64] | None = None,
    close: tuple[float, float] | None = None,
) -> Hits:
    """The k groups nearest to a question, each by its nearest member.

    Args:
        directions: ``(n, width)``, each of length 1.
        question: ``(width,)`` of length 1.
        k: How many groups.
        groups: ``(n,)`` what each is of; of one group only the nearest is given.
        among: ``(m,)`` the rows that may be given; None for all.
        close: The least cosine of the nearest, or nothing is given, and of the further ones; None
            gives all.
    """
    rows = np.arange(len(directions)) if among is None else among
    cosines = (directions if among is None else directions[rows]) @ question
    best = _first_of_groups(cosines, rows, groups, k)
    kept = best
    if close is not None and len(best):
        kept = best[cosines[best] >= close[1]] if cosines[best[0]] >= close[0] else best[:0]
    return Hits(rows[kept].astype(np.int64), cosines[kept], len(best) - len(kept))


def _first_of_groups(
    cosines: NDArray[np.float32], rows: NDArray[np.int64], groups: NDArray[np.int64], k: int
) -> NDArray[np.int64]:
    """Places of the nearest member of each of the k nearest groups, the nearest first.

    Only as many of the nearest are put in order as it takes to meet k groups: of 70,000 all would
    take three times as long as working out how near they are.
    """
    taken = SORTED * k
    while True:
        some = np.arange(len(cosines))
        if taken < len(cosines):
            least = np.partition(cosines, -taken)[-taken]
            # All that are as near as the last: which of equal ones comes first, rows decide.
            some = np.flatnonzero(cosines >= least)
        # Equal ones in the order of the set, so that the same question has the same answer.
        order = some[np.lexsort((rows[some], -cosines[some]))]
        _, first = np.unique(groups[rows[order]], return_index=True)
        if len(first) >= k or taken >= len(cosines):
            return order[np.sort(first)[:k]]
        taken *= 8
