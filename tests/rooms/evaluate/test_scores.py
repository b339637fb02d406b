"""The scores are scikit-learn's."""

import json

import numpy as np
import pytest
from sklearn import metrics

from hangtag.records import Evaluation
from hangtag.rooms.evaluate import evaluate


def test_precision_recall_and_f1_are_those_of_the_classification_report(both):
    found = evaluate(both)
    expected = metrics.classification_report(
        both.labels, both.predicted, output_dict=True, zero_division=0
    )
    for number, row in enumerate(found.classes):
        theirs = expected[str(number)]
        assert row.support == theirs["support"]
        assert [row.precision, row.recall, row.f1] == pytest.approx(
            [theirs["precision"], theirs["recall"], theirs["f1-score"]], abs=1e-15
        )
    for row, key in zip(found.averages, ("macro avg", "weighted avg"), strict=True):
        theirs = expected[key]
        assert [row.precision, row.recall, row.f1] == pytest.approx(
            [theirs["precision"], theirs["recall"], theirs["f1-score"]], abs=1e-14
        )
    assert found.scores["accuracy"].value == expected["accuracy"]


def test_loss_auc_and_top_k_are_scikit_learns(both):
    scores = evaluate(both).scores
    doubles = both.probabilities.astype(np.float64)
    assert scores["loss"].value == pytest.approx(
        metrics.log_loss(both.labels, both.probabilities), rel=1e-5
    )
    assert scores["auc"].value == pytest.approx(
        metrics.roc_auc_score(both.labels, doubles, multi_class="ovr"), abs=1e-12
    )
    top_3 = metrics.top_k_accuracy_score(both.labels, both.probabilities, k=3)
    # On ties scikit-learn takes the higher class number first, we the lower, as argmax does.
    assert scores["top_3"].value == pytest.approx(top_3, abs=0.01)


def test_an_evaluation_survives_json(linear):
    settled = {"threshold": 0.5, "threshold_precision": 0.99, "threshold_level": 0.9}
    found = evaluate(linear, **settled, temperature=0.7)
    text = json.dumps(found.to_dict(), allow_nan=False)
    again = Evaluation.from_dict(json.loads(text))
    assert again.to_dict() == found.to_dict()
    assert again.scores["accuracy"] == found.scores["accuracy"]
