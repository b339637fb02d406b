"""A confusion table in, precision, recall and F1 per class out, with intervals.

Values are those of scikit-learn's ``classification_report``, to the digit. To add a measure per
class: one line in :func:`measures` and its interval in :func:`class_scores`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ClassScore, Confusion, Score
from hangtag.rooms.evaluate.intervals import proportion, wilson

MEASURES = ("precision", "recall", "f1")


def measures(tables: NDArray[np.int64]) -> NDArray[np.float64]:
    """Precision, recall and F1 of every class, 0 where there is nothing to divide by.

    Args:
        tables: ``(…, n_classes, n_classes)`` counts, row = true class.

    Returns:
        ``(…, 3, n_classes)`` float64 in the order of :data:`MEASURES`.
    """
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    called, supports = tables.sum(axis=-2), tables.sum(axis=-1)
    return np.stack(
        [_divide(hits, called), _divide(hits, supports), _divide(2 * hits, called + supports)],
        axis=-2,
    )


def class_scores(table: Confusion, level: float) -> tuple[ClassScore, ...]:
    """One row per class, in class order."""
    values = measures(table.counts)
    called, supports = table.counts.sum(axis=0), table.counts.sum(axis=1)
    hits = np.diagonal(table.counts)
    return tuple(
        ClassScore(
            name,
            *three(values[:, one]),
            support=int(supports[one]),
            intervals={
                "precision": proportion(int(hits[one]), int(called[one]), level),
                "recall": proportion(int(hits[one]), int(supports[one]), level),
                "f1": _f1(int(hits[one]), int(called[one] + supports[one]), level),
            },
        )
        for one, name in enumerate(table.class_names)
    )


def _f1(hits: int, called_and_support: int, level: float) -> Score:
    """F1 = 2J / (1 + J), where J is a plain share: hits among images called so, or so, or both.

    Given how many those are, the hits are binomial, so Wilson's interval of J carries over, and
    does not shrink to nothing on a class that is never (or always) found, as a bootstrap would.
    """
    union = called_and_support - hits
    low, high = wilson(hits, union, level)
    value = 2 * hits / called_and_support if called_and_support else 0.0
    ends = [float(2 * end / (1 + end)) for end in (low, high)]
    return Score(value, min(ends[0], value), max(ends[1], value), "Wilson", union, level)


def three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """Precision, recall and F1 as plain numbers."""
    precision, recall, f1 = values.tolist()
    return precision, recall, f1


def _divide(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros(below.shape), where=below > 0)
