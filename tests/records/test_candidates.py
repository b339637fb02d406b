"""What was tried: found by its parameters, ranked by validation, read from what older runs kept."""

from __future__ import annotations

import json

import pytest

from hangtag.records import Candidate, Candidates, Scores
from hangtag.records.candidates import from_grid, from_mixtures


def candidate(size, depth, accuracy, **facts):
    parameters = {"n_estimators": size, "max_depth": depth}
    return Candidate(parameters, Scores(1.0), Scores(accuracy, 0.5, None, 0.6), 1.5, facts)


@pytest.fixture
def tried():
    rows = (candidate(10, 3, 0.7), candidate(10, 9, 0.8, grown=False), candidate(50, 3, 0.9))
    return Candidates("random-forest", rows, 2, {"seed": 1}, 4.5, ("slow",), {"cached": True})


def test_scores_that_were_not_measured_are_left_out():
    assert Scores(0.7, 0.5, None, 0.6).measured == {"accuracy": 0.7, "precision": 0.5, "f1": 0.6}
    assert Scores(0.7).measured == {"accuracy": 0.7}


def test_a_candidate_gives_parameters_and_facts_by_name(tried):
    assert tried.rows[1]["max_depth"] == 9
    assert tried.rows[1]["grown"] is False
    with pytest.raises(KeyError, match="grown"):
        tried.rows[0]["grown"]


def test_a_parameter_counts_before_a_fact_of_the_same_name():
    assert Candidate({"k": 3}, Scores(1), Scores(1), facts={"k": 4})["k"] == 3


def test_the_chosen_one_and_others_are_found(tried):
    assert len(tried) == 3
    assert tried.chosen is tried.rows[2]
    assert tried.values("n_estimators") == (10, 50)
    assert tried.values("max_depth") == (3, 9)
    assert tried.row(n_estimators=10, max_depth=9) is tried.rows[1]
    assert tried.row(n_estimators=50) is tried.rows[2]


def test_all_of_it_survives_json(tried):
    back = Candidates.from_dict(json.loads(json.dumps(tried.to_dict(), allow_nan=False)))
    assert {**vars(back)} == {**vars(tried)}


def test_grids_that_runs_of_forests_kept_before_are_read():
    cell = {
        "n_estimators": 10, "max_depth": 3, "seconds": 0.5, "grown": True,
        "training": {"accuracy": 1.0, "precision": 1.0, "recall": 1.0, "f1": 1.0},
        "validation": {"accuracy": 0.7, "precision": 0.7, "recall": 0.7, "f1": 0.7},
    }  # fmt: skip
    kept = {
        "kind": "extra-trees", "cells": [cell, cell | {"max_depth": 9}], "best": 1,
        "options": {"seed": 2}, "seconds": 3.0, "notes": ["deep"], "trees_grown": 10,
        "trees_asked": 20, "natural_depth": 12, "cut_differences": None, "cached": False,
    }  # fmt: skip
    found = from_grid(kept)
    assert (found.name, found.best, found.notes) == ("extra-trees", 1, ("deep",))
    assert found.chosen["max_depth"] == 9
    assert found.chosen["grown"] is True
    assert found.facts["trees_asked"] == 20
    assert found.chosen.validation == Scores(0.7, 0.7, 0.7, 0.7)


def test_mixtures_that_runs_kept_before_are_read():
    row = {"k": 5, "training": 0.9, "validation": 0.8, "components": 5, "regularised": 1,
           "converged": True}  # fmt: skip
    found = from_mixtures({"rows": [row], "best": 0, "options": {}, "seconds": 1.0, "notes": []})
    assert found.chosen["k"] == 5
    assert found.chosen["regularised"] == 1
    assert found.chosen.validation.measured == {"accuracy": 0.8}
    assert found.facts == {}
