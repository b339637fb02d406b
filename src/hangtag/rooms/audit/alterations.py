"""What a picture may go through and still be the same picture: pictures in, altered ones out.

Pixels are compared by a limit that holds for every set. A network's features have no such limit:
how far they take a cropped picture differs from network to network. So what counts as a copy is
said here, by example, and measured on each set.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

KEPT = 0.9  # of each side of a cropped picture
QUALITY = 50  # of JPEG: half of what cameras write, so that what they wrote lies well within
BRIGHTER, DARKER = 1.25, 0.8  # one undoes the other


def _cropped(picture: Picture, random: np.random.Generator) -> Picture:
    """All but a tenth of each side, from anywhere, brought back to its size."""
    from PIL import Image

    height, width = picture.shape[:2]
    rows, columns = max(1, round(height * KEPT)), max(1, round(width * KEPT))
    top, left = random.integers(0, height - rows + 1), random.integers(0, width - columns + 1)
    part = picture[top : top + rows, left : left + columns]
    # Pillow takes gray pictures without an axis of channels.
    image = Image.fromarray(part if part.shape[2] == 3 else part[:, :, 0])
    back: Picture = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    return back.reshape(picture.shape)


def _brighter(picture: Picture, random: np.random.Generator) -> Picture:  # noqa: ARG001
    brighter: Picture = np.clip(picture * BRIGHTER, 0, 255).astype(np.uint8)
    return brighter


def _darker(picture: Picture, random: np.random.Generator) -> Picture:  # noqa: ARG001
    return (picture * DARKER).astype(np.uint8)


def _compressed(picture: Picture, random: np.random.Generator) -> Picture:  # noqa: ARG001
    from PIL import Image

    image = Image.fromarray(picture if picture.shape[2] == 3 else picture[:, :, 0])
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return np.asarray(Image.open(buffer)).reshape(picture.shape)


ALTERATIONS: Mapping[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "cropped": _cropped,
    "brighter": _brighter,
    "darker": _darker,
    "compressed": _compressed,
}
"""What each does, by its name in the facts."""


def altered(pictures: Picture, seed: int) -> dict[str, Picture]:
    """``(n, height, width, channels)`` pictures, each altered in every way."""
    random = np.random.default_rng(seed)
    return {
        name: np.stack([alter(one, random) for one in pictures])
        for name, alter in ALTERATIONS.items()
    }
