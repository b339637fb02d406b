"""Rules that choose a number of clusters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hangtag.records import MixtureRow, SweepRow
from hangtag.rooms.cluster.choose import BEST, HARD_RULES, choose

ROW = SweepRow(2, 1.0, 9, 1.0, 0, 0.1, 0.0, 10.0, 2.0)


def _rows(inertias):
    return [replace(ROW, k=5 * n, inertia=v) for n, v in enumerate(inertias, start=1)]


def test_the_elbow_is_where_the_curve_bends():
    bent = [100, 60, 30, 27, 25, 23, 21]
    assert choose(_rows(bent), "elbow").k == 15


def test_the_elbow_does_not_depend_on_units():
    bent = [100, 60, 30, 27, 25, 23, 21]
    assert choose(_rows([value * 1e9 for value in bent]), "elbow").k == 15


def test_a_straight_curve_has_an_elbow_that_says_little():
    assert "says little" in choose(_rows([100, 80, 60, 40, 20]), "elbow").reason


def test_two_numbers_have_no_elbow_and_are_chosen_by_silhouette():
    rows = [replace(ROW, k=2, silhouette=0.1), replace(ROW, k=3, silhouette=0.2)]
    choice = choose(rows, "elbow")
    assert (choice.k, choice.rule) == (3, "silhouette")
    assert "no elbow" in choice.reason


def test_one_number_is_the_choice():
    assert choose(_rows([2]), "elbow").k == 5
    assert "the only number" in choose(_rows([2]), "silhouette").reason


@pytest.mark.parametrize("rule", [name for name in HARD_RULES if name in BEST])
def test_takes_the_best_value_and_says_so_when_it_lies_at_the_end(rule):
    column, highest = BEST[rule].column, BEST[rule].highest
    values = [1.0, 5.0, 3.0] if highest else [5.0, 1.0, 3.0]
    rows = [replace(ROW, k=k, **{column: v}) for k, v in zip((2, 4, 6), values, strict=True)]
    assert choose(rows, rule).k == 4
    assert "beyond" not in choose(rows, rule).reason
    assert choose(rows[1:], rule).k == 4
    assert "may lie beyond" in choose(rows[1:], rule).reason


MIXTURE = MixtureRow(2, "full", 1.0, 9.0, -1.0, 5, True, 0)


def test_sound_bic_leaves_out_mixtures_that_singular_covariances_made_too_good():
    rows = [
        replace(MIXTURE, k=k, bic=b, regularised=r)
        for k, b, r in ((5, 9, 0), (10, 7, 0), (15, 3, 2))
    ]
    choice = choose(rows, "sound-bic")
    assert (choice.k, choice.rule) == (10, "sound-bic")
    assert "1 have some" in choice.reason
    assert choose(rows, "bic").k == 15


def test_sound_bic_takes_the_lowest_of_all_where_every_mixture_is_singular():
    rows = [replace(MIXTURE, k=k, bic=b, regularised=1) for k, b in ((5, 9), (10, 7))]
    choice = choose(rows, "sound-bic")
    assert choice.k == 10
    assert "too good" in choice.reason
