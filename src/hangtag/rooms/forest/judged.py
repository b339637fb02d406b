"""What forests of a grid are scored on: sums of trees' answers in, scores of both parts out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Scores
from hangtag.rooms.forest.scores import scores
from hangtag.rooms.forest.training_points import TrainingPoints


@dataclass(frozen=True, eq=False)
class Judged:
    """Points whose answers are scored.

    Attributes:
        points: ``(n, d)`` training points first, validation points after.
        labels: ``(n,)`` their classes.
        n_training: How many of them are training points.
    """

    points: NDArray[np.float32]
    labels: NDArray[np.int64]
    n_training: int

    def score(
        self, totals: NDArray[np.float64], n_estimators: int, learnt: TrainingPoints
    ) -> tuple[Scores, Scores]:
        """Scores of a forest of so many trees whose sums these are: training, validation."""
        # Divided as scikit-learn does, since dividing can make two sums equal.
        answers = learnt.present[np.argmax(totals / n_estimators, axis=1)]
        cut = self.n_training
        return (
            scores(self.labels[:cut], answers[:cut], learnt.n_classes),
            scores(self.labels[cut:], answers[cut:], learnt.n_classes),
        )
