"""What an image may go through and still be the same image: images in, altered ones out.

Pixels are compared by a limit that holds for every set. A network's features have no such limit:
how far they take a cropped image differs from network to network. So what counts as a copy is
said here, by example, and measured on each set.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

KEPT = 0.9  # of each side of a cropped image
QUALITY = 50  # of JPEG: half of what cameras write, so that what they wrote lies well within
BRIGHTER, DARKER = 1.25, 0.8  # one undoes the other


def _cropped(pixels: Pixels, random: np.random.Generator) -> Pixels:
    """All but a tenth of each side, from anywhere, brought back to its size."""
    from PIL import Image

    height, width = pixels.shape[:2]
    rows, columns = max(1, round(height * KEPT)), max(1, round(width * KEPT))
    top, left = random.integers(0, height - rows + 1), random.integers(0, width - columns + 1)
    part = pixels[top : top + rows, left : left + columns]
    # Pillow takes gray images without an axis of channels.
    image = Image.fromarray(part if part.shape[2] == 3 else part[:, :, 0])
    back: Pixels = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    return back.reshape(pixels.shape)


def _brighter(pixels: Pixels, random: np.random.Generator) -> Pixels:  # noqa: ARG001
    brighter: Pixels = np.clip(pixels * BRIGHTER, 0, 255).astype(np.uint8)
    return brighter


def _darker(pixels: Pixels, random: np.random.Generator) -> Pixels:  # noqa: ARG001
    return (pixels * DARKER).astype(np.uint8)


def _compressed(pixels: Pixels, random: np.random.Generator) -> Pixels:  # noqa: ARG001
    from PIL import Image

    image = Image.fromarray(pixels if pixels.shape[2] == 3 else pixels[:, :, 0])
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return np.asarray(Image.open(buffer)).reshape(pixels.shape)


ALTERATIONS: Mapping[str, Callable[[Pixels, np.random.Generator], Pixels]] = {
    "cropped": _cropped,
    "brighter": _brighter,
    "darker": _darker,
    "compressed": _compressed,
}
"""What each does, by its name in the facts."""


def altered(pixels: Pixels, seed: int) -> dict[str, Pixels]:
    """``(n, height, width, channels)`` images, each altered in every way."""
    random = np.random.default_rng(seed)
    return {
        name: np.stack([alter(one, random) for one in pixels])
        for name, alter in ALTERATIONS.items()
    }
