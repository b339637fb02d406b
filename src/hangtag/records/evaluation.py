"""Answers of a model, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records.stored import Floats, Ints, Stored
from hangtag.records.upstairs import Framed, Plotted


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model answered on some images of one set.

    Attributes:
        indices: ``(n,)`` int64, into the image set's images.
        labels: ``(n,)`` int64, the true dense classes.
        probabilities: ``(n, n_classes)`` float32, each row summing to one.
        class_names: One name per class.
        fingerprint: Fingerprint of the image set the indices count in; empty when not known.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    class_names: tuple[str, ...]
    fingerprint: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """``(n,)`` the most probable class of each image; the first one on a tie."""
        best: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return best

    @property
    def confidence(self) -> NDArray[np.float32]:
        """``(n,)`` the probability of the predicted class."""
        highest: NDArray[np.float32] = np.max(self.probabilities, axis=1, initial=0.0)
        return highest


@dataclass(frozen=True)
class Score:
    """A number with the interval it may really be in, or the reason why none is given.

    Attributes:
        value: The score as measured.
        low: Lower end of the interval; None where the images are too few to say.
        high: Upper end of the interval; None with `low`.
        method: How the interval was made, such as ``Wilson``; ``none`` without one.
        n: Images the score was measured on.
        level: Proportion of such intervals that hold the true value, 0.95 as a rule.
        reason: Why there is no interval; empty when there is one.
    """

    value: float
    low: float | None
    high: float | None
    method: str
    n: int
    level: float = 0.95
    reason: str = ""

    @classmethod
    def without(cls, value: float, reason: str, *, n: int, level: float = 0.95) -> Score:
        """A score whose interval is refused, and why."""
        return cls(value, None, None, "none", n, level, reason)

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends of the interval, or None."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def __str__(self) -> str:
        return format(self, ".4f")

    def __format__(self, digits: str) -> str:
        """Value and interval with each number written so: ``.4f``, or ``+.4f`` for differences."""
        digits = digits or ".4f"  # in an f-string without any
        if self.ends is None:
            return f"{self.value:{digits}} [too few to say: {self.reason}]"
        low, high = self.ends
        return f"{self.value:{digits}} [{low:{digits}}, {high:{digits}}]"


@dataclass(frozen=True)
class ClassScore(Stored):
    """Precision, recall and F1 of one class, or of an average over classes.

    Attributes:
        name: The class, or ``macro average`` or ``weighted average``.
        precision: Of the images called this class, the proportion that is.
        recall: Of the images that are this class, the proportion called so.
        f1: Harmonic mean of the two.
        support: Images of this class.
        intervals: ``precision``, ``recall`` and ``f1`` with their intervals, or why not.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    intervals: Mapping[str, Score] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each class was taken for each other.

    Attributes:
        counts: ``(n_classes, n_classes)`` int64; row = true class, column = predicted class.
        class_names: Names of rows and columns.
    """

    counts: Ints
    class_names: tuple[str, ...]

    @property
    def shares(self) -> NDArray[np.float64]:
        """``(n_classes, n_classes)`` counts divided by their row's sum; 0 in an empty row."""
        rows = self.counts.sum(axis=1, keepdims=True)
        divided: NDArray[np.float64] = self.counts / np.maximum(rows, 1)
        return divided


@dataclass(frozen=True)
class ConfusedPair:
    """One class taken for another.

    Attributes:
        label: The true class.
        predicted: What it was taken for.
        count: How many images.
        share: The same as a proportion of the images of the true class.
    """

    label: int
    predicted: int
    count: int
    share: Score


@dataclass(frozen=True, eq=False)
class Calibration(Stored):
    """Whether "90 % sure" is right nine times in ten: answers in bins of confidence.

    Attributes:
        edges: ``(bins + 1,)`` limits of the bins, from 0 to 1.
        counts: ``(bins,)`` int64, answers in each.
        confidence: ``(bins,)`` their mean confidence; the middle of the bin where it is empty.
        accuracy: ``(bins,)`` the proportion that is right; 0 where it is empty.
        low: ``(bins,)`` lower end of the Wilson interval of the accuracy.
        high: ``(bins,)`` upper end.
        error: Mean distance of confidence and accuracy, weighted by counts (expected calibration
            error); a little above zero even for a perfect model, by chance.
    """

    edges: Floats
    counts: Ints
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    error: float


@dataclass(frozen=True, eq=False)
class Coverage(Stored):
    """How accurate the answers are when the least sure ones are withheld as "unknown".

    Attributes:
        thresholds: ``(points,)`` confidences from which answers are given, falling.
        coverage: ``(points,)`` the proportion of images answered, rising to 1.
        accuracy: ``(points,)`` the proportion of the answers that is right.
        low: ``(points,)`` lower end of the Wilson interval of the accuracy.
        high: ``(points,)`` upper end.
    """

    thresholds: Floats
    coverage: Floats
    accuracy: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, eq=False)
class Ranking(Stored):
    """How well the probability of one class ranks its own images before all others.

    Points of both curves are measured ones, at most some eighty of them; from one to the next the
    threshold of the probability falls.

    Attributes:
        label: The class.
        support: Images of it.
        auc: Area under the ROC curve, from all images.
        average_precision: Sum of precisions, each weighted by how much recall rises to it.
        false_positives: ``(points,)`` proportion of the other images above the threshold, rising to
            1.
        recall: ``(points,)`` proportion of its own above it, rising to 1.
        precision: ``(points,)`` proportion of what is above it that is its own.
    """

    label: int
    support: int
    auc: float
    average_precision: float
    false_positives: Floats
    recall: Floats
    precision: Floats


@dataclass(frozen=True, eq=False)
class Evaluation(Stored, Plotted, Framed):
    """What a model's answers on one split are worth.

    Attributes:
        split: Which split it was: ``test`` as a rule.
        scores: ``accuracy``, ``loss``, ``auc``, ``top_3`` and others by name, each with its
            interval; ``answered`` and ``accuracy_answered`` when there is a threshold;
            ``strange``, the proportion called unlike anything seen, where the model knows.
        classes: One row per class in class order.
        averages: The macro and the weighted average.
        confusion: The confusion matrix.
        threshold: Confidence below which the answer is "unknown"; None when none could be
            chosen, and every answer of the tagger is "unknown".
        threshold_precision: The precision that threshold was chosen for, on validation images.
        threshold_level: How sure it was that new images keep that precision; None where what
            was measured alone decided, as in runs trained before thresholds had a bound.
        pairs: The most confused pairs of classes, most images first.
        mistakes: Positions of all wrong answers in the predictions, the most wrong first.
        calibration: Confidence against accuracy.
        coverage: Accuracy when the least sure answers are withheld.
        temperature: Divisor of the log-probabilities fitted on validation images; None without.
        scaled_calibration: The calibration after dividing by that temperature.
        rankings: ROC and precision–recall of each class against the rest; of classes that have
            no images, or all of them, there are none.
    """

    split: str
    scores: Mapping[str, Score]
    classes: tuple[ClassScore, ...]
    averages: tuple[ClassScore, ...]
    confusion: Confusion
    threshold: float | None = None
    threshold_precision: float | None = None
    threshold_level: float | None = None
    pairs: tuple[ConfusedPair, ...] = ()
    mistakes: Ints | None = None
    calibration: Calibration | None = None
    coverage: Coverage | None = None
    temperature: float | None = None
    scaled_calibration: Calibration | None = None
    rankings: tuple[Ranking, ...] = ()

    def __len__(self) -> int:
        return int(self.confusion.counts.sum())

    def __repr__(self) -> str:
        score = self.scores["accuracy"]
        ends = f" ({score.low:.4f} to {score.high:.4f})" if score.ends else ""
        return (
            f"<Evaluation of {len(self):,} {self.split} images: accuracy {score.value:.4f}{ends}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse. The matrix stands by itself."""
        counts = self.confusion.counts.tolist()
        names = list(self.confusion.class_names)
        return super().to_dict() | {"confusion": counts, "class_names": names}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """From what :meth:`to_dict` gave."""
        others = {name: one for name, one in values.items() if name != "class_names"}
        matrix = {"counts": values["confusion"], "class_names": values["class_names"]}
        return super().from_dict(others | {"confusion": matrix})
