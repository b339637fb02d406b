"""Several rankings of the same things go in, one comes out: reciprocal rank fusion.

Cormack, Clarke and Buettcher (2009): ranks can be put together where scores cannot, since a cosine
and a text's score have no common unit.
"""

from __future__ import annotations

from collections.abc import Sequence

FLAT = 60
"""Their constant: how little the first places count more than those that follow."""


def fused(rankings: Sequence[Sequence[int]]) -> list[int]:
    """What stands high in one or more rankings, the best first.

    Args:
        rankings: Each the best first; what one does not have, it says nothing of.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, one in enumerate(ranking, 1):
            scores[one] = scores.get(one, 0) + 1 / (FLAT + rank)
    return sorted(scores, key=lambda one: (-scores[one], one))
