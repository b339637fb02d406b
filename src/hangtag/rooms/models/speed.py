"""Classifiers go in, how long each needs for an image comes out, measured as they take turns."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Classifier

ROUNDS = 3
ROUND_SECONDS = 0.02
MOST_IMAGES = 256


def prediction_seconds(classifiers: Mapping[str, Classifier]) -> dict[str, float]:
    """Seconds an image of each, medians of rounds in which the models take turns.

    The images are noise: what a network computes does not depend on what it sees, and what a
    forest does only little.
    """
    images = {name: _enough_images(one) for name, one in classifiers.items()}
    taken: dict[str, list[float]] = {name: [] for name in classifiers}
    for _ in range(ROUNDS):
        for name, one in classifiers.items():
            taken[name].append(_seconds(one, images[name]) / len(images[name]))
    return {name: median(values) for name, values in taken.items()}


def _enough_images(classifier: Classifier) -> NDArray[np.uint8]:
    """As many images as one round can have, the model warmed up on them."""
    shape = (MOST_IMAGES, *classifier.preprocessing.picture_shape)
    noise = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    count = 8
    while count < MOST_IMAGES and _seconds(classifier, noise[:count]) < ROUND_SECONDS / 2:
        count *= 2
    return noise[:count]


def _seconds(classifier: Classifier, images: NDArray[np.uint8]) -> float:
    began = time.perf_counter()
    classifier.probabilities(images)
    return time.perf_counter() - began
