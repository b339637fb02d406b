"""Labels and answers go in, the four scores of a grid's cell come out, as scikit-learn has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Scores


def scores(labels: NDArray[np.int64], answers: NDArray[np.int64], n_classes: int) -> Scores:
    """Accuracy, and precision, recall and F1 averaged over classes by their images.

    Args:
        labels: ``(n,)`` true classes.
        answers: ``(n,)`` predicted ones.
        n_classes: Classes there are. A class that is never predicted has precision 0.
    """
    table = np.bincount(labels * n_classes + answers, minlength=n_classes**2)
    table = table.reshape(n_classes, n_classes)
    hits, called, supports = np.diagonal(table), table.sum(axis=0), table.sum(axis=1)
    proportions = supports / supports.sum()
    return Scores(
        accuracy=float(hits.sum() / supports.sum()),
        precision=float(proportions @ _divided(hits, called)),
        recall=float(proportions @ _divided(hits, supports)),
        f1=float(proportions @ _divided(2 * hits, called + supports)),
    )


def _divided(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
