"""Intervals hold the true value as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangtag.records import Confusion
from hangtag.rooms.evaluate.averages import average_scores
from hangtag.rooms.evaluate.intervals import proportion, weights, wilson
from hangtag.rooms.evaluate.ranking import auc, loss
from hangtag.rooms.evaluate.scores import class_scores, measures

TABLE = np.array([[0.30, 0.04, 0.01], [0.05, 0.40, 0.02], [0.01, 0.03, 0.14]])
"""Chance of each cell of a confusion table: uneven classes, uneven mistakes."""


@pytest.mark.parametrize("n", [10, 50, 1000])
@pytest.mark.parametrize("truth", [0.5, 0.8, 0.93])
def test_wilson_intervals_hold_the_truth_95_times_in_100(n, truth):
    hits = np.random.default_rng(n).binomial(n, truth, size=20_000)
    low, high = wilson(hits, np.full_like(hits, n))
    held = np.mean((low <= truth) & (truth <= high))
    # A proportion of few images takes few values, so no interval can hold it exactly 95 times in
    # 100.
    assert held == pytest.approx(0.95, abs=0.03 if n < 100 else 0.01)


def test_wilson_intervals_at_other_levels_hold_the_truth_that_often():
    hits = np.random.default_rng(0).binomial(500, 0.7, size=20_000)
    for level in (0.5, 0.8, 0.99):
        low, high = wilson(hits, np.full_like(hits, 500), level)
        assert np.mean((low <= 0.7) & (high >= 0.7)) == pytest.approx(level, abs=0.025)


def test_wilson_is_the_published_example():
    # 81 of 263: R. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    low, high = wilson(81, 263)
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.01, 0.99))
def test_a_proportion_lies_in_its_interval_and_the_interval_in_0_to_1(hits, misses, level):
    score = proportion(hits, hits + misses, level)
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert score.high > score.low


def test_class_and_average_intervals_hold_the_truth_95_times_in_100():
    generator = np.random.default_rng(0)
    chances = TABLE / TABLE.sum()
    truth = measures(chances)
    supports = chances.sum(axis=1)
    expected = {"macro average": truth.mean(axis=1), "weighted average": truth @ supports}
    held: dict[str, list[bool]] = {}
    for _ in range(400):
        counts = generator.multinomial(300, chances.ravel()).reshape(3, 3)
        table = Confusion(counts, ("a", "b", "c"))
        rows = average_scores(table, level=0.95)
        for row in rows:
            for value, score in zip(expected[row.name], row.intervals.values(), strict=True):
                held.setdefault(row.name, []).append(score.low <= value <= score.high)
        for one, row in enumerate(class_scores(table, 0.95)):
            for value, (measure, score) in zip(truth[:, one], row.intervals.items(), strict=True):
                held.setdefault(measure, []).append(score.low <= value <= score.high)
    for kind, times in held.items():
        assert np.mean(times) == pytest.approx(0.95, abs=0.025), kind


@pytest.mark.parametrize("separation", [1.5])
def test_loss_and_auc_intervals_hold_the_truth_95_times_in_100(world, separation):
    generator = np.random.default_rng(1)
    many = world(300_000, separation, generator)
    truth = {
        "loss": loss(many, level=0.95, resamples=100, seed=0).value,
        "auc": auc(many, level=0.95).value,
    }
    held = {"loss": [], "auc": []}
    for seed in range(400):
        few = world(200, separation, generator)
        scores = {
            "loss": loss(few, level=0.95, resamples=200, seed=seed),
            "auc": auc(few, level=0.95),
        }
        for name, score in scores.items():
            held[name].append(score.low <= truth[name] <= score.high)
    for name, times in held.items():
        assert np.mean(times) == pytest.approx(0.955, abs=0.03), name


def test_a_perfect_score_on_few_images_is_not_certain():
    table = Confusion(np.diag([12, 11, 10]), ("a", "b", "c"))
    macro, weighted = average_scores(table, level=0.95)
    for row in (macro, weighted, *class_scores(table, 0.95)):
        assert row.f1 == row.intervals["f1"].value == row.intervals["f1"].high == 1
        assert row.intervals["f1"].low < 0.95


def test_averages_of_classes_with_few_images_have_a_reason_instead_of_an_interval():
    table = Confusion(np.array([[90, 0, 1], [2, 50, 0], [1, 0, 3]]), ("a", "b", "rare"))
    macro, weighted = average_scores(table, level=0.95)
    for row, measure in ((macro, "recall"), (macro, "f1"), (weighted, "precision")):
        score = row.intervals[measure]
        assert score.ends is None
        assert score.value == getattr(row, measure)
        assert "class rare has 4" in score.reason
    # Recalls weighted by their images are accuracy, which needs no class to be common.
    assert weighted.intervals["recall"].ends == proportion(143, 147).ends


def test_a_rare_class_without_a_mistake_still_leaves_its_average_open():
    table = Confusion(np.array([[9000, 50], [0, 20]]), ("common", "rare"))
    macro, _ = average_scores(table, level=0.95)
    assert macro.intervals["recall"].low <= macro.recall - (1 - proportion(20, 20).low) / 2


def test_a_log_loss_with_few_mistakes_has_a_reason_instead_of_an_interval(make):
    sure = make([0] * 95 + [1] * 5, [[0.9, 0.1]] * 100)
    assert loss(sure, level=0.95, resamples=100, seed=0).ends is None
    assert "5 wrong answers" in str(loss(sure, level=0.95, resamples=100, seed=0))
    unsure = make([0] * 80 + [1] * 20, [[0.9, 0.1]] * 100)
    low, high = loss(unsure, level=0.95, resamples=100, seed=0).ends
    assert low < loss(unsure, level=0.95, resamples=100, seed=0).value < high


def test_a_class_never_found_may_still_be_found_sometimes():
    table = Confusion(np.array([[20, 0], [4, 0]]), ("a", "b"))
    missed = class_scores(table, 0.95)[1]
    assert (missed.precision, missed.recall, missed.f1) == (0, 0, 0)
    assert missed.intervals["recall"].high > 0.3
    assert missed.intervals["f1"].high > 0.3
    assert (missed.intervals["precision"].low, missed.intervals["precision"].high) == (0, 1)


def test_more_images_give_a_narrower_interval():
    widths = [proportion(8 * n, 10 * n).high - proportion(8 * n, 10 * n).low for n in (1, 10, 100)]
    assert widths == sorted(widths, reverse=True)


def test_bootstrap_weights_are_poisson_numbers_and_the_seed_decides_them():
    drawn = np.concatenate(list(weights(2000, resamples=250, seed=3)), axis=1)
    assert drawn.shape == (2000, 250)
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.var() == pytest.approx(1, abs=0.02)
    again = np.concatenate(list(weights(2000, resamples=250, seed=3)), axis=1)
    assert np.array_equal(drawn, again)
