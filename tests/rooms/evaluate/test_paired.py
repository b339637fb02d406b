"""Paired tests raise a false alarm as often as they say, and find a difference that is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hangtag.errors import UsageError
from hangtag.rooms.evaluate import five_by_two, mcnemar, repeats
from hangtag.rooms.evaluate.paired import difference, holm

REPEATS = 20_000


def false_alarms(disagreeing: float, images: int, *, exact: bool) -> float:
    """Share of p-values of at most 0.05 among two equally good models."""
    generator = np.random.default_rng(images)
    flips = generator.binomial(images, disagreeing, size=REPEATS)
    firsts = generator.binomial(flips, 0.5)
    known: dict[tuple[int, int], float] = {}
    for first, flip in zip(firsts.tolist(), flips.tolist(), strict=True):
        known.setdefault((first, flip), mcnemar(first, flip - first, exact=exact))
    values = [known[one] for one in zip(firsts.tolist(), flips.tolist(), strict=True)]
    return float(np.mean(np.array(values) <= 0.05))


@pytest.mark.parametrize(("disagreeing", "images"), [(0.1, 500), (0.05, 10_000), (0.2, 2000)])
def test_the_false_positive_rate_is_5_percent_give_or_take_one(disagreeing, images):
    assert false_alarms(disagreeing, images, exact=False) == pytest.approx(0.05, abs=0.01)


def test_the_exact_test_never_raises_more_false_alarms_than_it_says():
    for disagreeing, images in ((0.1, 100), (0.1, 500), (0.05, 10_000)):
        assert false_alarms(disagreeing, images, exact=True) <= 0.05


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_exact_test_is_the_binomial_test_and_mid_p_is_below_it(first, second):
    exact = mcnemar(first, second, exact=True)
    expected = stats.binomtest(first, first + second).pvalue if first + second else 1.0
    assert exact == pytest.approx(expected, rel=1e-9)
    assert 0 < mcnemar(first, second) <= exact
    assert mcnemar(first, second) == mcnemar(second, first)


def test_mid_p_is_the_published_example():
    # Fagerland, Lydersen, Laake (2013), table 1: airway hyper-responsiveness, 1 against 7.
    assert mcnemar(1, 7, exact=True) == pytest.approx(0.0703, abs=5e-5)
    assert mcnemar(1, 7) == pytest.approx(0.0391, abs=5e-5)


def test_thousands_of_disagreements_neither_overflow_nor_take_long():
    assert mcnemar(20_000, 21_000) == pytest.approx(2 * stats.norm.sf(1000 / 41_000**0.5), rel=0.05)
    assert mcnemar(0, 5000) == 0.0


@pytest.mark.parametrize("images", [400, 5000])
def test_the_interval_of_the_difference_holds_the_truth_95_times_in_100(images):
    generator = np.random.default_rng(0)
    for chances in ((0.80, 0.08, 0.05, 0.07), (0.97, 0.015, 0.005, 0.01)):
        tables = generator.multinomial(images, chances, size=3000).tolist()
        scores = [difference(tuple(table), 0.95) for table in tables]
        truth = chances[1] - chances[2]
        held = np.mean([score.low <= truth <= score.high for score in scores])
        # Newcombe's interval errs to the safe side where both models are nearly perfect.
        assert 0.94 <= held <= 0.985


def test_the_interval_of_the_difference_is_the_published_example():
    # M. Fagerland, S. Lydersen, P. Laake, Statistics in Medicine 33 (2014): 1, 1, 7, 12 of 21.
    score = difference((1, 1, 7, 12), 0.95)
    assert score.value == pytest.approx(-6 / 21)
    assert (round(score.low, 3), round(score.high, 3)) == (-0.507, -0.026)


def test_equal_models_differ_by_nothing_and_not_certainly():
    score = difference((10, 0, 0, 0), 0.95)
    assert score.value == 0
    assert score.low < 0 < score.high


def test_holms_correction_is_the_textbook_one():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_repeats_are_compared_by_the_paired_t_test():
    generator = np.random.default_rng(0)
    first, second = generator.normal(0.9, 0.01, (2, 6))
    found = repeats(first, second)
    theirs = stats.ttest_rel(first, second)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert found.statistic == pytest.approx(theirs.statistic)
    low, high = theirs.confidence_interval(0.95)
    assert (found.difference.low, found.difference.high) == (
        pytest.approx(low),
        pytest.approx(high),
    )


def test_the_5x2cv_test_is_dietterichs():
    gaps = np.array([[0.01, 0.03], [0.02, 0.0], [0.015, 0.02], [0.0, 0.01], [0.02, 0.025]])
    means = gaps.mean(axis=1, keepdims=True)
    statistic = gaps[0, 0] / np.sqrt(((gaps - means) ** 2).sum(axis=1).mean())
    found = five_by_two(gaps)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(2 * stats.t.sf(statistic, 5))
    assert found.difference.value == pytest.approx(gaps.mean())


def test_scores_without_any_spread_are_no_division_by_zero():
    assert repeats([0.5, 0.5], [0.5, 0.5]).p_value == 1
    assert repeats([0.75, 0.75], [0.5, 0.5]).p_value == 0


@pytest.mark.parametrize(("first", "second"), [([0.5], [0.4]), ([0.5, 0.6], [0.5]), ([], [])])
def test_too_few_repeats_are_refused(first, second):
    with pytest.raises(UsageError, match="as many scores of both"):
        repeats(first, second)


def test_the_5x2cv_test_refuses_other_shapes():
    with pytest.raises(UsageError, match="shape"):
        five_by_two(np.zeros((2, 5)))
