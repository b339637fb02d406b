"""Ways of training that were repeated go in, every pair of them compared comes out.

What is tested is in ``paired``; here is which repetitions belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.records import ComparedRun, Predictions, RepeatedDifference
from hangtag.rooms.evaluate.compare import right_answers
from hangtag.rooms.evaluate.paired import FEWEST_SEEDS, five_by_two, repeats


def over_seeds(
    rows: Sequence[ComparedRun], answers: Mapping[str, Predictions]
) -> tuple[RepeatedDifference, ...]:
    """Compare every two networks that were trained with enough seeds in common.

    Args:
        rows: The runs, each with its network and seed.
        answers: What each answered, by its name.

    Raises:
        UsageError: No two networks were, or two runs have the same network and seed.
    """
    right = right_answers(answers)
    scores: dict[str, dict[int, NDArray[np.bool_]]] = {}
    for row in rows:
        of_network = scores.setdefault(row.network, {})
        if row.seed in of_network:
            raise UsageError(
                f"two runs of {row.network} have the seed {row.seed}, so which one stands for "
                "that seed is not said",
                "give one run for each network and seed",
            )
        of_network[row.seed] = right[row.name]
    made = []
    for (first, one), (second, other) in combinations(scores.items(), 2):
        seeds = tuple(sorted(one.keys() & other.keys()))
        if len(seeds) >= FEWEST_SEEDS:
            test = repeats([one[seed] for seed in seeds], [other[seed] for seed in seeds])
            made.append(RepeatedDifference(first, second, seeds, test))
    if not made:
        raise UsageError(
            f"comparing over seeds needs two networks with {FEWEST_SEEDS} or more seeds in common",
            "train each with --seed 0, --seed 1, --seed 2, … first",
        )
    return tuple(made)


def over_halves(
    scores: Mapping[str, NDArray[np.float64]], images: int
) -> tuple[RepeatedDifference, ...]:
    """Compare every two ways of training that were scored on both halves of five divisions.

    Args:
        scores: ``(5, 2)`` of each by its name.
        images: Images of a half.
    """
    return tuple(
        RepeatedDifference(
            one, other, tuple(range(5)), five_by_two(scores[one] - scores[other], images=images)
        )
        for one, other in combinations(scores, 2)
    )
