"""Predictions in, the confusion matrix and the pairs of classes most often confused out.

To add a view of the table: one function from a Confusion to it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ConfusedPair, Confusion, Predictions
from hangtag.rooms.evaluate.check import check
from hangtag.rooms.evaluate.intervals import proportion


def confusion(predictions: Predictions) -> Confusion:
    """Count how often each class was taken for each other.

    Returns:
        ``(n_classes, n_classes)`` counts, row = true class; :attr:`Confusion.shares` has them
        divided by their row.
    """
    check(predictions, "confusion")
    return Confusion(count(predictions), predictions.class_names)


def count(predictions: Predictions) -> NDArray[np.int64]:
    """``(n_classes, n_classes)`` int64 of checked predictions; row = true class."""
    classes = len(predictions.class_names)
    cells = predictions.labels * classes + predictions.predicted
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def most_confused(
    table: Confusion, *, limit: int = 10, level: float = 0.95
) -> tuple[ConfusedPair, ...]:
    """The mistakes that happen most, each way on its own.

    Args:
        table: The confusion matrix.
        limit: How many pairs at most.
        level: Of the interval of each proportion.

    Returns:
        Most images first; ties in class order. Empty when there is no mistake.
    """
    wrong = table.counts * ~np.eye(len(table.counts), dtype=bool)
    supports = table.counts.sum(axis=1)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    rows, columns = np.unravel_index(order, wrong.shape)
    return tuple(
        ConfusedPair(
            int(row),
            int(column),
            int(wrong[row, column]),
            proportion(int(wrong[row, column]), int(supports[row]), level),
        )
        for row, column in zip(rows, columns, strict=True)
        if wrong[row, column]
    )
