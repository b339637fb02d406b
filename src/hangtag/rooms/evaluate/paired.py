"""Two models' right and wrong answers on the same images in, how likely chance alone is out.

To add a test: one function from counts or scores to a p-value, and its rate of false alarms
simulated in ``benchmarks/truth.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.errors import UsageError
from hangtag.records import RepeatedTest, Score
from hangtag.rooms.evaluate.intervals import equivalent, proportion, wilson, wilson_score

FEWEST_SEEDS = 3
"""Seeds below which ways of training are not tested against each other."""


def mcnemar(first_only: int, second_only: int, *, exact: bool = False) -> float:
    """The chance of so uneven a disagreement if both models were equally good.

    Only the images count that one model gets right and the other wrong; under the null each is a
    fair coin. The mid-p value counts the observed outcome half, which brings the rate of false
    alarms near 5 %; the exact test stays below, often far. Source: M. Fagerland, S. Lydersen,
    P. Laake, "The McNemar test for binary matched-pairs data", BMC Medical Research Methodology
    13:91 (2013).

    Args:
        first_only: Images only the first model gets right.
        second_only: Images only the second gets right.
        exact: Use the exact conditional test instead of mid-p.

    Returns:
        A two-sided p-value; 1 when the models never disagree.
    """
    fewer, flips = min(first_only, second_only), first_only + second_only
    # Whole numbers up to the division: two to a few thousand has no place in a float.
    below, here = 0, 1
    for one in range(fewer):
        below += here
        here = here * (flips - one) // (one + 1)
    tails: int = 2 * (below + here) if exact else 2 * below + here
    possible: int = 1 << flips
    return min(1.0, tails / possible)


def difference(table: tuple[int, int, int, int], level: float) -> Score:
    """Difference of two paired proportions, with Newcombe's square-and-add interval.

    Source: R. Newcombe, "Improved confidence intervals for the difference between binomial
    proportions based on paired data", Statistics in Medicine 17 (1998).

    Args:
        table: Images both get right, only the first, only the second, neither.
        level: Of the interval.
    """
    both, first_only, second_only, neither = table
    n = sum(table)
    first, second = both + first_only, both + second_only
    value = (first_only - second_only) / n
    # The standard deviations of both proportions, times n squared: the scale of the correlation.
    spread = sqrt(first * (n - first) * second * (n - second))
    together = both * neither - first_only * second_only
    # Newcombe shrinks a positive correlation by n/2, to 0 at most; it would make him too bold.
    shrunk = max(0.0, together - n / 2) if together > 0 else together
    # A proportion of exactly 0 or 1 has no spread and correlates with nothing.
    bound = shrunk / spread if spread else 0.0
    low, high = wilson([first, second], [n, n], level)
    down_first, up_first = first / n - low[0], high[0] - first / n
    down_second, up_second = second / n - low[1], high[1] - second / n

    def added(one: float, other: float) -> float:
        return sqrt(max(0.0, one**2 - 2 * bound * one * other + other**2))

    lowest = value - added(down_first, up_second)
    highest = value + added(up_first, down_second)
    return Score(value, max(-1.0, float(lowest)), min(1.0, float(highest)), "Newcombe", n, level)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for how many there are: some false alarm in all of them stays rare.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
    Journal of Statistics 6 (1979).
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, where in enumerate(np.argsort(p_values, kind="stable")):
        # The running maximum keeps the order: a larger p-value never becomes the smaller one.
        highest = max(highest, min(1.0, p_values[where] * (len(p_values) - rank)))
        adjusted[where] = highest
    return adjusted


def repeats(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> RepeatedTest:
    """Compare two ways of training by what they get right over the same seeds and images.

    A paired t-test that knows two sources of chance: other seeds and other images. Over seeds
    alone, gaps that happen to be equal would be certain, and a way that suits just these images
    would seem better everywhere; the standard error here is never below what the images resolve.
    It speaks of ways of training; McNemar's test speaks of two trained models.

    Args:
        first: ``(seeds, n)`` whether the one was right, for each seed about each image.
        second: The same of the other, for the same seeds and images.
        level: Of the interval.

    Raises:
        UsageError: They are not of one such shape, or there are fewer than :data:`FEWEST_SEEDS`.
    """
    right = [np.asarray(values, np.float64) for values in (first, second)]
    if right[0].ndim != 2 or right[0].shape != right[1].shape or not right[0].shape[1]:
        raise UsageError(
            f"comparing over seeds needs the right and wrong answers of both, seeds × images; "
            f"got shapes {right[0].shape} and {right[1].shape}"
        )
    seeds, images = right[0].shape
    if seeds < FEWEST_SEEDS:
        raise UsageError(
            f"comparing over seeds needs {FEWEST_SEEDS} or more of them; got {seeds}",
            "the spread of fewer is hardly known, and a test of it finds what is not there",
        )
    # Differences per seed and image: what both share (hard images, lucky seeds) cancels, and little
    # but chance is left. That a few seeds spread less than chance alone would is then often luck:
    # only so much of it is taken off as keeps false alarms at 6 % however much seeds vary (solved
    # for 3 to 50 seeds; simulated in benchmarks/truth.py).
    once = 1 - 1.1 / (seeds - 1)
    mean, error, freedom = _two_way(right[0] - right[1], level, once=once)
    score = Score(mean, mean, mean, "t", images, level)
    return _student(score, error, freedom, "paired t over seeds and images")


def mean_over_seeds(right: ArrayLike, *, level: float = 0.95) -> Score:
    """The accuracy of a way of training, with an interval over seeds and images.

    Wilson's interval, for as many images as would give a plain proportion the variance over both;
    with one seed it is that trained model's own interval, over images alone.

    Args:
        right: ``(seeds, n)`` whether each seed's model was right about each image.
        level: Of the interval.
    """
    from scipy.special import ndtr, stdtrit

    values = np.asarray(right, np.float64)
    seeds, images = values.shape
    if seeds == 1:
        return proportion(int(values.sum()), images, level)
    if seeds < FEWEST_SEEDS:
        reason = f"{seeds} seeds; {FEWEST_SEEDS} are needed"
        return Score.without(float(values.mean()), reason, n=images, level=level)
    mean, error, freedom = _two_way(values, level)
    # Wilson's form with Student's quantile instead of the normal one.
    wider = float(2 * ndtr(stdtrit(freedom, 0.5 + level / 2)) - 1)
    as_many = equivalent(mean, error**2, images, wider)
    score = wilson_score(mean, as_many, level=wider, method="t over seeds and images", n=images)
    return replace(score, level=level)


def five_by_two(differences: ArrayLike, *, images: int, level: float = 0.95) -> RepeatedTest:
    """Compare two ways of training on both halves of five random divisions: 5x2cv, corrected.

    Dietterich's own statistic takes the ten differences for more independent than they are: all
    halves come from the same images, and on few images or weak models it raises up to three times
    the false alarms it says (``benchmarks/truth.py``). Nadeau and Bengio's variance counts that
    each half was also trained on: times 1/10 + 1, for test parts as large as training parts. No
    interval is given: this variance errs to the safe side, by how much depends on the data.

    Source: T. Dietterich, "Approximate statistical tests for comparing supervised classification
    learning algorithms", Neural Computation 10 (1998), for the scheme; C. Nadeau, Y. Bengio,
    "Inference for the generalization error", Machine Learning 52 (2003), for the variance.

    Args:
        differences: ``(5, 2)`` score of the first minus score of the second, for each half of
            five random divisions of the data into halves.
        images: How many a half has; no difference is known better than to one of them.
        level: Of the test.

    Raises:
        UsageError: It is not five times two differences, or a half has no image.
    """
    gaps = np.asarray(differences, np.float64)
    if gaps.shape != (5, 2) or images < 1:
        raise UsageError(
            f"the 5x2cv test needs differences of shape (5, 2) over some images; "
            f"got {gaps.shape} over {images}"
        )
    error = max(float(gaps.std(ddof=1)) * sqrt(1 / gaps.size + 1), 1 / images)
    score = Score.without(
        float(gaps.mean()), "halves of the same images, only the test holds", n=images, level=level
    )
    return _student(score, error, gaps.size - 1, "5x2cv t, corrected")


def _two_way(
    values: NDArray[np.float64], level: float, *, once: float = 1.0
) -> tuple[float, float, float]:
    """Mean over seeds and images, its standard error as both vary, and degrees of freedom.

    Mean squares of a table of seeds × images tell how much of the spread is between seeds,
    between images, and neither (B. Gallas, "One-shot estimate of MRMC variance: AUC", Academic
    Radiology 13, 2006, whose readers are our seeds and whose cases are our images). How far the
    mean may be off through the images, known from many, and through the seeds, known from few,
    is squared and added, each with Student's quantile of its own; the degrees of freedom are
    those whose one quantile says the same at `level`.

    Args:
        values: ``(seeds, images)``.
        level: Of the interval.
        once: How much of what is neither is taken off where it would count twice.
    """
    from scipy.special import stdtridf, stdtrit

    seeds, images = values.shape
    mean, of_seeds, of_images = values.mean(), values.mean(axis=1), values.mean(axis=0)
    between_seeds = images * of_seeds.var(ddof=1)
    # Whole, so that the error is never below what the images alone resolve, even if all seeds
    # happen to agree.
    between_images = seeds * of_images.var(ddof=1) if images > 1 else 0.0
    rest = values - of_seeds[:, None] - of_images + mean
    neither = (rest**2).sum() / ((seeds - 1) * max(images - 1, 1))
    # What is neither is in both mean squares and must count once.
    own = max(between_seeds - once * neither, 0.0)
    most, fewest = max(images - 1, seeds - 1), seeds - 1
    if not between_images + own:
        # Without any spread (all right, or never a difference) nothing is known better than one
        # image.
        return float(mean), 1 / images, float(most)
    upto = 0.5 + level / 2
    reach = between_images * stdtrit(most, upto) ** 2 + own * stdtrit(fewest, upto) ** 2
    freedom = stdtridf(upto, sqrt(reach / (between_images + own)))
    error = sqrt((between_images + own) / (seeds * images))
    return float(mean), error, float(np.clip(freedom, fewest, most))


def _student(score: Score, error: float, freedom: float, test: str) -> RepeatedTest:
    from scipy.special import stdtr, stdtrit

    statistic = score.value / error
    p_value = float(2 * stdtr(freedom, -abs(statistic)))
    if score.ends is not None:
        half = float(stdtrit(freedom, 0.5 + score.level / 2)) * error
        score = replace(score, low=max(-1.0, score.value - half), high=min(1.0, score.value + half))
    return RepeatedTest(score, p_value, statistic, freedom, test)
