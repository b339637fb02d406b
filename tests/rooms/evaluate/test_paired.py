"""Paired tests raise a false alarm as often as they say, and find a difference that is there."""

import numpy as np
import pytest
from benchmarks.truth_worlds import SEEDED, seeded
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hangtag.errors import UsageError
from hangtag.rooms.evaluate import five_by_two, mcnemar, mean_over_seeds, repeats
from hangtag.rooms.evaluate.paired import difference, holm

REPEATS = 20_000


def false_alarms(disagreeing: float, images: int, *, exact: bool) -> float:
    """Proportion of p-values of at most 0.05 among two equally good models."""
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


def right(seeds, images, chances, generator):
    """Right answers of one way of training, every image as hard for every seed."""
    return generator.random((seeds, images)) < chances


def test_where_only_seeds_vary_repeats_are_the_paired_t_test():
    generator = np.random.default_rng(0)
    # So much between seeds and nothing between images: the classical test of the scores.
    first = np.stack(
        [right(1, 20_000, proportion, generator)[0] for proportion in (0.9, 0.7, 0.8, 0.6)]
    )
    second = np.stack(
        [right(1, 20_000, proportion, generator)[0] for proportion in (0.5, 0.6, 0.7, 0.7)]
    )
    found = repeats(first, second)
    theirs = stats.ttest_rel(first.mean(axis=1), second.mean(axis=1))
    assert found.p_value == pytest.approx(theirs.pvalue, rel=0.02)
    assert found.difference.ends == pytest.approx(theirs.confidence_interval(0.95), abs=0.01)


def test_equal_gaps_over_seeds_are_not_certain():
    first, second = np.ones((3, 50), bool), np.ones((3, 50), bool)
    second[:, 0] = False  # one image of fifty, with every seed
    found = repeats(first, second)
    assert found.difference.value == pytest.approx(0.02)
    low, high = found.difference.ends
    assert low < 0 < high
    assert found.p_value > 0.05


def test_the_error_over_seeds_is_never_below_what_the_images_resolve():
    generator = np.random.default_rng(0)
    for images in (30, 300):
        hard = generator.random((2, images)) < 0.7  # the same with every seed
        found = repeats(*(np.repeat(one[None], 5, axis=0) for one in hard))
        gaps = hard[0].astype(float) - hard[1]
        if found.statistic:
            resolved = gaps.std(ddof=1) / images**0.5
            assert found.difference.value / found.statistic >= resolved * 0.999


def test_a_mean_over_seeds_is_as_sure_as_the_images_are_where_seeds_hardly_matter():
    generator = np.random.default_rng(1)
    hard = generator.random((1, 400)) < 0.8
    # Each seed answers two images in a hundred otherwise, as often to its good as to its harm.
    right = np.repeat(hard, 3, axis=0)
    for seed in range(3):
        right[seed, generator.choice(np.flatnonzero(hard[0]), 4, replace=False)] = False
        right[seed, generator.choice(np.flatnonzero(~hard[0]), 4, replace=False)] = True
    low, high = mean_over_seeds(right).ends
    alone_low, alone_high = mean_over_seeds(hard).ends
    assert 0.9 < (high - low) / (alone_high - alone_low) < 1.1


def test_three_seeds_that_agree_leave_what_the_images_resolve():
    generator = np.random.default_rng(0)
    # The same number right with every seed, on other images.
    first, second = (np.stack([generator.permutation(400) < 320] * 3) for _ in range(2))
    for ways in (first, second):
        for row in ways:
            generator.shuffle(row)
    found = repeats(first, second)
    gaps = (first.astype(float) - second).mean(axis=0)
    low, high = found.difference.ends
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, 399) * stats.sem(gaps))
    # One seed that does not agree makes the interval wider, however many images there are.
    second[0, :100] = False
    wider = repeats(first, second)
    assert np.diff(wider.difference.ends) > 3 * np.diff(found.difference.ends)
    assert wider.freedom < 3


@pytest.mark.parametrize("spreads", SEEDED, ids=str)
def test_an_interval_over_three_seeds_holds_whether_seeds_or_images_vary(spreads):
    generator = np.random.default_rng(0)
    found = [repeats(*seeded(3, 200, spreads, generator)).difference.ends for _ in range(300)]
    # 300 samples of 93 % hold 263 or more in 999 of 1,000 cases.
    assert sum(low <= 0 <= high for low, high in found) >= 263


def test_ways_that_never_differ_have_no_difference_and_all_right_is_not_certain():
    same = np.ones((3, 20), bool)
    assert repeats(same, same).p_value == 1
    mean = mean_over_seeds(same)
    assert mean.value == mean.high == 1
    assert mean.low < 0.95


def test_a_mean_over_seeds_is_refused_for_two_and_over_images_for_one():
    one = right(1, 100, 0.8, np.random.default_rng(0))
    assert mean_over_seeds(one).method == "Wilson"
    two = mean_over_seeds(np.repeat(one, 2, axis=0))
    assert two.ends is None
    assert "2 seeds" in str(two)
    assert mean_over_seeds(np.repeat(one, 3, axis=0)).ends is not None


def test_the_5x2cv_test_has_nadeau_and_bengios_variance():
    gaps = np.array([[0.01, 0.03], [0.02, 0.0], [0.015, 0.02], [0.0, 0.01], [0.02, 0.025]])
    statistic = gaps.mean() / np.sqrt((1 / 10 + 1) * gaps.var(ddof=1))
    found = five_by_two(gaps, images=10_000)
    assert found.statistic == pytest.approx(statistic)
    assert found.p_value == pytest.approx(2 * stats.t.sf(statistic, 9))
    assert found.difference.value == pytest.approx(gaps.mean())
    assert found.difference.ends is None


def test_ten_equal_gaps_are_known_no_better_than_to_one_image():
    found = five_by_two(np.full((5, 2), 0.1), images=10)
    assert found.statistic == pytest.approx(1)
    assert found.p_value > 0.3


@pytest.mark.parametrize(
    ("first", "second"),
    [([0.5], [0.4]), (np.ones((3, 5)), np.ones((3, 4))), (np.ones((3, 0)), np.ones((3, 0)))],
)
def test_answers_that_do_not_fit_each_other_are_refused(first, second):
    with pytest.raises(UsageError, match="seeds × images"):
        repeats(first, second)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_are_not_tested(seeds):
    with pytest.raises(UsageError, match="3 or more"):
        repeats(np.ones((seeds, 5)), np.zeros((seeds, 5)))


def test_the_5x2cv_test_refuses_other_shapes():
    with pytest.raises(UsageError, match="shape"):
        five_by_two(np.zeros((2, 5)), images=10)
