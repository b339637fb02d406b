"""Predictions in, an Evaluation out: every score with its interval, and what the report shows.

To add a score: a function in a file of its own or in ``ranking.py``, and one line in
:func:`_others`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import Confusion, Evaluation, Predictions, Score
from hangtag.rooms.evaluate.averages import average_scores
from hangtag.rooms.evaluate.calibrate import calibration, scale
from hangtag.rooms.evaluate.check import check, check_level, check_resamples
from hangtag.rooms.evaluate.confusion import count, most_confused
from hangtag.rooms.evaluate.intervals import proportion
from hangtag.rooms.evaluate.mistakes import misclassified
from hangtag.rooms.evaluate.ranking import auc, loss, rankings, top_k
from hangtag.rooms.evaluate.scores import class_scores
from hangtag.rooms.evaluate.unknown import coverage

TOP = (2, 3, 5)


def evaluate(
    predictions: Predictions,
    *,
    split: str = "test",
    threshold: float | None = None,
    threshold_precision: float | None = None,
    threshold_level: float | None = None,
    temperature: float | None = None,
    strange: NDArray[np.bool_] | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Judge a model's answers on one split.

    Proportions of images (accuracy, precision, recall, top-k) carry Wilson's intervals; F1, AUC and
    averages over classes carry them as sure as a proportion of so many images would be; log loss
    carries a bootstrap interval. Where images are too few to say, a score has a reason instead.

    Args:
        predictions: Answers of a model, with the true classes.
        split: What the images are, such as ``test``.
        threshold: Confidence below which the answer is "unknown", chosen on validation images
            by :func:`hangtag.rooms.evaluate.threshold`.
        threshold_precision: The precision it was chosen for.
        threshold_level: How sure it was that new images keep that.
        temperature: Fitted on validation images by :func:`hangtag.rooms.evaluate.temperature`;
            adds the calibration after scaling. No score depends on it.
        strange: ``(n,)`` which images the model calls unlike anything seen, whatever it answers;
            None for one that does not know. The other scores count them as any.
        level: Of all intervals.
        resamples: Bootstrap samples of the log loss.
        seed: Draws them.

    Raises:
        UsageError: The predictions cannot be judged; the sentence says why.
        OptionError: An option has a value it cannot have.
    """
    check(predictions, "evaluate")
    check_level(level)
    check_resamples(resamples)
    if threshold is not None and not 0 <= threshold <= 1:
        raise OptionError(
            f"threshold {threshold} is no confidence", "give a proportion from 0 to 1"
        )
    table = Confusion(count(predictions), predictions.class_names)
    scaled = None if temperature is None else scale(predictions, temperature)
    return Evaluation(
        split=split,
        scores=_proportions(predictions, threshold, level)
        | _strange(strange, level)
        | _others(predictions, level, resamples=resamples, seed=seed),
        classes=class_scores(table, level),
        averages=average_scores(table, level=level),
        confusion=table,
        threshold=threshold,
        threshold_precision=threshold_precision,
        threshold_level=threshold_level,
        pairs=most_confused(table, level=level),
        mistakes=misclassified(predictions),
        calibration=calibration(predictions, level=level),
        coverage=coverage(predictions, level=level),
        temperature=temperature,
        scaled_calibration=None if scaled is None else calibration(scaled, level=level),
        rankings=rankings(predictions),
    )


def _proportions(
    predictions: Predictions, threshold: float | None, level: float
) -> dict[str, Score]:
    right = predictions.predicted == predictions.labels
    n, classes = len(predictions), len(predictions.class_names)
    scores = {"accuracy": proportion(int(right.sum()), n, level)}
    scores |= {f"top_{k}": top_k(predictions, k, level) for k in TOP if k < classes}
    if threshold is not None:
        given = predictions.confidence >= threshold
        scores["answered"] = proportion(int(given.sum()), n, level)
        scores["accuracy_answered"] = proportion(
            int((right & given).sum()), int(given.sum()), level
        )
    return scores


def _strange(strange: NDArray[np.bool_] | None, level: float) -> dict[str, Score]:
    if strange is None:
        return {}
    return {"strange": proportion(int(strange.sum()), len(strange), level)}


def _others(
    predictions: Predictions, level: float, *, resamples: int, seed: int
) -> dict[str, Score]:
    scores = {"loss": loss(predictions, level=level, resamples=resamples, seed=seed)}
    area = auc(predictions, level=level)
    return scores if area is None else scores | {"auc": area}
