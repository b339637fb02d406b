from __future__ import annotations

import pytest

from hangtag.estimators.draw import accuracies
from hangtag.records import Candidate, Candidates, Scores


@pytest.mark.parametrize("values", [(1, 2, 4), (4,), (0.001, 0.1, 10)])
def test_the_accuracy_of_every_candidate_is_drawn_and_the_chosen_one_named(values):
    rows = tuple(Candidate({"c": c}, Scores(0.9), Scores(0.8)) for c in values)
    figure = accuracies(Candidates("linear", rows, len(rows) - 1, {}, 1.0), "c")
    assert figure.startswith(b"<?xml")
    assert f"dotted: {values[-1]:g}, by validation accuracy".encode() in figure
