"""Figures side by side: which state each is in, and how lists of them are compared."""

from __future__ import annotations

import pytest

from hangtag.records import Compared
from hangtag.rooms.report.study.reported import block, state


@pytest.mark.parametrize(
    ("ours", "better", "inside", "expected"),
    [
        (0.90, "higher", True, "inside"),
        (0.95, "higher", True, "better"),
        (0.899, "higher", True, "inside"),  # by no more than the document rounds
        (0.80, "lower", True, "better"),
        (0.911, "lower", True, "inside"),
        (0.95, "neither", True, "inside"),
        (0.80, "higher", False, "missed"),
        (0.80, "higher", None, "open"),
        (None, "higher", True, "open"),
    ],
)
def test_a_figure_is_in_one_of_five_states(ours, better, inside, expected):
    one = Compared("f", 0.905, ours, False, inside, (0.9, 0.91), better, digits=2)
    assert state(one) == expected


def test_an_exact_figure_is_exact_or_missed():
    assert state(Compared("f", 1, 1, True, True)) == "exact"
    assert state(Compared("f", 1, 2, True, False)) == "missed"


def listed(study_facts, **changes) -> str:
    from dataclasses import replace

    made = block(replace(study_facts, compared=(Compared("f", **changes),)))
    assert made is not None
    return str(made.html)


def test_sizes_of_clusters_are_compared_the_largest_with_the_largest(study):
    html = listed(study, reported=(30, 41, 7), ours=(8, 29, 44), exact=False, inside=True)
    assert "sorted by size; at most 3 apart" in html
    assert "<td>41</td><td>30</td><td>7</td>" in html
    assert "<td>44</td><td>29</td><td>8</td>" in html
    assert "<td>+3</td><td>−1</td><td>+1</td>" in html


def test_lists_of_different_lengths_are_compared_place_by_place(study):
    html = listed(study, reported=(30, 41, 7), ours=(30, 41), exact=False, inside=False)
    assert "2 of 3 the same" in html


def test_the_document_the_band_and_every_seed_stand_on_one_line(study):
    html = listed(
        study,
        reported=0.9,
        ours=(0.89, 0.91),
        exact=False,
        inside=True,
        band=(0.88, 0.92),
        seeds=(3, 4),
        digits=2,
    )
    assert html.count("<b style=") == 2 + 1  # two seeds, and the key
    assert "seeds 3, 4" in html
