"""Recipes of runs compared by training them anew: five random halvings, each half tested once.

What comes of the scores is said in ``rooms/evaluate/repeated.py``, with its source.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hangtag.estimators import estimator_of
from hangtag.progress import Progress
from hangtag.records import ImageSet, RepeatedDifference
from hangtag.rooms import evaluate as evaluate_room
from hangtag.runs import Run

REPEATS = 5


def five_by_two(
    runs: Mapping[str, Run], images: ImageSet, progress: Progress
) -> tuple[RepeatedDifference, ...]:
    """Train every run's recipe on each half of five random halvings, and test it on the other.

    Args:
        runs: Runs with the same test images, by what each is called.
        images: Theirs; test images take no part.
        progress: Told how far it is.

    Returns:
        A test of every pair.
    """
    split = next(iter(runs.values())).split()
    # All runs have the same test images, so what is not among them may be divided anew.
    kept = np.concatenate([split.train, split.validation])
    scores = {name: np.zeros((REPEATS, 2)) for name in runs}
    whole = 2 * REPEATS * len(runs)
    for repeat in range(REPEATS):
        order = np.random.default_rng(repeat).permutation(kept)
        halves = (order[: len(order) // 2], order[len(order) // 2 :])
        for half in range(2):
            for place, (name, run) in enumerate(runs.items()):
                progress("5x2cv", (2 * repeat + half) * len(runs) + place, whole, name)
                fold = (halves[half], halves[1 - half])
                kind = estimator_of(run.config.spec)
                scores[name][repeat, half] = kind.score_again(run.config, images, fold, repeat)
    progress("5x2cv", whole, whole)
    return evaluate_room.over_halves(scores, len(kept) // 2)
