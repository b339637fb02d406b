"""Predictions in, a calibration curve or a temperature out: are the probabilities probabilities?

To add another way of mending probabilities: a function that fits on validation predictions, and
one that applies it, as :func:`temperature` and :func:`scale` are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.records import Calibration, Predictions
from hangtag.rooms.evaluate.check import check
from hangtag.rooms.evaluate.intervals import wilson

COLDEST, HOTTEST = 0.05, 20.0
_HALVINGS = 50


def calibration(predictions: Predictions, *, bins: int = 10, level: float = 0.95) -> Calibration:
    """Compare the confidence of the answers with how often they are right.

    Source: C. Guo et al., "On calibration of modern neural networks", ICML (2017).

    Args:
        predictions: Answers of a model.
        bins: Bins of equal width from 0 to 1; the upper limit belongs to a bin.
        level: Of the Wilson intervals of the accuracies.
    """
    check(predictions, "calibration")
    if not 2 <= bins <= 1000:
        raise OptionError(f"calibration in {bins} bins", "give 2 to 1000 bins")
    edges = np.linspace(0, 1, bins + 1)
    confidence = predictions.confidence.astype(np.float64)
    # A confidence of exactly 0 belongs to the first bin, which has no lower neighbour.
    where = np.clip(np.searchsorted(edges, confidence) - 1, 0, bins - 1)
    right = predictions.predicted == predictions.labels
    counts = np.bincount(where, minlength=bins)
    hits = np.bincount(where, weights=right, minlength=bins)
    sums = np.bincount(where, weights=confidence, minlength=bins)
    filled = np.maximum(counts, 1)
    mean = np.where(counts > 0, sums / filled, (edges[:-1] + edges[1:]) / 2)
    low, high = wilson(hits, counts, level)
    # Weighted by counts the division by them cancels: |hits - sums| is count times gap.
    error = float(np.abs(hits - sums).sum() / len(predictions))
    return Calibration(edges, counts, mean, hits / filled, low, high, error)


def temperature(predictions: Predictions) -> float:
    """The temperature that makes the log loss of these answers smallest.

    Fit it on validation images; on the test split it would grade its own homework. Above 1 the
    model was too sure of itself, below 1 not sure enough. The loss is convex in the inverse of
    the temperature, so the place where its gradient changes sign is found by halving.

    Returns:
        Between 0.05 and 20; an end when the best one is beyond (every answer right, say).
    """
    check(predictions, "temperature")
    logits = _logits(predictions.probabilities)
    # The gradient of the log loss in the inverse temperature is the expected logit under the model
    # minus the logit of the true class.
    own = logits[np.arange(len(logits)), predictions.labels].mean()
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _ in range(_HALVINGS):
        # The geometric middle: a temperature of 2 is as far from 1 as one of a half.
        middle = (low * high) ** 0.5
        probabilities = _softmax(logits * middle)
        gradient = (probabilities * logits).sum(axis=1).mean() - own
        low, high = (middle, high) if gradient < 0 else (low, middle)
    return float((low * high) ** -0.5)


def scale(predictions: Predictions, temperature: float) -> Predictions:
    """The same answers with their log-probabilities divided by `temperature`.

    No predicted class changes; only how sure the model says it is.

    Raises:
        OptionError: The temperature is not a positive number.
    """
    check(predictions, "scale")
    if not 0 < temperature < np.inf:
        raise OptionError(f"temperature {temperature} is not a positive number")
    softened = _softmax(_logits(predictions.probabilities) / temperature)
    return replace(predictions, probabilities=softened.astype(np.float32))


def _logits(probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logarithms, from the highest of each row down; 0, which forests answer, has none."""
    values = np.maximum(probabilities.astype(np.float64), float(np.finfo(np.float32).eps))
    logits: NDArray[np.float64] = np.log(values / values.max(axis=1, keepdims=True))
    return logits


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits)
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
