"""Outcomes of steps and figures of documents: what is a mean, what has a spread."""

from __future__ import annotations

import json
import math

import pytest

from hangtag.records import Compared, Outcome, StudyFigure, StudyTable


def compared(reported, ours, **more):
    return Compared("accuracy", reported, ours, exact=False, inside=True, **more)


@pytest.mark.parametrize(
    ("reported", "ours", "mean", "spread"),
    [
        (0.9, 0.91, 0.91, None),
        (0.9, [0.9, 0.94], 0.92, (0.9, 0.94)),
        (0.9, [0.9], 0.9, None),
        (0.9, None, None, None),
        ("PCA", "PCA", None, None),
        ([3, 1], [2, 2], None, None),
        (0.9, ["a", "b"], None, None),
        (187, 187, 187.0, None),
    ],
    ids=["number", "seeds", "one seed", "nothing", "word", "list", "words", "count"],
)
def test_a_mean_is_over_seeds_of_one_number(reported, ours, mean, spread):
    one = compared(reported, ours)
    assert one.mean == (None if mean is None else pytest.approx(mean))
    assert one.spread == spread


def test_mean_and_spread_stand_in_json_but_are_no_fields():
    values = json.loads(json.dumps(compared(0.9, [0.9, 0.94], band=(0.8, 1.0)).to_dict()))
    assert values["mean"] == pytest.approx(0.92)
    assert values["spread"] == [0.9, 0.94]
    assert values["band"] == [0.8, 1.0]


def test_an_outcome_survives_json():
    table = StudyTable("t", "T", ("a", "b"), ((1, None), ("x", 0.5)), best=((0, 1),), note="n")
    figure = StudyFigure("map.svg", "A map", "Each image a point.")
    one = Outcome(
        "look", "explore", "Looking", {"k": 3, "names": ["a"]}, (0, 1), ("words",), (figure,),
        (table,), ("careful",), ("hangtag explore digits",), {"net": "runs/net"}, ("map.json",),
        ("net",), 1.5,
    )  # fmt: skip
    assert Outcome.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_what_is_undefined_is_null():
    assert Outcome("a", "v", "A", {"x": [1.0, math.nan]}).to_dict()["values"] == {"x": [1.0, None]}
