"""The text table is scikit-learn's, character by character."""

import pytest
from sklearn import metrics

from hangtag.errors import OptionError
from hangtag.rooms.evaluate import classification_report, evaluate


@pytest.mark.parametrize("digits", [2, 4, 15])
def test_the_table_is_the_classification_report(both, digits):
    theirs = metrics.classification_report(
        both.labels, both.predicted, target_names=both.class_names, digits=digits, zero_division=0
    )
    assert classification_report(evaluate(both), digits=digits) == theirs


def test_classes_that_do_not_occur_are_left_out_of_table_and_averages(make):
    rows = [[0.8, 0.1, 0.1, 0], [0.2, 0.7, 0.1, 0], [0.6, 0.3, 0.1, 0], [0.1, 0.1, 0.8, 0]]
    found = evaluate(make([0, 1, 1, 2], rows, ("a", "b", "c", "never seen")))
    labels = [0, 1, 1, 2]
    theirs = metrics.classification_report(labels, [0, 1, 0, 2], target_names=["a", "b", "c"])
    assert classification_report(found) == theirs


def test_long_class_names_widen_the_table(make):
    names = ("a", "a class with a name longer than any number")
    found = evaluate(make([0, 1, 1], [[0.8, 0.2], [0.2, 0.8], [0.6, 0.4]], names))
    theirs = metrics.classification_report([0, 1, 1], [0, 1, 0], target_names=names)
    assert classification_report(found) == theirs


def test_absurd_numbers_of_digits_are_refused(linear):
    with pytest.raises(OptionError):
        classification_report(evaluate(linear), digits=-1)
