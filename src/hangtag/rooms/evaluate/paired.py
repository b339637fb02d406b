"""Two models' right and wrong answers on the same images in, how likely chance alone is out.

To add a test: one function from counts or scores to a p-value, and its false-positive rate
simulated in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import copysign, inf, sqrt

import numpy as np
from numpy.typing import ArrayLike

from hangtag.errors import UsageError
from hangtag.records import RepeatedTest, Score
from hangtag.rooms.evaluate.intervals import wilson


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
    """Difference of two paired shares, with Newcombe's square-and-add interval.

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
    spread = sqrt(first * (n - first) * second * (n - second))
    together = both * neither - first_only * second_only
    # Newcombe shrinks a positive correlation by n/2, to 0 at most; it would make him too bold.
    shrunk = max(0.0, together - n / 2) if together > 0 else together
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
        highest = max(highest, min(1.0, p_values[where] * (len(p_values) - rank)))
        adjusted[where] = highest
    return adjusted


def repeats(first: ArrayLike, second: ArrayLike, *, level: float = 0.95) -> RepeatedTest:
    """Compare two ways of training by their scores over the same seeds: the paired t-test.

    It speaks of the ways of training, on these images; McNemar's test speaks of two trained
    models.

    Args:
        first: Scores of the one, one per seed.
        second: Scores of the other, for the same seeds.
        level: Of the interval.

    Raises:
        UsageError: There are not two or more scores of each, as many of one as of the other.
    """
    scores = [np.asarray(values, np.float64).ravel() for values in (first, second)]
    if len(scores[0]) != len(scores[1]) or len(scores[0]) < 2:
        raise UsageError(
            f"comparing over seeds needs as many scores of both, two or more; "
            f"got {len(scores[0])} and {len(scores[1])}"
        )
    gaps = scores[0] - scores[1]
    error = float(gaps.std(ddof=1)) / sqrt(len(gaps))
    mean = float(gaps.mean())
    score = Score(mean, mean, mean, "t", len(gaps), level)
    return _student(score, mean, error, len(gaps) - 1, "paired t over repeats")


def five_by_two(differences: ArrayLike, *, level: float = 0.95) -> RepeatedTest:
    """Dietterich's 5x2cv paired t-test.

    The difference it gives is the mean of all ten; its interval has the spread of a single one,
    and so is rather too wide than too narrow.

    Source: T. Dietterich, "Approximate statistical tests for comparing supervised classification
    learning algorithms", Neural Computation 10 (1998).

    Args:
        differences: ``(5, 2)`` score of the first minus score of the second, for each half of
            five random divisions of the data into halves.
        level: Of the interval.

    Raises:
        UsageError: It is not five times two differences.
    """
    gaps = np.asarray(differences, np.float64)
    if gaps.shape != (5, 2):
        raise UsageError(f"the 5x2cv test needs differences of shape (5, 2); got {gaps.shape}")
    error = float(np.sqrt(gaps.var(axis=1, ddof=1).mean()))
    # The statistic takes the first difference alone: a mean over dependent halves has no t law.
    mean = float(gaps.mean())
    score = Score(mean, mean, mean, "t", gaps.size, level)
    return _student(score, float(gaps[0, 0]), error, 5, "5x2cv t")


def _student(score: Score, tested: float, error: float, freedom: int, test: str) -> RepeatedTest:
    from scipy.special import stdtr, stdtrit

    statistic = tested / error if error else copysign(inf, tested) if tested else 0.0
    half = float(stdtrit(freedom, 0.5 + score.level / 2)) * error
    p_value = float(2 * stdtr(freedom, -abs(statistic)))
    score = replace(score, low=score.value - half, high=score.value + half)
    return RepeatedTest(score, p_value, statistic, freedom, test)
