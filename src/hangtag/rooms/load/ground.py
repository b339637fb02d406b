"""The ground pictures stand on, light or dark: pictures in, the answer and the inversion out.

A model trained on clothes on black (Fashion-MNIST) fails on the same clothes on white (a shop's
photographs). So the ground is measured twice, by one rule on the outermost ring of pixels:

* a picture stands on a light ground when at least three quarters of its border pixels are
  brighter than 159, on a dark one when as many are darker than 96, else on neither;
* a training set stands on one when at least 90 % of its pictures do and at most 1 % stand on
  the other.

A picture to be tagged is inverted only when it clearly stands on the other ground than a
training set that clearly stands on one. None of Fashion-MNIST's 70,000 pictures is inverted by
this rule, and nothing ever is for Sign-MNIST, whose ground is grey.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DARKEST_LIGHT = 160
LIGHTEST_DARK = 95
SHARE_OF_BORDER = 0.75
SHARE_OF_SET = 0.9
SHARE_OF_OTHERS = 0.01
_CHUNK = 8192


def border(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``(n, height, width, channels)`` to ``(n, pixels of the outermost ring, channels)``."""
    sides = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    return np.concatenate(sides, axis=1)


def of_pictures(images: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pictures stand on a dark and which on a light ground, two ``(n,)`` arrays."""
    ring = border(images)
    brightness = ring[..., 0] if ring.shape[2] == 1 else ring.mean(axis=2)
    dark = (brightness <= LIGHTEST_DARK).mean(axis=1) >= SHARE_OF_BORDER
    light = (brightness >= DARKEST_LIGHT).mean(axis=1) >= SHARE_OF_BORDER
    return dark, light


def of_set(images: NDArray[np.uint8]) -> bool | None:
    """Whether a set stands on a dark ground (True), a light one (False) or neither (None)."""
    n_dark = n_light = 0
    for start in range(0, len(images), _CHUNK):
        dark, light = of_pictures(images[start : start + _CHUNK])
        n_dark += int(dark.sum())
        n_light += int(light.sum())
    for mine, other, answer in ((n_dark, n_light, True), (n_light, n_dark, False)):
        if mine >= SHARE_OF_SET * len(images) and other <= SHARE_OF_OTHERS * len(images):
            return answer
    return None


def onto(picture: NDArray[np.uint8], dark: bool | None) -> NDArray[np.uint8]:
    """Invert ``(height, width, channels)`` if it stands on the other ground than `dark` says."""
    if dark is None:
        return picture
    on_dark, on_light = of_pictures(picture[None])
    wrong = on_light[0] if dark else on_dark[0]
    return 255 - picture if wrong else picture
