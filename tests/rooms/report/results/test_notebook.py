"""Comparisons, ablations, searches in a notebook: sentences, tables, nothing from data runs."""

import numpy as np
import pytest

from hangtag.records import ComparedRun, Dimension, Predictions, RunComparison, Space, Trial, Trials
from hangtag.rooms.evaluate import compare, disagreements
from hangtag.rooms.report.results.notebook import ROWS

HOSTILE = "<script>alert(1)</script>"


def _answers(seed):
    labels = np.arange(60) % 3
    chances = np.random.default_rng(seed).dirichlet(np.ones(3), 60) + 0.6 * np.eye(3)[labels]
    chances /= chances.sum(axis=1, keepdims=True)
    return Predictions(np.arange(60), labels, chances.astype(np.float32), ("a", HOSTILE, "c"))


@pytest.fixture
def compared():
    models = {HOSTILE: _answers(0), "other": _answers(1)}
    found = compare(models)
    rows = [
        ComparedRun(name, "s2-mlp", 0, found.accuracies[name], 0.9, 10, 3, 1.5, 1e-5, 0.2)
        for name in models
    ]
    ways = disagreements(*models.values(), limit=3)
    return RunComparison(tuple(rows), found, (ways,), cautions=("Mind this.",))


def _searched(count, objective="validation accuracy"):
    space = Space((Dimension("k", choices=tuple(range(count))),))
    trials = tuple(Trial(n, {"k": n}, "finished", 0.5 + n / 1000) for n in range(count))
    return Trials(space, "grid", objective, True, trials, count)


def test_a_comparison_is_a_card_on_which_names_from_data_are_text(compared):
    card = compared._repr_html_()
    assert card.startswith("<div")
    assert card.count("<table") == card.count("</table>") == 3
    assert HOSTILE not in card
    assert "&lt;script&gt;" in card
    assert "Mind this." in card
    assert "http" not in card


def test_what_over_fits_and_what_decides_which_class_is_said(compared):
    card = compared._repr_html_()
    assert "other over-fits: it is 20.0 points better on its training images" in card
    assert "Class by class" in card


def test_the_frame_of_a_comparison_has_a_row_for_each_run(compared):
    frame = compared.to_frame()
    assert frame["model"].to_list() == [HOSTILE, "other"]
    accuracies = [row.accuracy.value for row in compared.rows]
    assert frame["test accuracy"].to_list() == accuracies


def test_a_long_table_is_cut_on_a_card_and_says_so():
    card = _searched(ROWS + 5)._repr_html_()
    assert f"the first {ROWS} of {ROWS + 5} rows" in card
    assert card.count("<tr>") == ROWS + 1
    assert _searched(ROWS + 5).to_frame().height == ROWS + 5


def test_what_is_no_proportion_is_not_called_percent():
    assert "reached a bic of 0.502 with k 2." in _searched(3, "bic")._repr_html_()
    assert "came within" not in _searched(3, "bic")._repr_html_()
    assert "reached a validation accuracy of 50.20\u202f%" in _searched(3)._repr_html_()
