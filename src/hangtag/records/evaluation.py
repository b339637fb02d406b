"""Answers of a model, and what they are worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model answered on some images of one set.

    Attributes:
        indices: ``(n,)`` int64, into the image set's images.
        labels: ``(n,)`` int64, the true dense classes.
        probabilities: ``(n, n_classes)`` float32, each row summing to one.
        class_names: One name per class.
    """

    indices: NDArray[np.int64]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """``(n,)`` the most probable class of each image."""
        best: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return best

    @property
    def confidence(self) -> NDArray[np.float32]:
        """``(n,)`` the probability of the predicted class."""
        highest: NDArray[np.float32] = np.max(self.probabilities, axis=1, initial=0.0)
        return highest


@dataclass(frozen=True)
class Score:
    """A number with the interval it may really be in.

    Attributes:
        value: The score as measured.
        low: Lower end of the interval.
        high: Upper end of the interval.
        level: Share of such intervals that hold the true value, 0.95 as a rule.
        method: How the interval was made, such as ``Wilson``.
        n: Images the score was measured on.
    """

    value: float
    low: float
    high: float
    method: str
    n: int
    level: float = 0.95

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class ClassScore:
    """Precision, recall and F1 of one class, or of an average over classes.

    Attributes:
        name: The class, or ``macro average`` or ``weighted average``.
        precision: Of the images called this class, the share that is.
        recall: Of the images that are this class, the share called so.
        f1: Harmonic mean of the two.
        support: Images of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each class was taken for each other.

    Attributes:
        counts: ``(n_classes, n_classes)`` int64; row = true class, column = predicted class.
        class_names: Names of rows and columns.
    """

    counts: NDArray[np.int64]
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model's answers on one split are worth.

    Attributes:
        split: Which split it was: ``test`` as a rule.
        scores: ``accuracy``, ``loss`` and others by name, each with its interval.
        classes: One row per class in class order.
        averages: The macro and the weighted average.
        confusion: Who was taken for whom.
        threshold: Confidence below which the answer is "unknown"; None when never.
        threshold_precision: The precision that threshold was chosen for, on validation images.
    """

    split: str
    scores: Mapping[str, Score]
    classes: tuple[ClassScore, ...]
    averages: tuple[ClassScore, ...]
    confusion: Confusion
    threshold: float | None = None
    threshold_precision: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return {
            "split": self.split,
            "scores": {name: vars(score) for name, score in self.scores.items()},
            "classes": [vars(row) for row in self.classes],
            "averages": [vars(row) for row in self.averages],
            "confusion": self.confusion.counts.tolist(),
            "class_names": list(self.confusion.class_names),
            "threshold": self.threshold,
            "threshold_precision": self.threshold_precision,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """From what :meth:`to_dict` gave."""
        counts = np.asarray(values["confusion"], np.int64)
        return cls(
            split=values["split"],
            scores={name: Score(**score) for name, score in values["scores"].items()},
            classes=tuple(ClassScore(**row) for row in values["classes"]),
            averages=tuple(ClassScore(**row) for row in values["averages"]),
            confusion=Confusion(counts, tuple(values["class_names"])),
            threshold=values["threshold"],
            threshold_precision=values["threshold_precision"],
        )
