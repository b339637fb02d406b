"""Predictions in, what the probabilities themselves are worth out: top-k, AUC, log loss.

To add a score: one function from Predictions to a Score, and one line in
:func:`hangtag.rooms.evaluate.evaluation.evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions, Score
from hangtag.rooms.evaluate.intervals import percentile, share, weights


def top_k(predictions: Predictions, k: int, level: float) -> Score:
    """The share of images whose true class is among the `k` most probable.

    On equal probabilities the lower class number comes first, as in :attr:`Predictions.predicted`.
    """
    rows = np.arange(len(predictions))
    values, labels = predictions.probabilities, predictions.labels
    own = values[rows, labels][:, None]
    before = np.arange(values.shape[1])[None, :] < labels[:, None]
    rank = (values > own).sum(axis=1) + ((values == own) & before).sum(axis=1)
    return share(int((rank < k).sum()), len(predictions), level)


def losses(predictions: Predictions) -> NDArray[np.float64]:
    """``(n,)`` minus the logarithm of the probability of the true class, in nats.

    Probabilities are kept away from 0 and 1 by the precision of float32, as scikit-learn and
    Keras do, so that one certain mistake does not make the loss infinite.
    """
    rows = np.arange(len(predictions))
    own = predictions.probabilities[rows, predictions.labels].astype(np.float64)
    epsilon = float(np.finfo(np.float32).eps)
    result: NDArray[np.float64] = -np.log(np.clip(own, epsilon, 1 - epsilon))
    return result


def loss_and_auc(
    predictions: Predictions, *, level: float, resamples: int, seed: int
) -> dict[str, Score]:
    """Mean log loss, and the area under the ROC curve, both with bootstrap intervals.

    The area is that of each class against the rest, averaged over the classes that have both
    images of their own and others; absent when no class has.

    Returns:
        ``loss`` and, where it is defined, ``auc``.
    """
    n = len(predictions)
    each = losses(predictions)
    orders = tuple(_Order(predictions, one) for one in _with_both(predictions))
    mean, areas = each.mean(), _area(orders, np.ones((n, 1), np.float32))
    drawn_losses, drawn_areas = [], []
    for drawn in weights(n, resamples=resamples, seed=seed):
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn_losses.append(each @ drawn / drawn.sum(axis=0))
            drawn_areas.append(_area(orders, drawn))
    scores = {"loss": percentile(float(mean), np.concatenate(drawn_losses), n, level)}
    if orders:
        scores["auc"] = percentile(float(areas[0]), np.concatenate(drawn_areas), n, level)
    return scores


class _Order:
    """One class against the rest, in the form that makes an area quick for other weights.

    The area is the chance that an image of the class has a higher probability than one that is
    not of it, a tie counting half (the Mann-Whitney statistic). So each other image has a place
    among the images of the class, and only the sums at each place are needed: one sparse product.
    """

    def __init__(self, predictions: Predictions, one: int) -> None:
        from scipy.sparse import csr_array

        values = predictions.probabilities[:, one]
        own, others = predictions.labels == one, np.flatnonzero(predictions.labels != one)
        self.own = np.flatnonzero(own)[np.argsort(-values[own], kind="stable")]
        falling = -values[self.own]
        places = [np.searchsorted(falling, -values[others], side) for side in ("left", "right")]
        shape = (len(self.own) + 1, len(predictions))
        entries = (
            np.full(2 * len(others), 0.5, np.float32),
            (np.concatenate(places), [*others] * 2),
        )
        self.at_place = csr_array(entries, shape=shape)

    def area(self, drawn: NDArray[np.float32]) -> NDArray[np.float64]:
        """``(some,)`` the area when image i counts ``drawn[i]`` times."""
        above = np.zeros((len(self.own) + 1, drawn.shape[1]))
        np.cumsum(drawn[self.own], axis=0, out=above[1:])
        others: NDArray[np.float64] = (self.at_place @ drawn).astype(np.float64)
        pairs = above[-1] * others.sum(axis=0)
        area: NDArray[np.float64] = np.einsum("ps,ps->s", above, others) / pairs
        return area


def _with_both(predictions: Predictions) -> list[int]:
    supports = np.bincount(predictions.labels, minlength=len(predictions.class_names))
    defined = np.flatnonzero((supports > 0) & (supports < len(predictions)))
    # With two classes the second column says it all; averaging both would only add rounding.
    return [1] if len(predictions.class_names) == 2 and len(defined) else defined.tolist()


def _area(orders: Iterable[_Order], drawn: NDArray[np.float32]) -> NDArray[np.float64]:
    areas = [order.area(drawn) for order in orders]
    return np.mean(areas, axis=0) if areas else np.full(drawn.shape[1], np.nan)
