"""The confusion table counts, and its worst pairs come first."""

import numpy as np
from sklearn import metrics

from hangtag.records import Confusion
from hangtag.rooms.evaluate import confusion, most_confused


def test_counts_are_scikit_learns(both):
    theirs = metrics.confusion_matrix(both.labels, both.predicted)
    assert np.array_equal(confusion(both).counts, theirs)


def test_proportions_are_scikit_learns_row_normalised(both):
    theirs = metrics.confusion_matrix(both.labels, both.predicted, normalize="true")
    assert np.allclose(confusion(both).shares, theirs, atol=1e-15)


def test_a_class_without_images_has_an_empty_row_and_no_division_by_it(make):
    table = confusion(make([0, 0], [[0.6, 0.4, 0], [0.1, 0.9, 0]]))
    assert table.shares.tolist() == [[0.5, 0.5, 0], [0, 0, 0], [0, 0, 0]]


def test_pairs_are_ranked_each_way_on_its_own_and_right_answers_left_out():
    table = Confusion(np.array([[50, 7, 0], [9, 50, 1], [0, 0, 5]]), ("a", "b", "c"))
    pairs = most_confused(table)
    assert [(pair.label, pair.predicted, pair.count) for pair in pairs] == [
        (1, 0, 9),
        (0, 1, 7),
        (1, 2, 1),
    ]
    assert (pairs[0].share.value, pairs[0].share.n) == (9 / 60, 60)
    assert len(most_confused(table, limit=2)) == 2


def test_a_perfect_model_confuses_nothing():
    assert most_confused(Confusion(np.diag([3, 4]), ("a", "b"))) == ()
