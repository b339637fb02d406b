from __future__ import annotations

import numpy as np
import pytest

from hangtag.estimators.draw import _apart, accuracies
from hangtag.records import Candidate, Candidates, Scores


@pytest.mark.parametrize("values", [(1, 2, 4), (4,), (0.001, 0.1, 10)])
def test_the_accuracy_of_every_candidate_is_drawn_and_the_chosen_one_named(values):
    rows = tuple(Candidate({"c": c}, Scores(0.9), Scores(0.8)) for c in values)
    figure = accuracies(Candidates("linear", rows, len(rows) - 1, {}, 1.0), "c")
    assert figure.startswith(b"<?xml")
    assert f"dotted: {values[-1]:g}, by validation accuracy".encode() in figure


def test_numbers_below_the_axis_lie_apart_and_the_chosen_one_is_among_them():
    values = (0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0)
    said = [values[at] for at in _apart(np.asarray(values), values.index(0.95))]
    assert said == [0.01, 0.1, 0.3, 0.5, 0.7, 0.95]
