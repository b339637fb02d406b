"""Records survive being kept, and files that hold something else are refused."""

import json
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangtag.records import (
    Calibration,
    Clustering,
    Finding,
    Findings,
    History,
    Outcome,
    Projection,
    StudyTable,
    Trial,
)

NUMBERS = st.floats(allow_nan=True, allow_infinity=False)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats(-1e9, 1e9))


def through_json(value):
    return type(value).from_dict(json.loads(json.dumps(value.to_dict(), allow_nan=False)))


def same(one, other):
    """Equal field by field, arrays in values and type, NaN equal to NaN."""
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right, field.name


@settings(deadline=None)  # pydantic is imported by the first
@given(st.lists(NUMBERS, max_size=5), st.lists(st.integers(0, 2**60), max_size=5))
def test_arrays_survive_json_with_what_is_undefined(numbers, whole):
    floats = np.array(numbers, np.float64)
    counts = np.array(whole, np.int64)
    same(
        made := Calibration(floats, counts, floats, floats, floats, floats, 0.5), through_json(made)
    )


@settings(deadline=None)  # pydantic is imported by the first
@given(st.dictionaries(st.text(), VALUES), st.lists(st.tuples(VALUES, VALUES)))
def test_values_of_any_type_survive_json(values, rows):
    table = StudyTable("t", "T", ("a", "b"), tuple(rows), ((0, 1),), note="n")
    outcome = Outcome("a", "train", "A", values=values, seeds=(1, 2), tables=(table,))
    assert through_json(outcome) == outcome
    trial = Trial(1, values, "finished", 0.5, (0.4, 0.6), facts=values)
    assert through_json(trial) == trial


def test_findings_and_clusters_survive_json():
    found = Finding("leaks", "caution", (1, 2), "two", 0.5, ("a", "b"))
    findings = Findings("f", {"leaks": {"n": 1}}, (found,), ("careful",), np.array([0, 1]))
    same(findings, through_json(findings))
    same(without := Findings("f", {}, (), groups=None), through_json(without))
    clusters = Clustering(
        "kmeans", np.arange(3), np.array([0, 1, 1]), np.ones((2, 4)), "f", {"k": 2}, {"ari": 0.1}
    )
    same(clusters, through_json(clusters))


def test_numbers_of_numpy_become_those_of_python():
    values = Outcome("a", "train", "A", values={"n": np.int64(3), "x": np.float32(0.5)}).to_dict()
    assert json.loads(json.dumps(values))["values"] == {"n": 3, "x": 0.5}
    assert Outcome("a", "v", "A", values={"x": math.nan}).to_dict()["values"] == {"x": None}


@pytest.mark.parametrize(
    "damage",
    [
        {"curves": 3},
        {"curves": {"loss": ["x"]}},
        {"seconds": None},
        {"best_epoch": "first"},
        {"unheard of": 1},
        {"restored": []},
    ],
)
def test_a_file_that_holds_something_else_is_refused(damage):
    values = History({"loss": (1.0,)}, (2.0,)).to_dict() | damage
    with pytest.raises(ValueError, match="History"):
        History.from_dict(values)


def test_a_file_that_lacks_something_is_refused():
    with pytest.raises(ValueError, match="seconds"):
        History.from_dict({"curves": {}})


@pytest.mark.parametrize("wrong", [["x"], [0.5], [[1], [1, 2]], [2**70], None, [None]])
def test_counts_are_whole_numbers(wrong):
    with pytest.raises(ValueError):
        Findings.from_dict(Findings("f", {}, ()).to_dict() | {"groups": [1, wrong]})


def test_maps_survive_json():
    found = Projection(
        "pca", np.array([3, 1]), np.array([[0.1, np.nan], [2, 3]], np.float32), ("a", "b"),
        {"seed": 0}, {"trustworthiness": 0.9}, ("a sample",),
    )  # fmt: skip
    same(found, through_json(found))


def test_a_summary_is_its_numbers_without_images():
    import hangtag

    summary = hangtag.explore("digits", per_class=1)
    values = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert list(values) == [one.name for one in fields(summary)]
    curve, rebuilt = summary.variance, summary.reconstructions
    assert values["variance"]["images"] == curve.n_images
    assert values["variance"]["marks"] == {
        f"{proportion:g}": n for proportion, n in curve.marks.items()
    }
    assert values["reconstructions"] == {
        "indices": rebuilt.indices.tolist(), "components": list(rebuilt.components),
        "errors": rebuilt.errors.tolist(), "shares": rebuilt.shares.tolist(),
    }  # fmt: skip
    assert values["variants"]["names"] == list(summary.variants.pictures)
