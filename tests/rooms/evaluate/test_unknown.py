"""What is withheld buys accuracy, and a threshold keeps what it promises where it was chosen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangtag.errors import OptionError
from hangtag.rooms.evaluate import coverage, evaluate, threshold
from hangtag.rooms.evaluate.intervals import proportion


def test_the_curve_ends_at_full_coverage_with_the_accuracy(both):
    curve = coverage(both)
    assert curve.coverage[-1] == 1
    assert curve.accuracy[-1] == np.mean(both.predicted == both.labels)
    assert np.all(np.diff(curve.coverage) > 0)
    assert np.all(np.diff(curve.thresholds) < 0)


def test_each_point_is_what_answering_from_its_threshold_gives(both):
    curve = coverage(both, points=30)
    assert len(curve.thresholds) <= 30
    for limit, answered, accuracy in zip(
        curve.thresholds, curve.coverage, curve.accuracy, strict=True
    ):
        given_answers = both.confidence >= limit
        assert given_answers.mean() == pytest.approx(answered)
        right = (both.predicted == both.labels)[given_answers]
        assert right.mean() == pytest.approx(accuracy)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    precision=st.floats(0.3, 0.99),
    level=st.floats(0.5, 0.99),
)
def test_the_interval_of_a_threshold_reaches_the_precision(world, seed, precision, level):
    generator = np.random.default_rng(seed)
    few = world(60, 1.0, generator)
    limit = threshold(few, precision=precision, level=level)
    if limit is not None:
        answered = (few.predicted == few.labels)[few.confidence >= limit]
        # One-sided at `level` is two-sided at this; looking at many thresholds only narrows it.
        low = proportion(int(answered.sum()), len(answered), max(2 * level - 1, 1e-9)).low
        assert low >= precision - 1e-9


def test_a_threshold_that_is_surer_answers_less(linear):
    limits = [threshold(linear, precision=0.97, level=level) for level in (0.6, 0.9, 0.99)]
    assert limits == sorted(limits)
    assert limits[0] < limits[-1]


def test_a_handful_of_right_answers_shows_nothing(make):
    def all_right(n):
        return make([0] * n, [[0.9, 0.1]] * n)

    assert threshold(all_right(50), precision=0.95) is None
    assert threshold(all_right(120), precision=0.95) == 0.0


def test_a_threshold_keeps_its_promise_on_new_images(world):
    # Chosen on 1,000 images; the true precision is measured on 200,000 others.
    generator = np.random.default_rng(0)
    others = world(200_000, 1.5, generator)
    right = others.predicted == others.labels
    kept = []
    for _ in range(100):
        limit = threshold(world(1000, 1.5, generator), precision=0.9)
        kept.append(right[others.confidence >= limit].mean() >= 0.9)
    assert np.mean(kept) >= 0.9


def test_no_threshold_is_none_and_answering_everything_is_zero(make):
    wrong = make([1, 1], [[0.9, 0.1], [0.8, 0.2]])
    right = make([0] * 40, [[0.9, 0.1], [0.8, 0.2]] * 20)
    assert threshold(wrong, precision=0.5) is None
    assert threshold(right, precision=0.5) == 0.0


def test_the_evaluation_says_what_the_threshold_does(linear):
    scores = evaluate(linear, threshold=0.6).scores
    given_answers = linear.confidence >= 0.6
    assert scores["answered"].value == given_answers.mean()
    right = (linear.predicted == linear.labels)[given_answers]
    assert scores["accuracy_answered"].value == right.mean()
    assert scores["accuracy_answered"].n == given_answers.sum()


def test_a_threshold_nothing_reaches_answers_nothing(linear):
    scores = evaluate(linear, threshold=1.0).scores
    assert scores["answered"].value == 0
    assert (scores["accuracy_answered"].low, scores["accuracy_answered"].high) == (0, 1)


@pytest.mark.parametrize("precision", [0.0, -1.0, 1.0, 1.01, float("nan")])
def test_precisions_that_cannot_be_are_refused(linear, precision):
    with pytest.raises(OptionError):
        threshold(linear, precision=precision)
