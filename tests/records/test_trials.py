"""Searches: every value of a dimension, sizes of spaces, and which trial is the best."""

from __future__ import annotations

import json

import pytest

from hangtag.records import Ablation, Dimension, History, Score, Space, Trial, Trials, Variant


@pytest.mark.parametrize(
    ("dimension", "values", "kind", "text"),
    [
        (Dimension("a", (3, "x", None)), (3, "x", None), "choice", "a=3,x,None"),
        (Dimension("a", low=2, high=5), (2, 3, 4, 5), "whole", "a=2:5"),
        (Dimension("a", low=2, high=6, step=2), (2, 4, 6), "whole", "a=2:6:2"),
        (Dimension("a", low=0, high=0.3, step=0.1), (0, 0.1, 0.2, 0.3), "number", "a=0:0.3:0.1"),
        (Dimension("a", low=0.0, high=1.0), (), "number", "a=0.0:1.0"),
        (Dimension("a", low=1, high=9, log=True), tuple(range(1, 10)), "whole", "a=1:9:log"),
    ],
    ids=["choices", "whole", "steps", "tenths", "range", "logarithm"],
)
def test_a_dimension_knows_its_values(dimension, values, kind, text):
    assert dimension.values == values
    assert dimension.kind == kind
    assert str(dimension) == text
    back = Dimension.from_dict(json.loads(json.dumps(dimension.to_dict())))
    assert str(back) == text
    assert back.kind == kind, "whole numbers stay whole"


def test_steps_of_tenths_end_where_they_should():
    assert len(Dimension("a", low=0.0, high=1.0, step=0.1).values) == 11
    assert Dimension("a", low=0.1, high=0.7, step=0.2).values == (0.1, 0.3, 0.5, 0.7)


def test_a_space_is_as_large_as_its_grid():
    both = Space((Dimension("a", (1, 2, 3)), Dimension("b", low=0, high=1)))
    assert both.size == 6
    assert both.names == ("a", "b")
    assert str(both) == "a=1,2,3;b=0:1"
    assert Space((Dimension("c", low=0.0, high=1.0),)).size is None


def search(maximise=True, *trials):
    return Trials(Space((Dimension("k", (1, 2)),)), "grid", "accuracy", maximise, trials, 9)


def test_the_best_of_equals_is_the_first_that_was_tried():
    trials = [
        Trial(1, {"k": 1}, "failed", reason="no"),
        Trial(2, {"k": 2}, "finished", 0.5),
        Trial(3, {"k": 1}, "finished", 0.9),
        Trial(4, {"k": 2}, "finished", 0.9),
        Trial(5, {"k": 2}, "stopped early", 0.95),
    ]
    found = search(True, *trials)
    assert len(found) == 5
    assert [one.number for one in found.finished] == [2, 3, 4]
    assert [one.number for one in found.ranked] == [3, 4, 2]
    assert found.best is trials[2]
    assert search(False, *trials).best is trials[1]


def test_without_a_finished_trial_nothing_is_the_best():
    assert search(True, Trial(1, {}, "failed")).best is None
    assert search(True).ranked == ()


def test_a_search_survives_json():
    found = search(True, Trial(1, {"k": 1}, "finished", 0.5, (0.4, 0.6), (0.1, 0.5), 2.0))
    assert Trials.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_an_ablation_survives_json():
    history = History({"loss": (1.0,), "val_loss": (0.5,)}, (0.1,))
    base = Variant("base", {}, (0, 1), (0.7, 0.8), Score(0.75, 0.7, 0.8, "t", 40), None, None, 9,
                   1.0, (history, history))  # fmt: skip
    gap = Score.without(0.1, "2 seeds; 3 are needed", n=40)
    other = Variant("+ dropout", {"dropout": 0.5}, (0, 1), (0.8, 0.9), gap, gap, None, 9, 1.0, ())
    found = Ablation("s2-mlp", "validation accuracy", (base, other), {"source": "digits"})
    assert Ablation.from_dict(json.loads(json.dumps(found.to_dict()))) == found
