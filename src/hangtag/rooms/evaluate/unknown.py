"""Predictions in, what saying "unknown" buys out: accuracy against coverage, and a threshold.

To add another rule for when to answer: a function from Predictions to a confidence.
"""

from __future__ import annotations

from math import log2

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import Coverage, Predictions
from hangtag.rooms.evaluate.check import check, check_level
from hangtag.rooms.evaluate.intervals import normal_quantile, wilson


def coverage(predictions: Predictions, *, points: int = 200, level: float = 0.95) -> Coverage:
    """How accurate the answers are when only the surest are given.

    Args:
        predictions: Answers of a model.
        points: Points of the curve at most, spread evenly over the images.
        level: Of the Wilson intervals of the accuracies.
    """
    check(predictions, "coverage")
    if points < 2:
        raise OptionError(f"a curve of {points} points", "give at least 2")
    confidence, answered, right = _surest_first(predictions)
    # Even in images and not in confidence: most confidences are close to one.
    kept = np.unique(np.linspace(0, len(answered) - 1, min(points, len(answered))).astype(int))
    low, high = wilson(right[kept], answered[kept], level)
    return Coverage(
        thresholds=confidence[kept].astype(np.float64),
        coverage=answered[kept] / len(predictions),
        accuracy=right[kept] / answered[kept],
        low=low,
        high=high,
    )


def threshold(predictions: Predictions, *, precision: float, level: float = 0.95) -> float | None:
    """The confidence from which answers are right as often as wanted, answering most images.

    Choose it on validation images. Below it the answer is "unknown". The proportion of right
    answers that was measured is not enough: of many thresholds some reach it by luck, and luck does
    not come again on new images. What has to reach it is the lower end of Wilson's one-sided
    interval, narrow enough for all thresholds that were looked at: as the answers double their
    proportion is about one new independent look, so the chance of error is divided by the number of
    doublings (Bonferroni). The worst case, a model whose answers are right just too seldom at
    every confidence, is simulated in ``benchmarks/truth.py``.

    Args:
        predictions: Answers of a model on validation images.
        precision: Proportion of the given answers that shall be right, such as 0.99.
        level: How sure it shall be that new images keep it.

    Returns:
        A confidence from 0 (answer everything) to 1, or None when nothing shows that any
        threshold gets there: the model is not good enough, or the images are too few.

    Raises:
        OptionError: `precision` or `level` is not strictly between 0 and 1.
    """
    check(predictions, "threshold")
    if not 0 < precision < 1:
        raise OptionError(
            f"precision {precision} cannot be", "give a proportion below 1, such as 0.99"
        )
    check_level(level)
    confidence, answered, right = _surest_first(predictions)
    # So few answers show nothing even if all of them are right: looks begin behind them.
    fewest = normal_quantile(level) ** 2 * precision / (1 - precision)
    looks = 1 + max(0.0, log2(len(predictions) / fewest))
    reached = wilson(right, answered, max(0.0, 1 - 2 * (1 - level) / looks))[0]
    good = np.flatnonzero(reached >= precision)
    if not len(good):
        return None
    # If even the least sure answer may be given there is nothing to withhold, and no float of the
    # least confidence has to be met exactly.
    return 0.0 if good[-1] == len(answered) - 1 else float(confidence[good[-1]])


def _surest_first(
    predictions: Predictions,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64]]:
    """Every distinct confidence, falling, with the answers given and right from there up."""
    # Equal confidences are given or withheld together: no threshold can tell them apart.
    order = np.argsort(-predictions.confidence, kind="stable")
    confidence = predictions.confidence[order]
    right = np.cumsum((predictions.predicted == predictions.labels)[order])
    last_of_equals = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True))
    return confidence[last_of_equals], last_of_equals + 1, right[last_of_equals]
