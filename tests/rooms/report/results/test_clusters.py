"""What is said of clusters and of a look at a set is what was measured of them."""

from dataclasses import replace

import numpy as np
import pytest

import hangtag
from hangtag.rooms.load import split
from hangtag.rooms.report.results import cluster, explore

FILES = ["map.svg", "curves.svg", "gallery.png", "clusters.csv"]


def _clustered(digits, **asked):
    found = hangtag.cluster(digits, n_init=1, pca=4, limit=120, seed=0, **asked)
    explained = float(found.pca.ratios.sum())
    return cluster.Clustered(
        found.sweep, 4, "4 principal components", explained, found.agreement, found.new
    )


@pytest.fixture(scope="module")
def several(digits):
    return _clustered(digits, k=[3, 6])


@pytest.fixture(scope="module")
def mixed(digits):
    return _clustered(digits, method="mixture", k=3, new=5)


def test_the_chosen_number_is_said_with_its_reason_and_marked_in_the_table(several):
    made = cluster.told(several, FILES)
    choice = several.sweep.choice
    assert made.values["k"] == choice.k
    assert choice.reason[1:] in made.words[0]
    ((row, column),) = made.tables[0].best
    assert made.tables[0].rows[row][column] == choice.k
    assert len(made.tables[0].rows) == 2


def test_sizes_and_classes_add_up(several):
    made = cluster.told(several)
    assert sum(made.values["sizes"]) == made.values["images"] == 120
    classes = made.tables[1]
    assert classes.header[1:-1] == several.agreement.class_names
    for row in classes.rows:
        assert sum(row[1:-1]) == row[-1]


def test_the_most_mixed_cluster_is_the_one_whose_largest_class_is_smallest(several):
    counts = several.agreement.table
    mixed = int(np.argmin(counts.max(axis=1) / counts.sum(axis=1)))
    assert f"The most mixed cluster is {mixed}:" in cluster.told(several).words[2]


def test_a_single_number_has_no_curve_and_no_choice_to_explain(mixed):
    made = cluster.told(mixed, FILES)
    assert [one.file for one in made.figures] == ["map.svg", "gallery.png"]
    assert mixed.sweep.choice.reason[1:] not in made.words[0]
    assert made.title == "Gaussian mixtures"


def test_new_images_are_called_new_only_where_they_are_farther_than_neighbours(mixed):
    near = replace(mixed.new, usual=float(np.median(mixed.new.distances)) * 2)
    far = replace(mixed.new, usual=float(np.median(mixed.new.distances)) / 2)
    assert "they may be near-copies" in cluster.told(replace(mixed, new=near)).words[-1]
    said = cluster.told(replace(mixed, new=far)).words[-1]
    assert "2.0 times as far away" in said
    assert said.endswith("they are new, not copies.")


def test_without_classes_nothing_is_said_of_them(several):
    made = cluster.told(replace(several, agreement=None))
    assert len(made.words) == len(made.tables) == 1
    assert "ari" not in made.values


def test_a_set_is_told_with_its_split_and_how_its_classes_are_balanced(faulty, summary):
    division = split(faulty, "stratified:0.2", seed=3)
    made = explore.told(faulty, summary, division, ["samples.png"])
    assert made.values["images"] == len(faulty)
    assert made.values["train"] == len(division.train)
    assert f"'{division.recipe}' (seed 3) gives {len(division.train)} images" in made.words[0]
    part, counts = next(iter(summary.classes.counts.items()))
    assert made.values[f"counts_{part}"] == counts.tolist()
    names = summary.classes.class_names
    assert names[int(counts.argmax())] in made.words[1]
    assert made.tables[0].rows[0][-1] == counts.sum()


def test_axes_have_a_paragraph_where_they_are_drawn_and_no_other(faulty, summary):
    division = split(faulty, "stratified:0.2", seed=3)
    plain = explore.told(faulty, summary, division, ["samples.png"])
    drawn = explore.told(faulty, summary, division, ["variance.svg"])
    assert len(drawn.words) == len(plain.words) + 1
    assert "principal component explains" in drawn.words[-1]
    assert plain.values == drawn.values
    assert drawn.values["pc1"] >= drawn.values["pc2"]
