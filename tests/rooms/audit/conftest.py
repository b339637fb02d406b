"""Real images with known faults planted in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest


def part_of(images, n, part="train"):
    """The first `n` images of a part, as a set with one part."""
    return images.take(np.arange(n) + images.parts[part].start)


def in_parts(images, **sizes):
    """The same images, divided into parts of these sizes."""
    parts, start = {}, 0
    for name, size in sizes.items():
        parts[name] = range(start, start + size)
        start += size
    return replace(images, parts=parts, ids=None)


@pytest.fixture(scope="session")
def clothes(fashion):
    """3,000 of Fashion-MNIST's training images, none a copy of another."""
    return part_of(fashion, 3000)


@pytest.fixture(scope="session")
def planted(clothes):
    """2,000 training and 1,000 test images in which copies are planted.

    Test image 0 equals training image 100; test 1 is a brighter training 101; training 11
    equals training 10; training 13 equals training 12 under another label; training 15 is
    training 14 with a little noise.
    """
    images, labels = clothes.images.copy(), clothes.labels.copy()
    images[2000], labels[2000] = images[100], labels[100]
    images[2001], labels[2001] = np.clip(images[101] * 0.8 + 20, 0, 255), labels[101]
    images[11], labels[11] = images[10], labels[10]
    images[13], labels[13] = images[12], (labels[12] + 1) % 10
    noise = np.random.default_rng(0).integers(-3, 4, images[14].shape)
    images[15], labels[15] = np.clip(images[14] + noise, 0, 255), labels[14]
    return in_parts(replace(clothes, images=images, labels=labels), train=2000, test=1000)
