"""What every way to cluster promises."""

from __future__ import annotations

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.rooms.cluster import METHODS


@pytest.fixture(scope="module", params=list(METHODS))
def found(request):
    """Some digits in 6, 10 and 14 clusters by each method."""
    return hangtag.cluster("digits", method=request.param, k=(6, 10, 14), sample=400, seed=3)


def test_gives_every_image_one_of_the_clusters(found):
    own = found.clustering
    assert (len(own), own.k) == (400, found.sweep.choice.k)
    assert set(own.assignments) == set(range(own.k))
    assert own.centres.shape == (own.k, found.points.shape[1])
    assert [row.k for row in found.sweep.rows] == [6, 10, 14]


def test_agrees_with_the_classes_far_better_than_chance(found):
    assert found.agreement.ari > 0.25


def test_the_same_seed_gives_the_same_clusters(found):
    method = found.clustering.method
    again = hangtag.cluster("digits", method=method, k=(6, 10, 14), sample=400, seed=3)
    assert np.array_equal(again.clustering.assignments, found.clustering.assignments)


def test_is_shown_as_a_table_of_numbers_and_as_files(found, tmp_path):
    for column in found.method.columns:
        assert all(column.cell(row) for row in found.sweep.rows)
    names = {path.name for path in hangtag.write_clusters(found, tmp_path)}
    assert {"clusters.json", "clusters.csv", "curves.svg", "gallery.png"} <= names


def test_every_rule_of_the_method_chooses_a_number_that_was_tried(found):
    method = found.clustering.method
    for rule in METHODS[method].rules:
        one = hangtag.cluster("digits", method=method, k=(5, 9, 12), sample=120, rule=rule)
        assert one.sweep.choice.k in {5, 9, 12}


@pytest.mark.parametrize("method", list(METHODS))
def test_refuses_options_and_words_it_does_not_have(method):
    with pytest.raises(OptionError, match=f"{method} has no option called 'sharpness'"):
        hangtag.cluster("digits", method=method, sharpness=3)
    with pytest.raises(OptionError, match="no rule 'guess'"):
        hangtag.cluster("digits", method=method, sample=50, rule="guess")
    for option in METHODS[method].choices:
        with pytest.raises(OptionError, match="nonsense"):
            hangtag.cluster("digits", method=method, sample=50, **{option: "nonsense"})


@pytest.mark.parametrize("method", list(METHODS))
def test_searches_find_settings_of_it(method, tmp_path):
    found = hangtag.tune(
        "digits", model=method, space="k=8,10", method="grid", limit=150, out=tmp_path / "search"
    )
    assert found.best.parameters["k"] in {8, 10}
