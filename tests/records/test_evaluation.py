"""What answers are worth: numbers with intervals, or the reason why there is none."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.records import (
    Calibration,
    ClassScore,
    ConfusedPair,
    Confusion,
    Coverage,
    Evaluation,
    Predictions,
    Score,
)

SCORE = Score(0.8895, 0.88320507, 0.89549579, method="Wilson", n=10_000)


def test_a_score_in_a_sentence_has_four_digits():
    assert f"{SCORE}" == str(SCORE) == "0.8895 [0.8832, 0.8955]"
    assert f"{SCORE:.2f}" == "0.89 [0.88, 0.90]"
    assert f"{Score(0.1, 0.05, 0.2, 't', 9):+.3f}" == "+0.100 [+0.050, +0.200]"


def test_a_score_without_an_interval_says_why():
    few = Score.without(0.5, "2 seeds; 3 are needed", n=2)
    assert few.ends is None
    assert few.method == "none"
    assert str(few) == "0.5000 [too few to say: 2 seeds; 3 are needed]"
    assert SCORE.ends == (0.88320507, 0.89549579)


def test_the_first_class_wins_a_tie():
    probabilities = np.array([[0.4, 0.4, 0.2], [0.1, 0.2, 0.7]], np.float32)
    found = Predictions(np.arange(2), np.array([1, 2]), probabilities, ("a", "b", "c"))
    assert found.predicted.tolist() == [0, 2]
    assert found.confidence.tolist() == pytest.approx([0.4, 0.7])
    assert len(found) == 2


def test_no_answers_have_no_confidence():
    none = Predictions(
        np.array([], np.int64), np.array([], np.int64), np.empty((0, 3), np.float32), ("a",) * 3
    )
    assert none.confidence.shape == none.predicted.shape == (0,)


def test_proportions_of_a_class_without_images_are_nothing():
    table = Confusion(np.array([[3, 1], [0, 0]]), ("a", "b"))
    assert table.shares.tolist() == [[0.75, 0.25], [0, 0]]


@pytest.fixture
def evaluation():
    bins = np.array([0.0, 0.5, 1.0])
    two = np.array([0.4, 0.9])
    calibration = Calibration(bins, np.array([1, 3]), two, two, two - 0.1, two + 0.1, 0.02)
    coverage = Coverage(two[::-1], two, two, two - 0.1, two + 0.1)
    rows = tuple(ClassScore(name, 0.7, 0.8, 0.75, 2, {"f1": SCORE}) for name in ("a", "b"))
    return Evaluation(
        "test", {"accuracy": SCORE}, rows, (ClassScore("macro average", 0.7, 0.8, 0.75, 4),),
        Confusion(np.array([[2, 0], [1, 1]]), ("a", "b")), 0.6, 0.95, None,
        (ConfusedPair(1, 0, 1, SCORE),), np.array([3]), calibration, coverage, 1.5, calibration,
    )  # fmt: skip


def test_an_evaluation_counts_its_images_and_says_its_accuracy(evaluation):
    assert len(evaluation) == 4
    assert repr(evaluation) == ("<Evaluation of 4 test images: accuracy 0.8895 (0.8832 to 0.8955)>")


def test_an_evaluation_survives_json_its_matrix_by_itself(evaluation):
    values = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert values["confusion"] == [[2, 0], [1, 1]]
    assert values["class_names"] == ["a", "b"]
    back = Evaluation.from_dict(values)
    assert back.scores == evaluation.scores
    assert back.classes == evaluation.classes
    assert back.pairs == evaluation.pairs
    assert back.confusion.class_names == ("a", "b")
    assert np.array_equal(back.confusion.counts, evaluation.confusion.counts)
    assert np.array_equal(back.mistakes, evaluation.mistakes)
    assert np.array_equal(back.coverage.low, evaluation.coverage.low)
    assert back.to_dict() == evaluation.to_dict()


def test_what_evaluations_did_not_have_once_is_none():
    plain = Evaluation(
        "test", {"accuracy": SCORE}, (), (), Confusion(np.eye(2, dtype=int), ("a", "b"))
    )
    values = plain.to_dict()
    for name in ("threshold_level", "temperature", "scaled_calibration"):
        del values[name]
    back = Evaluation.from_dict(values)
    assert back.threshold_level is back.temperature is back.scaled_calibration is None
