"""A photo's pixels go in, which named color its item has comes out; no network is asked.

What is ground is learned from the photo itself: colors that its rim has and its middle has not.
The rest is clustered in CIE Lab, where equal distances look equally different, each cluster gets
the name of the swatch nearest to it, and the name with the most pixels is the color.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_Points = NDArray[np.float32]

SIDE = 48
"""Pixels of the longer side that are looked at: colors need no detail."""

KEY, WORD = "color", "colors"
"""The attribute, and what is given in the place of a model to name it alone."""

MODEL = "swatches-1"
"""What a tagging by colors is called; another number whenever its answers may be others."""

SURE = 0.6
"""Proportion of an item's pixels that a color must have, or its color is "unknown"."""

GRAY = 1.0
"""Mean chroma below which a photo is a gray one, which says nothing of what it shows."""

SWATCHES = {
    "black": ((18, 18, 20), (38, 38, 42), (60, 60, 64)),
    "gray": ((104, 104, 106), (132, 132, 134), (162, 163, 165), (180, 181, 183)),
    "white": ((250, 250, 250), (226, 227, 229), (212, 213, 216)),
    "red": ((200, 30, 35), (150, 25, 35), (105, 22, 32), (220, 75, 70)),
    "orange": ((235, 115, 35), (240, 145, 80), (200, 90, 40)),
    "yellow": ((245, 215, 60), (205, 170, 55), (245, 230, 140)),
    "green": ((45, 140, 65), (28, 70, 45), (110, 120, 65), (150, 195, 130), (70, 80, 55),
              (95, 160, 140), (165, 235, 70), (200, 222, 190)),
    "blue": ((40, 90, 185), (28, 36, 80), (125, 170, 215), (85, 110, 145), (50, 65, 95),
             (34, 38, 58), (60, 165, 190), (140, 158, 180), (175, 195, 218)),
    "purple": ((105, 50, 140), (165, 130, 195), (75, 35, 75), (120, 85, 130)),
    "pink": ((240, 155, 180), (215, 60, 125), (232, 195, 200), (200, 120, 135)),
    "brown": ((100, 65, 42), (140, 98, 65), (65, 45, 38)),
    "beige": ((216, 198, 165), (190, 168, 138), (236, 224, 204)),
}  # fmt: skip
"""The names, of Shopify's list of colors, each with what it is called for in sRGB."""

NAMES = tuple(SWATCHES)
_CLUSTERS, _ROUNDS, _BINS = 6, 8, 10
_RIM, _LEAST_LEFT = 0.08, 0.06
_WHITE, _MOST_LIFTED = 94.0, 1.15


class Color(NamedTuple):
    """Of which color an item is.

    Attributes:
        proportions: ``(len(NAMES),)`` float32, of its pixels.
        chroma: Mean distance of the photo's pixels from gray, in Lab.
    """

    proportions: NDArray[np.float32]
    chroma: float


def color_of(pixels: NDArray[np.uint8]) -> Color:
    """The color of what a photo shows.

    Args:
        pixels: ``(height, width, 3)`` uint8, small.
    """
    height, width, _ = pixels.shape
    points = as_lab(pixels.reshape(-1, 3))
    chroma = float(np.hypot(points[:, 1], points[:, 2]).mean())
    weights = _foreground(points, height, width)
    # White in the shade is gray to a camera: where nothing is bright, everything is lifted a bit.
    points[:, 0] *= np.clip(_WHITE / np.quantile(points[:, 0], 0.98), 1, _MOST_LIFTED)
    proportions = np.zeros(len(NAMES), np.float32)
    centers, sizes = _clusters(points, weights)
    # The nearest anchor names a cluster; several anchors a name, since red is dark and light, too.
    gaps = ((centers[:, None] - _ANCHORS[None]) * _SCALE) ** 2
    np.add.at(proportions, _NAMED[gaps.sum(axis=2).argmin(axis=1)], sizes)
    return Color(proportions / max(float(proportions.sum()), 1e-9), chroma)


def as_lab(pixels: NDArray[np.uint8]) -> _Points:
    """``(n, 3)`` sRGB to CIE Lab, white at D65 (IEC 61966-2-1, CIE 15)."""
    scaled = pixels.astype(np.float32) / 255
    linear = np.where(scaled <= 0.04045, scaled / 12.92, ((scaled + 0.055) / 1.055) ** 2.4)
    relative = linear @ _TO_XYZ.T
    bent = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    x, y, z = bent.T
    found: _Points = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
    return found.astype(np.float32)


def _foreground(points: _Points, height: int, width: int) -> _Points:
    """``(n,)`` how much each pixel is of the item: not of the ground's colors, and not at the rim.

    A color belongs to the ground as far as the rim has more of it than the middle has.
    """
    # What is for sale stands in the middle of its photo, as a rule.
    rows, columns = (np.linspace(-1, 1, side, dtype=np.float32) for side in (height, width))
    nearest = np.exp(-(rows[:, None] ** 2) - columns[None] ** 2).reshape(-1)
    edge = np.maximum(abs(rows)[:, None], abs(columns)[None]).reshape(-1)
    rim, middle = edge > 1 - 2 * _RIM, edge < 0.6
    bins = np.floor(points / _BINS).astype(np.int64) + 32
    codes = (bins[:, 0] * 64 + bins[:, 1]) * 64 + bins[:, 2]
    _, codes = np.unique(codes, return_inverse=True)
    ground = np.bincount(codes, rim, codes.max() + 1) / max(int(rim.sum()), 1)
    central = middle * nearest
    inside = np.bincount(codes, central, codes.max() + 1) / max(float(central.sum()), 1e-9)
    item = inside / np.maximum(inside + ground, 1e-9)
    weights = nearest * (item**2)[codes]
    # An item of the ground's own color leaves nothing: then the middle of the photo speaks.
    if weights.sum() < _LEAST_LEFT * nearest.sum():
        weights = nearest * middle
    found: _Points = weights.astype(np.float32)
    return found


def _clusters(points: _Points, weights: _Points) -> tuple[_Points, _Points]:
    """Centers ``(k, 3)`` and weights ``(k,)`` by k-means, started where the weight is spread.

    The starts are the farthest from those before (Gonzalez 1985), counted by weight, so that the
    same photo always has the same clusters.
    """
    kept = weights > weights.max() * 0.02
    points, weights = points[kept], weights[kept]
    centers = [np.average(points, axis=0, weights=weights)]
    apart = ((points - centers[0]) ** 2).sum(axis=1)
    for _ in range(_CLUSTERS - 1):
        centers.append(points[int((apart * weights).argmax())])
        apart = np.minimum(apart, ((points - centers[-1]) ** 2).sum(axis=1))
    middles = np.stack(centers)
    columns = np.ascontiguousarray(points.T)
    before: NDArray[np.int64] | None = None
    for _ in range(_ROUNDS):
        # A column at a time, and pixels side by side: sums over rows of three numbers take longer
        # than all else, and so does a row of six for each pixel.
        apart = sum((one - m[:, None]) ** 2 for one, m in zip(columns, middles.T, strict=True))
        own = apart.argmin(axis=0)
        if before is not None and np.array_equal(own, before):
            break  # nothing would move any more
        before = own
        sizes = np.bincount(own, weights, _CLUSTERS)
        sums = np.stack([np.bincount(own, weights * one, _CLUSTERS) for one in columns], axis=1)
        middles = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1e-9)[:, None], middles)
    return middles.astype(np.float32), sizes.astype(np.float32)


# Of sRGB to XYZ, each divided by the white of D65.
_TO_XYZ = np.asarray(
    [
        [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883],
    ],
    np.float32,
)
# Light and shadow change lightness, and a name hardly depends on it.
_SCALE = np.asarray([0.6, 1, 1], np.float32)
_ANCHORS = as_lab(np.asarray([rgb for each in SWATCHES.values() for rgb in each], np.uint8))
_NAMED = np.repeat(np.arange(len(NAMES)), [len(each) for each in SWATCHES.values()])
