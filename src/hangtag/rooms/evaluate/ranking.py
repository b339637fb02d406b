"""Predictions in, what the probabilities themselves are worth out: top-k, log loss, AUC.

To add a score: one function from Predictions to a Score, and one line in
:func:`hangtag.rooms.evaluate.evaluation.evaluate`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions, Ranking, Score
from hangtag.rooms.evaluate.intervals import (
    FEWEST,
    equivalent,
    mean_score,
    proportion,
    wilson_score,
)

POINTS, FIRST_POINTS = 72, 8
"""Points of a curve that are kept, along its axes and at its beginning."""

RANKED = 4
"""Images of a proportion that one image of an area is worth at most (``benchmarks/truth.py``)."""


def top_k(predictions: Predictions, k: int, level: float) -> Score:
    """The proportion of images whose true class is among the `k` most probable.

    On equal probabilities the lower class number comes first, as in :attr:`Predictions.predicted`.
    """
    rows = np.arange(len(predictions))
    values, labels = predictions.probabilities, predictions.labels
    own = values[rows, labels][:, None]
    before = np.arange(values.shape[1])[None, :] < labels[:, None]
    rank = (values > own).sum(axis=1) + ((values == own) & before).sum(axis=1)
    return proportion(int((rank < k).sum()), len(predictions), level)


def loss(predictions: Predictions, *, level: float, resamples: int, seed: int) -> Score:
    """Mean log loss, in nats, with a bootstrap interval.

    Probabilities are kept away from 0 and 1 by the precision of float32, as scikit-learn and
    Keras do, so that one certain mistake does not make the loss infinite. A mistake can cost as
    much as a thousand right answers, so how high the mean may be is not known before some have
    been seen: with fewer than :data:`FEWEST` the interval is refused.
    """
    rows = np.arange(len(predictions))
    own = predictions.probabilities[rows, predictions.labels].astype(np.float64)
    epsilon = float(np.finfo(np.float32).eps)
    each = -np.log(np.clip(own, epsilon, 1 - epsilon))
    wrong = int((predictions.predicted != predictions.labels).sum())
    if wrong < FEWEST:
        reason = f"{wrong} wrong answers, which make most of a log loss; {FEWEST} are needed"
        return Score.without(float(each.mean()), reason, n=len(each), level=level)
    return mean_score(each, level=level, resamples=resamples, seed=seed)


def auc(predictions: Predictions, *, level: float) -> Score | None:
    """The area under the ROC curve of each class against the rest, averaged over the classes.

    It is the chance that an image of the class is given more of it than one that is not, a tie
    counting half. The interval is Wilson's, for as many images as would give a plain proportion the
    variance that DeLong's method finds; a bootstrap finds none when all are ranked rightly. Where
    a class has, or leaves, fewer than :data:`FEWEST` images the interval is refused.
    Source: E. DeLong, D. DeLong, D. Clarke-Pearson, "Comparing the areas under two or more
    correlated receiver operating characteristic curves", Biometrics 44 (1988).

    Returns:
        None when no class has both images of its own and others.
    """
    classes = _with_both(predictions)
    if not classes:
        return None
    areas, influence = [], np.zeros(len(predictions))
    for one in classes:
        own = predictions.labels == one
        places = _placements(predictions.probabilities[:, one], own)
        areas.append(places[own].mean())
        # DeLong's placements: how each image alone moves the area. Their sum over classes gives the
        # variance of the mean area with all covariances, as classes share images.
        influence[own] += places[own] / own.sum()
        influence[~own] += places[~own] / (~own).sum()
    influence /= len(classes)
    supports = np.bincount(predictions.labels, minlength=len(predictions.class_names))
    value = float(np.mean(areas))
    fewest = int(np.minimum(supports, len(predictions) - supports)[classes].min())
    if fewest < FEWEST:
        reason = f"one class against the rest is {fewest} images; {FEWEST} are needed"
        return Score.without(value, reason, n=len(predictions), level=level)
    # Every image is ranked once for each class, so it tells more than one of a share: as much as
    # two of them with two classes, four with four. More classes add hardly anything, as one
    # image's ranks go together. That is what simulation found, not a theorem.
    least = float(min(max(len(classes), 2), RANKED) * len(predictions))
    images = equivalent(value, _variance(influence, predictions.labels, supports), least, level)
    return wilson_score(value, images, level=level, method="Wilson, DeLong", n=len(predictions))


def rankings(predictions: Predictions) -> tuple[Ranking, ...]:
    """ROC and precision–recall of each class against the rest, as scikit-learn computes them.

    Of two classes there is the second one's alone, as in :func:`auc`.
    """
    return tuple(_ranking(predictions, one) for one in _with_both(predictions))


def _ranking(predictions: Predictions, label: int) -> Ranking:
    own = predictions.labels == label
    values = predictions.probabilities[:, label]
    order = np.argsort(-values, kind="stable")
    falling, hits = values[order], np.cumsum(own[order])
    # Images of the same probability come over the limit together.
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    found, taken = hits[ends].astype(np.float64), ends + 1.0
    recall, precision = found / found[-1], found / taken
    wrong = (taken - found) / (len(own) - found[-1])
    rises = np.diff(recall, prepend=0.0)
    kept = _telling(wrong, recall)
    return Ranking(
        label=label,
        support=int(own.sum()),
        auc=float(_placements(values, own)[own].mean()),
        average_precision=float((rises * precision).sum()),
        false_positives=wrong[kept],
        recall=recall[kept],
        precision=precision[kept],
    )


def _telling(wrong: NDArray[np.float64], recall: NDArray[np.float64]) -> NDArray[np.int64]:
    """Which points draw both curves: the last below each of even steps along either axis."""
    steps = np.linspace(0, 1, POINTS // 2)
    places = [np.searchsorted(one, steps, "right") - 1 for one in (wrong, recall)]
    # Where the limit is highest precision changes most with each image.
    first = np.arange(min(len(recall), FIRST_POINTS))
    return np.unique(np.concatenate([*places, first, [len(recall) - 1]]).clip(0))


def _with_both(predictions: Predictions) -> list[int]:
    supports = np.bincount(predictions.labels, minlength=len(predictions.class_names))
    defined = np.flatnonzero((supports > 0) & (supports < len(predictions)))
    # With two classes the second column says it all; averaging both would only add rounding.
    return [1] if len(predictions.class_names) == 2 and len(defined) else defined.tolist()


def _placements(values: NDArray[np.float32], own: NDArray[np.bool_]) -> NDArray[np.float64]:
    """``(n,)`` for each image the proportion of the other kind that it is ranked rightly to."""
    places = np.empty(len(values))
    for kind in (own, ~own):
        other = np.sort(values[~kind])
        # Ties count half, from counting once below and once not above.
        below = np.searchsorted(other, values[kind], "left")
        not_above = np.searchsorted(other, values[kind], "right")
        places[kind] = (below + not_above) / (2 * len(other))
    places[~own] = 1 - places[~own]
    return places


def _variance(
    influence: NDArray[np.float64], labels: NDArray[np.int64], supports: NDArray[np.int64]
) -> float:
    """Of the mean area: what the images of each class add to it varies around its class mean."""
    sums = np.bincount(labels, weights=influence, minlength=len(supports))
    spread = influence - (sums / np.maximum(supports, 1))[labels]
    squares = np.bincount(labels, weights=spread**2, minlength=len(supports))
    return float((squares * supports / np.maximum(supports - 1, 1)).sum())
