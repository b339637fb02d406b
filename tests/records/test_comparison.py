"""Runs on the same images: every way in which two differ, once for pages and once for screens."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.records import (
    ClassComparison,
    ClassScore,
    ComparedRun,
    Comparison,
    Difference,
    Disagreement,
    RepeatedDifference,
    RepeatedTest,
    RunComparison,
    Score,
)

ACCURACY = Score(0.75, 0.6, 0.85, "Wilson", 40)
GAP = Score(0.05, -0.02, 0.12, "Newcombe", 40)


def disagreement(index, first, second):
    return Disagreement(index, index + 100, 0, first, second)


@pytest.fixture
def found():
    gap = Difference(
        "one", "two", GAP, np.array([0, 1, 2]), np.array([7]), 0.04, 0.08, "McNemar mid-p"
    )
    scores = {name: ClassScore("coat", 0.7, 0.8, 0.75, 20) for name in ("one", "two")}
    best = dict.fromkeys(("precision", "recall", "f1"), ("one", "two"))
    rows = (ClassComparison("coat", 20, scores, best),)
    comparison = Comparison(
        ("one", "two"),
        ("coat", "shoe"),
        40,
        {"one": ACCURACY, "two": ACCURACY},
        rows,
        rows,
        (gap,),
        np.array([0, 0, 1]),
        {"one": np.array([0, 0, 1]), "two": np.array([1, 0, 0])},
    )
    runs = tuple(
        ComparedRun(name, "s0-cnn", 0, ACCURACY, None, 10, 3, 1.0, 1e-4, None)
        for name in ("one", "two")
    )
    listed = ((disagreement(0, 0, 1), disagreement(1, 0, 1)), (disagreement(7, 1, 0),))
    test = RepeatedTest(GAP, 0.3, 1.2, 2.0, "paired t over seeds and images")
    repeats = (RepeatedDifference("s0-cnn", "s2-mlp", (0, 1, 2), test),)
    return RunComparison(runs, comparison, (listed,), repeats, ("choose by validation",))


def test_each_way_names_who_is_right_and_what_the_other_answered(found):
    ((first, second),) = found.ways()
    assert (first.right, first.wrong, first.total) == ("one", "two", 3)
    assert (second.right, second.wrong, second.total) == ("two", "one", 1)
    assert [first.wrongly(one) for one in first.images] == [1, 1]
    assert [second.wrongly(one) for one in second.images] == [1]


def test_more_may_disagree_than_are_listed(found):
    ((first, _),) = found.ways()
    assert len(first.images) == 2 < first.total


def test_it_is_told_as_json(found):
    values = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(values) == ["runs", "comparison", "disagreements", "repeats", "cautions"]
    (pair,) = values["disagreements"]
    assert (pair["first"], pair["second"]) == ("one", "two")
    assert [one["index"] for one in pair["only_first"]] == [100, 101]
    assert pair["only_second"][0]["first"] == 1
    assert values["repeats"][0]["test"]["p_value"] == 0.3
    assert values["runs"][0]["gap"] is None


def test_what_was_compared_survives_json(found):
    values = json.loads(json.dumps(found.comparison.to_dict(), allow_nan=False))
    back = Comparison.from_dict(values)
    assert back.accuracies == found.comparison.accuracies
    assert back.classes == found.comparison.classes
    assert back.differences[0].first_only.tolist() == [0, 1, 2]
    run = ComparedRun.from_dict(json.loads(json.dumps(found.rows[0].to_dict())))
    assert run == found.rows[0]
