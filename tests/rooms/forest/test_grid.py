"""Grids of forests: every cell scikit-learn's, from as few trees as possible."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from hangtag.errors import OptionError
from hangtag.rooms.forest import fit, grid, probabilities

PEERS = {"random-forest": RandomForestClassifier, "extra-trees": ExtraTreesClassifier}
SIZES, DEPTHS = (3, 5, 9), (2, 5, 9, 25, 40)


def _theirs(data, kind, size, depth):
    peer = PEERS[kind](size, max_depth=depth, random_state=11)
    return peer.fit(data.points, data.labels)


def test_every_cell_has_the_scores_of_scikit_learns_forest(data, grown):
    found, _ = grown
    parts = {"training": (data.points, data.labels), "validation": data.validation}
    for size in SIZES:
        for depth in DEPTHS:
            theirs = _theirs(data, found.name, size, depth)
            cell = found.row(n_estimators=size, max_depth=depth)
            assert cell["grown"]
            for part, (points, labels) in parts.items():
                answers = theirs.predict(points)
                scores = getattr(cell, part)
                assert scores.accuracy == accuracy_score(labels, answers)
                wanted = precision_recall_fscore_support(
                    labels, answers, average="weighted", zero_division=0
                )[:3]
                assert (scores.precision, scores.recall, scores.f1) == pytest.approx(wanted)


def test_the_best_cells_trees_answer_as_scikit_learns_to_the_bit(data, grown):
    found, trees = grown
    best = found.chosen
    theirs = _theirs(data, found.name, best["n_estimators"], best["max_depth"])
    assert np.array_equal(probabilities(trees, data.test), theirs.predict_proba(data.test))
    highest = max(cell.validation.accuracy for cell in found.rows)
    assert best.validation.accuracy == highest


def test_of_equally_good_cells_the_one_with_fewest_trees_is_best(grown):
    found, _ = grown
    best = found.chosen
    for cell in found.rows:
        if cell.validation.accuracy == best.validation.accuracy:
            assert (best["n_estimators"], best["max_depth"]) <= (
                cell["n_estimators"],
                cell["max_depth"],
            )


def test_grows_no_tree_twice(grown):
    found, _ = grown
    assert found.facts["trees_asked"] == sum(SIZES) * len(DEPTHS)
    assert max(SIZES) <= found.facts["trees_grown"] <= max(SIZES) * len(DEPTHS)
    # No digit needs 40 questions, so the deepest trees serve at least one lesser depth too.
    assert found.facts["natural_depth"] < 40
    assert found.facts["trees_grown"] < max(SIZES) * len(DEPTHS)


@pytest.mark.parametrize("kind", PEERS)
def test_one_forest_is_scikit_learns_to_the_bit(data, kind):
    for depth in (None, 6):
        trees = fit(data.points, data.labels, n_estimators=7, max_depth=depth, kind=kind, seed=2)
        theirs = PEERS[kind](7, max_depth=depth, random_state=2).fit(data.points, data.labels)
        assert np.array_equal(probabilities(trees, data.test), theirs.predict_proba(data.test))


def test_the_first_trees_of_a_forest_are_the_smaller_forest(data):
    large = fit(data.points, data.labels, n_estimators=9, seed=5)
    small = fit(data.points, data.labels, n_estimators=4, seed=5)
    for one, other in zip(large.each(), small.each(), strict=False):
        assert np.array_equal(one.thresholds, other.thresholds)
        assert np.array_equal(one.shares, other.shares)


def test_a_limited_tree_is_not_the_top_of_a_deeper_one(data):
    """Why grown grids grow lesser depths again: the random numbers run out of step."""
    deep = fit(data.points, data.labels, n_estimators=1, seed=1)
    limited = fit(data.points, data.labels, n_estimators=1, max_depth=5, seed=1)
    # The way down the left is the same until the limit; what comes after it is not.
    assert np.array_equal(deep.features[:5], limited.features[:5])
    top = _top(deep, 5)
    assert not np.array_equal(top, limited.features)
    assert len(top) != len(limited.features) or (top != limited.features).any()


def _top(tree, limit):
    kept = []

    def walk(node, depth):
        leaf = tree.features[node] == -1 or depth == limit
        kept.append(-1 if leaf else tree.features[node])
        if not leaf:
            walk(tree.left_children[node], depth + 1)
            walk(tree.right_children[node], depth + 1)

    walk(0, 0)
    return np.array(kept)


@pytest.fixture(scope="module")
def cut(data):
    return grid(
        data.points,
        data.labels,
        validation=data.validation,
        n_estimators=SIZES,
        max_depths=DEPTHS,
        depths="cut",
        seed=11,
    )


def test_cut_cells_say_so_and_how_far_their_scores_are_off(data, cut):
    found, _ = cut
    assert found.facts["trees_grown"] < max(SIZES) + min(SIZES) * len(DEPTHS)
    assert {cell["max_depth"] for cell in found.rows if cell["grown"]} == {25, 40}
    assert set(found.facts["cut_differences"]) == {"2", "5", "9"}
    for text, difference in found.facts["cut_differences"].items():
        depth = int(text)
        theirs = _theirs(data, "random-forest", min(SIZES), depth)
        points, labels = data.validation
        own = accuracy_score(labels, theirs.predict(points))
        cell = found.row(n_estimators=min(SIZES), max_depth=depth)
        assert difference == pytest.approx(cell.validation.accuracy - own)
    cuts = sum(not cell["grown"] for cell in found.rows)
    assert f"{cuts} of 15 cells are cut" in found.notes[0]


def test_a_cut_forest_answers_with_what_its_nodes_know(data, cut):
    found, _ = cut
    deep = fit(data.points, data.labels, n_estimators=5, seed=11)
    # By hand: walk each point down five questions and take the classes of the training images
    # that came the same way.
    answers = np.zeros((len(data.validation[0]), 10))
    for number, tree in enumerate(deep.each()):
        seed = np.random.RandomState(11).randint(2**31 - 1, size=5)[number]
        drawn = np.random.RandomState(seed).randint(0, 1200, 1200)
        there = _after(tree, data.points[drawn], 5)
        for row, node in enumerate(_after(tree, data.validation[0], 5)):
            counts = np.bincount(data.labels[drawn][there == node], minlength=10)
            answers[row] += counts / counts.sum()
    accuracy = (answers.argmax(axis=1) == data.validation[1]).mean()
    assert found.row(n_estimators=5, max_depth=5).validation.accuracy == pytest.approx(accuracy)


def _after(tree, points, questions):
    nodes = np.zeros(len(points), int)
    for _ in range(questions):
        asks = np.flatnonzero(tree.features[nodes] >= 0)
        here = nodes[asks]
        left = points[asks, tree.features[here]] <= tree.thresholds[here]
        nodes[asks] = np.where(left, tree.left_children[here], tree.right_children[here])
    return nodes


def test_the_best_cell_of_a_cut_grid_can_answer(data, cut):
    found, trees = cut
    points, labels = data.validation
    answers = probabilities(trees, points).argmax(axis=1)
    assert accuracy_score(labels, answers) == found.chosen.validation.accuracy
    assert len(trees) == found.chosen["n_estimators"]


def test_threads_change_nothing(data, grown, monkeypatch):
    from hangtag.geometry import threads

    found, trees = grown
    monkeypatch.setattr(threads, "processors", lambda: 5)
    again, others = grid(
        data.points,
        data.labels,
        validation=data.validation,
        n_estimators=SIZES,
        max_depths=DEPTHS,
        kind=found.name,
        seed=11,
    )
    assert np.array_equal(trees.thresholds, others.thresholds)
    for one, other in zip(found.rows, again.rows, strict=True):
        assert (one.training, one.validation) == (other.training, other.validation)


def test_a_class_without_training_images_has_probability_zero(data):
    known = data.labels != 7
    trees = fit(data.points[known], data.labels[known], n_estimators=3, n_classes=10)
    found = probabilities(trees, data.test)
    assert found.shape == (len(data.test), 10)
    assert (found[:, 7] == 0).all()
    assert np.allclose(found.sum(axis=1), 1)
    result, _ = grid(
        data.points[known],
        data.labels[known],
        validation=data.validation,
        n_estimators=[3],
        max_depths=[4],
        n_classes=10,
    )
    assert result.chosen.validation.accuracy < 0.95


def test_tells_how_many_trees_are_done(data):
    told = []
    fit(data.points, data.labels, n_estimators=5, progress=lambda *said: told.append(said[:3]))
    assert told == [("forest", done, 5) for done in range(1, 6)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "forest"}, "no forest of kind 'forest'"),
        ({"depths": "pruned"}, "depths cannot be 'pruned'"),
        ({"n_estimators": []}, "the grid is empty"),
        ({"max_depths": [0, 5]}, "max_depth is 0"),
        ({"n_estimators": [-3]}, "n_estimators is -3"),
        ({"n_classes": 4}, "there are 4 classes and a label 9"),
        ({"labels": np.zeros(1200, int)}, "at least two classes; got 1"),
        ({"labels": np.full(1200, -1)}, "1200 training images have no class"),
        ({"labels": np.zeros(3, int)}, "1200 training points and 3 labels"),
        ({"points": np.zeros((1200, 8, 8))}, "a table of training points"),
        ({"points": np.full((1200, 64), np.nan)}, "infinite or not a number"),
        ({"points": np.full((1200, 64), 1e300)}, "infinite or not a number"),
        ({"validation": (np.zeros((5, 3)), np.zeros(5, int))}, "have 64 numbers, validation"),
        ({"validation": (np.zeros((5, 64)), np.full(5, 10))}, "a validation label 10"),
    ],
)
def test_refuses_what_cannot_be(data, change, sentence):
    asked = {
        "points": data.points,
        "labels": data.labels,
        "validation": data.validation,
        "n_estimators": [2],
        "max_depths": [3],
        **change,
    }
    with pytest.raises(OptionError, match=sentence):
        grid(asked.pop("points"), asked.pop("labels"), **asked)
