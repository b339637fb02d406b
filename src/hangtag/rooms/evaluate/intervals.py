"""Counts or random draws in, the interval a score may really be in out.

Two kinds: Wilson's for a proportion of images (exact enough from a handful of images on, and never
outside 0 to 1) and for what is as sure as a proportion of some number of images would be, and the
bootstrap for log loss. To add a kind: one function here that gives lower and upper ends, and a row
in ``benchmarks/truth.py``, which simulates how often it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.geometry.threads import limited
from hangtag.records import Score

FEWEST = 10
"""Images of a class, answers that name it, or mistakes below which what rests on them has no
interval; of fewer it is hardly known how they vary (``benchmarks/truth.py``)."""

_CHUNK = 100  # resamples drawn at once: 4 MB of weights for 10,000 images
_DRAWS = 1 << 16


def normal_quantile(level: float) -> float:
    """How many standard deviations each way hold `level` of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score interval of a proportion; from 0 to 1 when there is no trial.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).

    Args:
        successes: Any shape, how many had it.
        trials: The same shape, of how many.
        level: Proportion of such intervals that hold the true value.

    Returns:
        Lower and upper ends, in the shape of the input.
    """
    hits, total = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    square = normal_quantile(level) ** 2
    # In this form no division by the trials is needed, so none may be zero-safe by accident.
    centre = (hits + square / 2) / (total + square)
    product = np.divide(hits * (total - hits), total, out=np.zeros_like(total), where=total > 0)
    half = sqrt(square) * np.sqrt(product + square / 4) / (total + square)
    # Rounding would leave the ends of a proportion of 0 or 1 a hair inside of it.
    low = np.where(hits == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(hits == total, 1.0, np.clip(centre + half, 0, 1))
    return low, high


def proportion(successes: int, trials: int, level: float = 0.95) -> Score:
    """The proportion `successes` / `trials` with Wilson's interval; 0 when there is no trial."""
    low, high = wilson(successes, trials, level)
    value = successes / trials if trials else 0.0
    return Score(value, float(low), float(high), "Wilson", trials, level)


def wilson_score(value: float, images: float, *, level: float, method: str, n: int) -> Score:
    """A score between 0 and 1 that is as sure as a proportion among `images` images would be."""
    low, high = wilson(value * images, images, level)
    return Score(value, min(float(low), value), max(float(high), value), method, n, level)


def equivalent(value: float, variance: float, least: float, level: float) -> float:
    """How many images give a proportion of this value this variance.

    With few mistakes the variance is hardly known, and with none it is 0; `least`, the number of
    images the score rests on at least, then decides.
    """
    # The shrinkage of Wilson's interval, written for a variance: with few images both value and
    # variance are moved towards those of a proportion of one half.
    few = normal_quantile(level) ** 2 / least
    return (value * (1 - value) + few / 4) / (variance + few / 4 / least)


def mean_score(each: NDArray[np.float64], *, level: float, resamples: int, seed: int) -> Score:
    """A mean of non-negative numbers with its bootstrap-t interval.

    The bootstrap is of the mean in units of its own standard error, which is more accurate than
    plain percentiles where few images make most of the mean, as with losses. Source: B. Efron,
    R. Tibshirani, "An Introduction to the Bootstrap", chapter 12 (1993).
    """
    n, mean, deviation = len(each), float(each.mean()), float(each.std())
    # Sums of 1, x and x² of all resamples are one matrix product with the weights. The mean is
    # taken off first, since float32 would lose the small differences beside it.
    powers = np.stack([(each - mean) ** power for power in range(3)]).astype(np.float32)
    drawn_t = []
    with limited(1):  # three rows: threads wait more than they do
        for drawn in weights(n, resamples=resamples, seed=seed):
            totals, sums, squares = (powers @ drawn).astype(np.float64)
            totals = np.maximum(totals, 1)
            means = sums / totals
            errors = np.sqrt(np.maximum(squares / totals - means**2, 0) / totals)
            # A sample of one image repeated has no spread; it says nothing about the tails.
            drawn_t.append(means[errors > 0] / errors[errors > 0])
    drawn_t.append(np.zeros(1))
    # Upper quantile of t for the lower end and the other way round: t is in units of the error of
    # the resample, and the interval turns it over.
    ends = np.quantile(np.concatenate(drawn_t), (0.5 + level / 2, 0.5 - level / 2))
    low, high = (mean - end * deviation / sqrt(n) for end in ends)
    return Score(mean, max(0.0, min(low, mean)), max(high, mean), "bootstrap", n, level)


def occurring(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """``(n_classes,)`` whether a class occurs among the labels or the answers."""
    seen: NDArray[np.bool_] = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    return seen


def weights(n: int, *, resamples: int, seed: int) -> Iterator[NDArray[np.float32]]:
    """How often each image is in each bootstrap sample, some samples at a time.

    Every image is drawn independently, a Poisson(1) number of times, instead of n draws with
    replacement: the same to first order, and vectors all the way. Source: N. Chamandy et al.,
    "Estimating uncertainty for massive data streams", Google (2012).

    Yields:
        ``(n, some)`` float32, samples in columns; `resamples` columns in all.
    """
    generator = np.random.default_rng(seed)
    table = _poisson_table()
    for start in range(0, resamples, _CHUNK):
        some = min(_CHUNK, resamples - start)
        # Two bytes a draw and a look into a table: far quicker than a Poisson generator.
        drawn = generator.integers(0, _DRAWS, size=(n, some), dtype=np.uint16)
        yield table[drawn]


def _poisson_table() -> NDArray[np.float32]:
    """The Poisson(1) quantile of each of 65,536 equal parts of probability."""
    chances = np.exp(-1.0) / np.cumprod(np.maximum(np.arange(12), 1))
    quantiles = (np.arange(_DRAWS) + 0.5) / _DRAWS
    return np.searchsorted(np.cumsum(chances), quantiles).astype(np.float32)
