"""Counts or random draws in, the interval a score may really be in out.

Two kinds: Wilson's for a share of images (exact enough from a handful of images on, and never
outside 0 to 1), and the bootstrap for what is no plain share. To add a kind: one function here
that gives lower and upper ends, and its coverage simulated in the tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.records import Score

_CHUNK = 100  # resamples drawn at once: 4 MB of weights for 10,000 images
_DRAWS = 1 << 16


def normal_quantile(level: float) -> float:
    """How many standard deviations each way hold the share `level` of a normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score interval of a share; from 0 to 1 when there is no trial.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927).

    Args:
        successes: Any shape, how many had it.
        trials: The same shape, of how many.
        level: Share of such intervals that hold the true value.

    Returns:
        Lower and upper ends, in the shape of the input.
    """
    hits, total = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    square = normal_quantile(level) ** 2
    # In this form no division by the trials is needed, so none may be zero-safe by accident.
    centre = (hits + square / 2) / (total + square)
    product = np.divide(hits * (total - hits), total, out=np.zeros_like(total), where=total > 0)
    half = sqrt(square) * np.sqrt(product + square / 4) / (total + square)
    # Rounding would leave the ends of a share of 0 or 1 a hair inside of it.
    low = np.where(hits == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(hits == total, 1.0, np.clip(centre + half, 0, 1))
    return low, high


def share(successes: int, trials: int, level: float = 0.95) -> Score:
    """The share `successes` / `trials` with Wilson's interval; 0 when there is no trial."""
    low, high = wilson(successes, trials, level)
    value = successes / trials if trials else 0.0
    return Score(value, float(low), float(high), "Wilson", trials, level)


def wilson_score(value: float, images: float, *, level: float, method: str, n: int) -> Score:
    """A score between 0 and 1 that is as sure as a share among `images` images would be."""
    low, high = wilson(value * images, images, level)
    return Score(value, min(float(low), value), max(float(high), value), method, n, level)


def mean_score(each: NDArray[np.float64], *, level: float, resamples: int, seed: int) -> Score:
    """A mean of non-negative numbers with its bootstrap-t interval.

    The bootstrap is of the mean in units of its own standard error, which is more accurate than
    plain percentiles where few images make most of the mean, as with losses. Source: B. Efron,
    R. Tibshirani, "An Introduction to the Bootstrap", chapter 12 (1993).
    """
    n, mean, deviation = len(each), float(each.mean()), float(each.std())
    powers = np.stack([(each - mean) ** power for power in range(3)]).astype(np.float32)
    drawn_t = []
    for drawn in weights(n, resamples=resamples, seed=seed):
        totals, sums, squares = (powers @ drawn).astype(np.float64)
        totals = np.maximum(totals, 1)
        means = sums / totals
        errors = np.sqrt(np.maximum(squares / totals - means**2, 0) / totals)
        # A sample of one image repeated has no spread; it says nothing about the tails.
        drawn_t.append(means[errors > 0] / errors[errors > 0])
    drawn_t.append(np.zeros(1))
    ends = np.quantile(np.concatenate(drawn_t), (0.5 + level / 2, 0.5 - level / 2))
    low, high = (mean - end * deviation / sqrt(n) for end in ends)
    return Score(mean, max(0.0, min(low, mean)), max(high, mean), "bootstrap", n, level)


def percentile(value: float, draws: NDArray[np.float64], n: int, level: float) -> Score:
    """`value` with the interval that holds the share `level` of its bootstrap `draws`."""
    low, high = np.quantile(draws, (0.5 - level / 2, 0.5 + level / 2))
    return Score(value, min(float(low), value), max(float(high), value), "bootstrap", n, level)


def resampled_tables(
    counts: NDArray[np.int64], *, level: float, resamples: int, seed: int
) -> NDArray[np.int64]:
    """Confusion tables as other samples of the same size might have given them.

    A plain bootstrap of a table without mistakes never makes one, and so would call a perfect
    score on 20 images certain. Wilson's interval adds z²/2 right and z²/2 wrong images before it
    looks; here they are spread evenly over the classes that occur, which carries his honesty over
    to the averages and changes nothing on large sets.

    Args:
        counts: ``(n_classes, n_classes)``, row = true class.
        level: Level of the interval that is to be made, which gives z.
        resamples: How many tables.
        seed: Draws them.

    Returns:
        ``(resamples, n_classes, n_classes)`` int64.
    """
    seen = occurring(counts)
    diagonal = np.diag(seen).astype(np.float64)
    elsewhere = np.outer(seen, seen) - diagonal
    half = normal_quantile(level) ** 2 / 2
    smooth = counts + half * diagonal / diagonal.sum() + half * elsewhere / max(elsewhere.sum(), 1)
    cells = np.flatnonzero(smooth)
    chances = smooth.ravel()[cells] / smooth.sum()
    tables = np.zeros((resamples, counts.size), np.int64)
    generator = np.random.default_rng(seed)
    tables[:, cells] = generator.multinomial(int(counts.sum()), chances, size=resamples)
    return tables.reshape(resamples, *counts.shape)


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
        drawn = generator.integers(0, _DRAWS, size=(n, some), dtype=np.uint16)
        yield table[drawn]


def _poisson_table() -> NDArray[np.float32]:
    """The Poisson(1) quantile of each of 65,536 equal shares of probability."""
    chances = np.exp(-1.0) / np.cumprod(np.maximum(np.arange(12), 1))
    shares = (np.arange(_DRAWS) + 0.5) / _DRAWS
    return np.searchsorted(np.cumsum(chances), shares).astype(np.float32)
