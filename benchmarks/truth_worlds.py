"""Worlds of which everything is known, for ``truth``: what a score really is, and samples of it.

A world is a large pool of answers with their true classes. Samples are drawn from it with
replacement, so the pool *is* the population and its scores are the truth, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Predictions

POOL = 200_000


@dataclass(frozen=True)
class Kind:
    """How a world is made.

    Attributes:
        classes: How many.
        signal: How far the true class stands out; 2.5 is right about nine times in ten.
        heat: Its logits times this: above 1 it is surer than it should be.
        uneven: Each class has this proportion of the images of the one before it.
    """

    classes: int
    signal: float
    heat: float = 1.0
    uneven: float = 1.0


KINDS = {
    "two classes, sure": Kind(2, 2.2, heat=2.0),
    "three classes": Kind(3, 2.6),
    "five uneven classes": Kind(5, 2.4, uneven=0.6),
    "ten classes": Kind(10, 3.3),
    "ten classes, far too sure": Kind(10, 2.6, heat=4.0),
}


def pool(kind: Kind, *, seed: int = 0, size: int = POOL) -> Predictions:
    """Answers of one model on very many images: logits of noise, and a signal at the true class."""
    generator = np.random.default_rng(seed)
    proportions = kind.uneven ** np.arange(kind.classes)
    labels = generator.choice(kind.classes, size=size, p=proportions / proportions.sum())
    logits = generator.standard_normal((size, kind.classes), dtype=np.float32)
    # Some classes are harder than others, and some images.
    harder = np.linspace(0.8, 1.2, kind.classes)[labels] * np.exp(
        0.3 * generator.standard_normal(size)
    )
    logits[np.arange(size), labels] += kind.signal * harder
    powers = np.exp(kind.heat * (logits - logits.max(axis=1, keepdims=True)))
    chances = powers / powers.sum(axis=1, keepdims=True)
    return Predictions(np.arange(size), labels, chances, tuple(map(str, range(kind.classes))))


def sample(of: Predictions, n: int, generator: np.random.Generator) -> Predictions:
    """`n` answers drawn from a pool, with replacement."""
    drawn = generator.integers(0, len(of), n)
    return Predictions(np.arange(n), of.labels[drawn], of.probabilities[drawn], of.class_names)


SEEDED = (
    # difficulty of images, own difficulty for each way of training, spread between seeds
    (3.0, 0.5, 0.0),
    (3.0, 1.0, 0.2),
    (6.0, 2.0, 0.0),
    (2.0, 0.0, 0.5),
    (2.0, 1.0, 0.5),
    (6.0, 2.0, 0.3),
    (2.0, 0.0, 0.1),
)
"""Where chance comes from when ways of training are repeated: images, seeds, or both."""


def seeded(
    seeds: int, n: int, spreads: tuple[float, float, float], generator: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Right answers ``(seeds, n)`` of two equally good ways of training on the same images."""
    shared = generator.normal(2.0, spreads[0], (1, n))
    ways = []
    for _ in range(2):
        own = generator.normal(0, spreads[1], (1, n)) + generator.normal(0, spreads[2], (seeds, 1))
        ways.append(generator.random((seeds, n)) < 1 / (1 + np.exp(-(shared + own))))
    return ways[0], ways[1]


def expected(spreads: tuple[float, float, float]) -> float:
    """How often a way of training is right, over all images and seeds; exact to some 0.0002."""
    generator = np.random.default_rng(1)
    easy = 2.0 + sum(spread * generator.standard_normal(4_000_000) for spread in spreads)
    return float(np.mean(1 / (1 + np.exp(-easy))))


def halves(n: int, signal: float, generator: np.random.Generator) -> NDArray[np.float64]:
    """``(5, 2)`` differences of two equally good learners on halves of `n` labelled points.

    Both are nearest-mean classifiers; each sees four of eight features that tell as much.
    """
    labels = generator.integers(0, 2, n)
    points = generator.standard_normal((n, 8)) + signal * (labels[:, None] - 0.5)
    gaps = np.empty((5, 2))
    for repeat in range(5):
        order = generator.permutation(n)
        for half, (train, test) in enumerate(_both_ways(order)):
            right = [
                _nearest_mean(points[:, some], labels, train, test)
                for some in (slice(0, 4), slice(4, 8))
            ]
            gaps[repeat, half] = right[0] - right[1]
    return gaps


def _both_ways(order: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    one, other = order[: len(order) // 2], order[len(order) // 2 :]
    yield one, other
    yield other, one


def _nearest_mean(
    points: NDArray[np.float64],
    labels: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> float:
    distances = []
    for one in (0, 1):
        own = points[train][labels[train] == one]
        middle = own.mean(axis=0) if len(own) else np.zeros(points.shape[1])
        distances.append(((points[test] - middle) ** 2).sum(axis=1))
    return float(np.mean((distances[1] < distances[0]) == labels[test]))


@dataclass(frozen=True)
class Answering:
    """How often answers of each confidence are right.

    Attributes:
        middle: Mean log-odds of being right.
        spread: Their standard deviation.
        heat: Confidence is these log-odds times this: not 1 is another calibration.
        noise: What confidence has beside, so that it orders answers badly.
        most: The highest chance of being right.
    """

    middle: float
    spread: float
    heat: float = 1.0
    noise: float = 0.0
    most: float = 1.0


ANSWERING = {
    "good, calibrated": Answering(3, 2),
    "good, far too sure": Answering(3, 2, heat=3),
    "good, not sure enough": Answering(3, 2, heat=0.4),
    "fair": Answering(1.5, 2),
    "fair, badly ordered": Answering(2, 2, noise=2),
    "tops out at 94.6 %": Answering(2, 2, most=0.946),
    "tops out at 95.5 %": Answering(2, 2, most=0.955),
    "above 95 % altogether": Answering(4, 1),
    "just below 95 % at every confidence": Answering(2.94, 0.0, noise=1),
}


def answering(kind: Answering, n: int, generator: np.random.Generator) -> Predictions:
    """Answers between two classes, as confident and as often right as `kind` says."""
    odds = generator.normal(kind.middle, kind.spread, n)
    right = generator.random(n) < kind.most / (1 + np.exp(-odds))
    seen = np.clip(kind.heat * odds + generator.normal(0, kind.noise, n), -30, 30)
    sure = 0.5 + 0.5 / (1 + np.exp(-seen))
    chances = np.stack([sure, 1 - sure], axis=1).astype(np.float32)
    return Predictions(np.arange(n), np.where(right, 0, 1), chances, ("right", "wrong"))
