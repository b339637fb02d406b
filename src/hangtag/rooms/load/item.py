"""The item in a photograph: found, cut out and laid on the background that a model was trained on.

A model of small images has seen items that fill their frame before an even background. The
same item on a table, in a photograph with margins, is lost to it. So of a training set it is
measured how much of the frame its items fill, and where nearly all agree a larger photograph is
treated alike:

* the background is a surface of second degree in each channel, fitted to the outermost ring and
  fitted again without what lies far from it (an item that touches the edge);
* the item is what differs from that surface by more than the ring itself does (wood and cloth
  differ from any smooth surface), in large enough pieces, their holes filled. Before a colored
  background a shadow is the background's own color, darker, and so no item;
* it is cropped to the extent that training items have; what is around it becomes the background
  of the training images, black or white. For a gray model on dark backgrounds an item that is
  darker than its own is inverted: that is how such images were made. Colors stay as they are.

What is no larger than a few of the model's images, or shows no item, is treated as before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.load import background

LARGER = 3
"""Times the longer side of a model's images, from which on an image is a photograph."""
NEEDED = 8
"""Times that side, which a photograph is decoded at where that is quicker."""

SIDE = 160
"""Pixels of the longer side that an item is looked for in."""
RING = 0.04
LEAST_DIFFERENCE = 10.0
SPREAD = 1.5
"""Times the ring's own difference from the surface (its 95th percentile), from which on a pixel is
of an item; twice that where an item begins."""
COLORED = 25.0
"""Difference between red or blue and the brightness, from which on a background has a color."""
DARKEST_SHADOW = 0.55
PIECE = 0.15
"""Of the largest piece, that a piece must have to belong to the item."""
SMALLEST, MOST_OF_RING = 0.01, 0.5

FAR, AGREE, WITHIN = 48, 0.9, 0.12
_LUMA = np.array([0.299, 0.587, 0.114])
_CHUNK = 8192


def extent_of(images: NDArray[np.uint8], dark: bool | None) -> float | None:
    """How much of the longer side items fill in a training set, from 0 to 1.

    Args:
        images: ``(n, height, width, channels)`` uint8.
        dark: Their background, see :func:`background.of_set`.

    Returns:
        The median, where nine tenths of the images lie near it; None where they differ, or have no
        background of one kind.
    """
    if dark is None:
        return None
    found = []
    for start in range(0, len(images), _CHUNK):
        some = images[start : start + _CHUNK]
        behind = np.median(background.border(some), axis=1)[:, None, None]
        item = (np.abs(some.astype(np.int16) - behind) > FAR).any(axis=3)
        found.append(np.maximum(_extents(item.any(axis=2)), _extents(item.any(axis=1))))
    extents = np.concatenate(found)
    middle = float(np.median(extents))
    near = np.abs(extents - middle) <= WITHIN
    return round(middle, 3) if middle and near.mean() >= AGREE else None


def _extents(there: NDArray[np.bool_]) -> NDArray[np.float64]:
    """From the first to the last that is there, as a proportion of all, for each row."""
    length = there.shape[1]
    first, last = there.argmax(axis=1), length - there[:, ::-1].argmax(axis=1)
    return np.where(there.any(axis=1), (last - first) / length, 0.0)


def cut_out(
    photo: NDArray[np.uint8], shape: tuple[int, int, int], *, extent: float, dark: bool
) -> NDArray[np.uint8] | None:
    """The item of a photograph as a model's training images show theirs.

    Args:
        photo: ``(height, width, 3)`` uint8.
        shape: ``(height, width, channels)`` of the model's images; the result has its aspect.
        extent: How much of the longer side training items fill.
        dark: Whether they lie on a dark background.

    Returns:
        ``(h, w, channels)`` uint8 of any size; None where no item is found.
    """
    found = _find(photo)
    if found is None:
        return None
    mask, behind = found
    rows, columns = _slices(mask, photo.shape[:2])
    cover = _enlarged(mask, photo.shape[:2])[rows, columns, None]
    around = 0 if dark else 255
    if shape[2] > 1:
        # In its own colors; what was around it, its pattern and shadow, becomes black or white.
        item = cover * photo[rows, columns] + (1 - cover) * around
    else:
        gray = (photo[rows, columns] @ _LUMA)[..., None]
        sure = gray[cover > 0.5]
        # On a light background everything is darker, or white: as training images of it were made.
        inverted = behind >= background.DARKEST_LIGHT or float(np.median(sure)) < behind
        bright = cover * (255 - gray if inverted else gray)  # as on a dark background
        item = bright if dark else 255 - bright
    return _framed(item, shape, extent, around).round().astype(np.uint8)


def _find(photo: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], float] | None:
    """Where the item is, in a small copy, and how bright the background is around it."""
    from scipy import ndimage

    small = _small(photo)
    ring = np.zeros(small.shape[:2], bool)
    width = max(2, round(RING * min(ring.shape)))
    ring[:width] = ring[-width:] = ring[:, :width] = ring[:, -width:] = True
    behind, used = _background(small, ring)
    differs = _difference(small, behind, used)
    least = max(LEAST_DIFFERENCE, SPREAD * float(np.quantile(differs[used], 0.95)))
    pieces, n = ndimage.label(ndimage.binary_opening(differs > least))
    sizes = np.bincount(pieces.ravel(), minlength=n + 1)
    begins = np.bincount(pieces.ravel(), (differs > 2 * least).ravel(), minlength=n + 1) > 0
    begins[0] = False
    if not begins.any():
        return None
    mask = (begins & (sizes >= PIECE * sizes[begins].max()))[pieces]
    # Closed beyond the edge, too, so that an item that is cut off there stays whole.
    closed = ndimage.binary_closing(np.pad(mask, 4), iterations=3)
    mask = ndimage.binary_fill_holes(closed)[4:-4, 4:-4]
    if mask.mean() < SMALLEST or (mask & ring).sum() > MOST_OF_RING * ring.sum():
        return None
    around = behind[~mask] if not mask.all() else behind.reshape(-1, 3)
    return mask, float((around @ _LUMA).mean())


def _background(
    small: NDArray[np.float64], ring: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The surface of second degree through the ring, and the pixels of the ring that are of it."""
    y, x = np.mgrid[-0.5 : 0.5 : small.shape[0] * 1j, -0.5 : 0.5 : small.shape[1] * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=2)
    # The median first, then a plane, then the surface: begun with, that would bend towards an item
    # that touches the edge.
    surface, used = np.broadcast_to(np.median(small[ring], axis=0), small.shape), ring
    for degree in (1, 3, 6, 6):
        far = np.linalg.norm(small - surface, axis=2)
        # Three times the median leaves a texture in, and an item out that touches the edge.
        used = ring & (far <= 3 * np.median(far[used]) + 4)
        weights = np.linalg.lstsq(terms[used][:, :degree], small[used], rcond=None)[0]
        surface = terms[..., :degree] @ weights
    return surface, used


def _difference(
    small: NDArray[np.float64], behind: NDArray[np.float64], used: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """How far each pixel is from the background: in brightness, and in color beside it."""
    apart = small - behind
    bright = apart @ _LUMA
    parts = np.stack([bright, apart[..., 0] - bright, apart[..., 2] - bright], axis=2)
    far = np.linalg.norm(parts, axis=2)
    typical = np.median(behind[used], axis=0)
    if np.linalg.norm((typical - typical @ _LUMA)[[0, 2]]) <= COLORED:
        return np.asarray(far)  # a gray item before gray cannot be told from a shadow by its color
    factor = (small * behind).sum(axis=2) / np.maximum((behind * behind).sum(axis=2), 1)
    shade = np.clip(factor, DARKEST_SHADOW, 1.1)[..., None] * behind
    return np.asarray(np.minimum(far, np.linalg.norm(small - shade, axis=2)))


def _small(photo: NDArray[np.uint8]) -> NDArray[np.float64]:
    from PIL import Image

    height, width = photo.shape[:2]
    factor = min(1.0, SIDE / max(height, width))
    size = max(8, round(width * factor)), max(8, round(height * factor))
    return np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BOX), np.float64)


def _enlarged(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.float64]:
    """How much of each pixel of the photograph is of the item, from 0 to 1."""
    from PIL import Image

    plain = Image.fromarray(mask.astype(np.uint8) * 255)
    large = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    return np.asarray(large, np.float64) / 255


def _slices(mask: NDArray[np.bool_], size: tuple[int, int]) -> tuple[slice, slice]:
    """The rows and columns of the photograph that the item lies in."""
    found = []
    for axis in (0, 1):
        there = np.flatnonzero(mask.any(axis=1 - axis))
        factor = size[axis] / mask.shape[axis]
        found.append(slice(int(there[0] * factor), int(np.ceil((there[-1] + 1) * factor))))
    return found[0], found[1]


def _framed(
    item: NDArray[np.float64], shape: tuple[int, int, int], extent: float, around: int
) -> NDArray[np.float64]:
    """In the middle of a frame of that aspect, of which it fills so much of the longer side."""
    height, width, channels = item.shape
    side = max(height / shape[0], width / shape[1]) / extent
    rows, columns = max(height, round(side * shape[0])), max(width, round(side * shape[1]))
    frame = np.full((rows, columns, channels), float(around))
    top, left = (rows - height) // 2, (columns - width) // 2
    frame[top : top + height, left : left + width] = item
    return frame
