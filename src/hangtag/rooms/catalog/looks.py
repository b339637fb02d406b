"""How a photo looks in a few numbers, and what two of them are to each other.

Copies have the same light and the same lines; an item in another color has the same lines only. So
two things are compared on 32×32 pixels, laid over each other at most one pixel off: lightness, and
where colors change, in whatever direction. The limits are for all catalogs: on photos that were
saved anew, resized and cut by up to 2 %, and on photos whose item was dyed, against the nearest
other photos of a set (docs/guide/catalog.md has how many are found).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from hangtag.rooms.catalog.swatches import GRAY, NAMES, as_lab, color_of

_Square = NDArray[np.float32]

SAME, COPY, OTHER_COLOR = "same picture", "near copy", "other color"

READ = 64
"""Pixels of the longer side of what is read."""

NAME = "looks-1"
"""What kept looks are called; another number whenever they may be others."""

_SIDE = 32
_SQUARE, _REST = "<f2", "<f4"
COPY_LIGHT, COPY_LINES, COPY_TINT = 0.98, 0.88, 5.0
VARIANT_LINES, VARIANT_OVERLAP = 0.85, 0.35


class Look(NamedTuple):
    """What is compared of a photo.

    Attributes:
        light: ``(32, 32)`` lightness.
        lines: ``(32, 32)`` how much color changes there, bent so that no edge outweighs all others.
        tint: ``(2,)`` mean a and b of Lab.
        proportions: Of the item's pixels, by named color.
        chroma: Mean distance from gray.
    """

    light: _Square
    lines: _Square
    tint: NDArray[np.float32]
    proportions: NDArray[np.float32]
    chroma: float


def look_of(pixels: NDArray[np.uint8]) -> Look:
    """How a small ``(height, width, 3)`` photo looks."""
    lab = as_lab(_resized(pixels).reshape(-1, 3)).reshape(_SIDE, _SIDE, 3)
    down, across = (np.diff(lab, axis=axis, append=np.take(lab, [-1], axis)) for axis in (0, 1))
    # The second root bends strong edges down, or the outline would outweigh everything within it.
    lines = np.sqrt(np.sqrt((down**2 + across**2).sum(axis=2)))
    color, tint = color_of(pixels), lab[:, :, 1:].mean(axis=(0, 1))
    # As it is kept, so that what is found does not depend on whether a look was kept.
    return from_bytes(as_bytes(Look(lab[:, :, 0], lines, tint, color.proportions, color.chroma)))


def as_bytes(look: Look) -> bytes:
    """A look as it is kept: 4 KB."""
    squares = np.stack([look.light, look.lines]).astype(_SQUARE)
    rest = np.concatenate([look.tint, look.proportions, [look.chroma]]).astype(_REST)
    return squares.tobytes() + rest.tobytes()


def from_bytes(kept: bytes) -> Look:
    """A look that was kept.

    Raises:
        ValueError: It is no such thing.
    """
    squares = np.frombuffer(kept, _SQUARE, 2 * _SIDE * _SIDE).astype(np.float32)
    light, lines = squares.reshape(2, _SIDE, _SIDE)
    rest = np.frombuffer(kept, _REST, offset=2 * squares.size).astype(np.float32)
    if len(rest) != 2 + len(NAMES) + 1:
        raise ValueError("no look")
    return Look(light, lines, rest[:2], rest[2:-1], float(rest[-1]))


def relation(one: Look, other: Look) -> str:
    """``near copy``, ``other color``, or nothing."""
    tints = float(np.abs(one.tint - other.tint).max())
    # The proportion of pixels that both call the same: small where the item has another color.
    common = float(np.minimum(one.proportions, other.proportions).sum())
    may_be_copy = tints <= COPY_TINT
    may_be_dyed = min(one.chroma, other.chroma) >= GRAY and common <= VARIANT_OVERLAP
    # Colors first: most pairs are neither, and laying photos over each other takes longest.
    if not (may_be_copy or may_be_dyed):
        return ""
    lines = _aligned(one.lines, other.lines)
    if may_be_copy and lines >= COPY_LINES and _aligned(one.light, other.light) >= COPY_LIGHT:
        return COPY
    return OTHER_COLOR if may_be_dyed and lines >= VARIANT_LINES else ""


def _resized(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image

    size = (_SIDE, _SIDE)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def _aligned(one: _Square, other: _Square) -> float:
    """The best correlation of both, the other moved at most one pixel."""
    inner = (one[1:-1, 1:-1] - one[1:-1, 1:-1].mean()).ravel()
    moved = sliding_window_view(other, (_SIDE - 2, _SIDE - 2)).reshape(9, -1)
    moved = moved - moved.mean(axis=1, keepdims=True)
    spread = float(inner @ inner) * np.einsum("ij,ij->i", moved, moved)
    # A flat photo has nothing to correlate.
    found = np.where(spread > 0, moved @ inner / np.sqrt(np.maximum(spread, 1e-12)), -1.0)
    return float(found.max())
