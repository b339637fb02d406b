"""Predictions in, the wrong answers out, the most wrong first.

To rank by something else: another function like :func:`wrongness`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions
from hangtag.rooms.evaluate.check import check


def misclassified(predictions: Predictions, *, label: int | None = None) -> NDArray[np.int64]:
    """Positions of the wrong answers in `predictions`, the most wrong first.

    How wrong an answer is: the probability it gave to the wrong class minus the one it gave to
    the true class, from just above 0 (a close call) to 1 (certain and wrong).

    Args:
        predictions: Answers of a model.
        label: Only images of this true class.
    """
    check(predictions, "misclassified")
    wrong = predictions.predicted != predictions.labels
    if label is not None:
        wrong &= predictions.labels == label
    positions = np.flatnonzero(wrong)
    order = np.argsort(-wrongness(predictions)[positions], kind="stable")
    return positions[order]


def wrongness(predictions: Predictions) -> NDArray[np.float64]:
    """``(n,)`` confidence minus the probability of the true class; 0 where the answer is right."""
    own = predictions.probabilities[np.arange(len(predictions)), predictions.labels]
    return predictions.confidence.astype(np.float64) - own
