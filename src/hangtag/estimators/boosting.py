"""Gradient boosting: scikit-learn's trees by histograms, kept as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.estimators.classical import Arrays, Classical, Graph, Learning, Sizes, Tried
from hangtag.estimators.tree_sums import from_predictors, sum_node, sums_of, tree_sizes
from hangtag.geometry.as_onnx import PROBABILITIES
from hangtag.geometry.threads import limited
from hangtag.progress import Progress
from hangtag.requests import BoostingRequest

FEW = 4_000_000


class _Boosting(Classical):
    """Every round adds a tree to each class's sum; the sums' softmax answers."""

    name, noun, title = "boosting", "boosted forest", "Gradient boosting"
    record = BoostingRequest

    def tried(
        self, learning: Learning, options: BoostingRequest, progress: Progress
    ) -> Iterator[Tried]:
        """Every number of rounds, read off the longest: its first rounds are the shorter one."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        # scikit-learn tells nothing while it fits, so this is all that can be told.
        progress("boosting", 0, max(options.rounds))
        model = HistGradientBoostingClassifier(
            max_iter=max(options.rounds),
            learning_rate=options.learning_rate,
            max_leaf_nodes=options.max_leaf_nodes,
            min_samples_leaf=options.min_samples_leaf,
            l2_regularization=options.l2,
            # scikit-learn would hold out images of its own choice; rounds are chosen on the split's
            # validation images.
            early_stopping=False,
            random_state=options.seed,
        )
        # On few numbers threads wait for each other longer than they work.
        with limited(1 if learning.points.size < FEW else None, of="openmp"):
            model.fit(learning.points, learning.labels)
        present = model.classes_.astype(np.int64)
        for rounds in sorted(set(options.rounds)):
            trees = model._predictors[:rounds]  # noqa: SLF001 - nothing public has the trees
            start = model._baseline_prediction  # noqa: SLF001
            yield Tried({"rounds": rounds}, from_predictors(trees, start, present, learning))

    def answer(self, arrays: Arrays, points: NDArray[np.float32]) -> NDArray[np.float64]:
        """Softmax of the sums; a class that training did not have gets nothing."""
        sums = sums_of(arrays, points)
        powers: NDArray[np.float64] = np.exp(sums - sums.max(axis=1, keepdims=True))
        powers /= powers.sum(axis=1, keepdims=True)
        return powers

    def sizes(self, arrays: Arrays) -> Sizes:
        """Those of its trees."""
        return tree_sizes(arrays)

    def graph(self, arrays: Arrays) -> Graph:
        """All trees as one operator."""
        from onnx import helper

        softmax: Any = helper.make_node("Softmax", ["sums"], [PROBABILITIES], axis=1)
        return Graph([sum_node(arrays, "sums"), softmax], [], [("ai.onnx.ml", 3)])


BOOSTING = _Boosting()
