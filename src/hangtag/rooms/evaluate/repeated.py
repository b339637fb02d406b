"""Ways of training that were repeated go in, every pair of them compared comes out.

What is tested is in ``paired``; here is which repetitions belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.records import ComparedRun, Predictions, RepeatedDifference, Score
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
        # By network and seed: what is paired shares its seed, and so its order of images and its
        # start.
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
        # Only seeds that both were trained with; others would compare luck with other luck.
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


def against_base(
    right: NDArray[np.bool_], base: NDArray[np.bool_] | None
) -> tuple[Score | None, float | None]:
    """How much better a way of training is than a base, and how likely that is chance.

    Args:
        right: ``(seeds, n)`` whether the one was right, for each seed about each image.
        base: The same of the base; None for the base itself.

    Returns:
        The difference, None for the base or with one seed; its p-value, None where there are too
        few seeds to test.
    """
    if base is None or len(right) < 2:
        return None, None
    if len(right) < FEWEST_SEEDS:
        reason = f"{len(right)} seeds; {FEWEST_SEEDS} are needed"
        gap = float(right.mean() - base.mean())
        return Score.without(gap, reason, n=right.shape[1]), None
    found = repeats(right, base)
    return found.difference, found.p_value
