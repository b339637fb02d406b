"""A model's training images go in, the metric that a search by it measures by comes out.

And what it is worth: among validation images, of the classes that it knows and of two at a time
that it was not told of. It is kept where it finds more, and no report needs to promise.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import BundleError
from hangtag.geometry import Metric, directions, fit_metric, metric_from_arrays
from hangtag.records import Classifier
from hangtag.rooms import models as models_room
from hangtag.rooms import search as search_room
from hangtag.rooms.models import Bundle

K = 10
"""How many of the nearest are looked at."""
FEWEST = K + 1
"""Validation images that a class has at least, to be one of two that are held out."""
MOST_PAIRS = 5
FACT = "search"
"""Where a bundle says what its metric is worth."""

Points = NDArray[np.float32]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Worth:
    """Of the ten nearest of a validation image the proportion of its class, averaged.

    Attributes:
        queries: How many images were asked about.
        own: By the embedding alone.
        metric: By the metric.
        unseen: Both, of two classes at a time that a metric was not told of; None where too few
            classes have enough images.
    """

    queries: int
    own: float
    metric: float
    unseen: tuple[float, float] | None

    @property
    def facts(self) -> dict[str, Any]:
        """For the bundle."""
        return asdict(self)

    @property
    def words(self) -> str:
        """As a sentence of a report."""
        said = (
            f"search: of the {K} nearest of a validation image {self.metric:.0%} are of its class"
            f" by the metric that was learned from the classes, {self.own:.0%} without it"
        )
        if self.unseen is None:
            return said
        own, metric = self.unseen
        return f"{said}; among classes that it was not told of {metric:.0%}, {own:.0%} without it"


def learned(
    points: Points, labels: Labels, held: Points, truth: Labels
) -> tuple[Metric | None, Worth]:
    """The metric of a model, and what it is worth; None where the embedding alone finds as much.

    Args:
        points: ``(n, d)`` of training images.
        labels: ``(n,)`` their classes.
        held: ``(m, d)`` of validation images.
        truth: ``(m,)`` their classes.
    """
    metric = fit_metric(points, labels)
    own, by_metric = _precision(held, truth, metric)
    worth = Worth(len(held), own, by_metric, _unseen(points, labels, held, truth))
    return (metric if by_metric > own else None), worth


def metric_of(classifier: Classifier) -> Metric | None:
    """What a search by a model measures by, of a bundle or in memory; None for a cosine alone.

    Raises:
        BundleError: The bundle is damaged.
    """
    if not isinstance(classifier, Bundle):
        return getattr(classifier, "metric", None)
    if FACT not in classifier.facts:  # and its arrays, which may be large, are not read
        return None
    try:
        return metric_from_arrays(models_room.weights_from_bundle(classifier))
    except (KeyError, ValueError):
        said = f"what {classifier.path} measures by is damaged"
        raise BundleError(said, "train it again, or bring a copy back") from None


def _unseen(
    points: Points, labels: Labels, held: Points, truth: Labels
) -> tuple[float, float] | None:
    known = np.unique(labels)
    enough = [one for one in known if np.count_nonzero(truth == one) >= FEWEST]
    pairs = [*zip(enough[::2], enough[1::2], strict=False)][:MOST_PAIRS]
    if len(known) < 4 or not pairs:  # two are held out, and a metric needs two
        return None
    found = []
    for pair in pairs:
        told, asked = ~np.isin(labels, pair), np.isin(truth, pair)
        found.append(_precision(held[asked], truth[asked], fit_metric(points[told], labels[told])))
    own, metric = np.mean(found, axis=0)
    return float(own), float(metric)


def _precision(points: Points, labels: Labels, metric: Metric) -> tuple[float, float]:
    """Without the metric and by it."""
    found, alone, names = directions(points), np.arange(len(points)), labels.astype(str).tolist()
    both = (found, metric.of(found))
    own, other = (search_room.measured(one, alone, names, K).precision for one in both)
    return own, other
