"""What transparent images are laid on: the one of white, black and grey that leaves them visible.

A white drawing on transparency is erased on white, a black one on black. An image counts as
erased on a background when fewer than 5 % of its opaque pixels differ from it by at least 32 of
255 in any channel. A set takes the background on which the fewest images are erased, white before
black before grey where several have as few, and takes it for all of its images, so that the
background says nothing about the class.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BACKGROUNDS = {255: "white", 0: "black", 128: "grey"}
"""Grey levels that images may be laid on, the first preferred."""

CONTRAST = 32
VISIBLE = 0.05
OPAQUE = 128


def erased(image: Image.Image, mode: str) -> tuple[bool, ...] | None:
    """On which of :data:`BACKGROUNDS` an image is erased; None if it has no transparent pixel.

    Args:
        image: Any image.
        mode: ``L`` if only its brightness counts, ``RGB`` if its colour does.
    """
    if not image.has_transparency_data or image.mode[0] in "IF":
        return None
    seen = image.convert("RGBA")
    alpha = np.asarray(seen.getchannel("A"))
    if alpha.min() == 255:
        return None
    opaque = alpha >= OPAQUE if (alpha >= OPAQUE).any() else alpha > 0
    # Converted before laying on, so that the colour below transparent pixels cannot matter.
    values = np.asarray(seen.convert("RGB").convert(mode))[opaque].astype(np.int16)
    if not len(values):
        return (False,) * len(BACKGROUNDS)
    return tuple(_erased(values.reshape(len(values), -1), level) for level in BACKGROUNDS)


def _erased(values: NDArray[np.int16], level: int) -> bool:
    visible = np.abs(values - level).max(axis=1) >= CONTRAST
    return bool(visible.mean() < VISIBLE)


def choose(seen: Iterable[tuple[bool, ...]]) -> int:
    """The grey level on which the fewest images are erased."""
    counts = np.sum([np.zeros(len(BACKGROUNDS), int), *map(np.asarray, seen)], axis=0)
    return tuple(BACKGROUNDS)[int(np.argmin(counts))]


def lay_on(image: Image.Image, level: int) -> Image.Image:
    """Lay an image with transparent parts on a grey level."""
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, (level, level, level, 255)), seen)
