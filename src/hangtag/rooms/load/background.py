"""Whether images have a light or a dark background: measured of a set, and mended when tagging.

A grey model trained on clothes on black (Fashion-MNIST) fails on the same clothes on white (a
shop's photos). So the background is measured twice, by one rule on the outermost ring of pixels:

* an image has a light background when at least three quarters of its border pixels are brighter
  than 159, a dark one when as many are darker than 96, else neither;
* a training set has one when at least 90 % of its images do and not one has the other.

An image to be tagged is inverted only if it is grey (colours would become others: red turns cyan)
and clearly has the other background than a training set that clearly has one. No image of a set
trained on both is inverted, so tagging sees what training saw. None of Fashion-MNIST's 70,000
images is inverted by this rule, and nothing ever is for Sign-MNIST, whose background is grey.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DARKEST_LIGHT = 160
LIGHTEST_DARK = 95
PROPORTION_OF_BORDER = 0.75
PROPORTION_OF_SET = 0.9
_CHUNK = 8192


def border(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``(n, height, width, channels)`` to ``(n, pixels of the outermost ring, channels)``."""
    sides = [images[:, 0], images[:, -1], images[:, 1:-1, 0], images[:, 1:-1, -1]]
    return np.concatenate(sides, axis=1)


def of_images(images: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which images have a dark and which a light background, two ``(n,)`` arrays."""
    ring = border(images)
    brightness = ring[..., 0] if ring.shape[2] == 1 else ring.mean(axis=2)
    dark = (brightness <= LIGHTEST_DARK).mean(axis=1) >= PROPORTION_OF_BORDER
    light = (brightness >= DARKEST_LIGHT).mean(axis=1) >= PROPORTION_OF_BORDER
    return dark, light


def of_set(images: NDArray[np.uint8]) -> bool | None:
    """Whether a set has a dark background (True), a light one (False) or neither (None)."""
    n_dark = n_light = 0
    for start in range(0, len(images), _CHUNK):
        dark, light = of_images(images[start : start + _CHUNK])
        n_dark += int(dark.sum())
        n_light += int(light.sum())
    for mine, other, answer in ((n_dark, n_light, True), (n_light, n_dark, False)):
        # One image of the other kind is enough to forbid inverting: it was trained on as it is.
        if mine >= PROPORTION_OF_SET * len(images) and not other:
            return answer
    return None


def as_trained(image: NDArray[np.uint8], dark: bool | None) -> tuple[NDArray[np.uint8], str]:
    """Invert a grey ``(height, width, 1)`` image with the other background than `dark` says.

    Returns:
        The image, and what was done to it; empty when it is as it came.
    """
    if dark is None or image.shape[2] != 1:
        return image, ""
    on_dark, on_light = of_images(image[None])
    if not (on_light[0] if dark else on_dark[0]):
        return image, ""
    now, then = ("light", "dark") if dark else ("dark", "light")
    return 255 - image, f"inverted: {now} background, trained on {then}"
