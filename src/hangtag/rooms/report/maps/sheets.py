"""Images in, sheets of thumbnails a page has room for out: as good as fits, and how good that is.

Exact pixels where they fit; otherwise WebP at the largest side that fits, of the highest quality
that does. On 70,000 images of Fashion-MNIST full size at low quality showed them better than any
smaller size of the same bytes did (12.5 grey levels from the truth against 17 and more), so size is
given up last.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hangtag.rooms.report.images import sheet, shrunk

COLUMNS = 32
PER_SHEET = COLUMNS * COLUMNS
EXACT = 2_500_000  # characters up to which pixels are kept as they are
_LARGEST = 64  # pixels: what a thumbnail on a map can show
_SIDES = (64, 48, 40, 32, 28, 24, 20, 16, 12, 8)
_QUALITIES = (85, 70, 50, 30, 15, 8)
_TRIED = 512  # images from which the size of all is estimated


@dataclass(frozen=True, eq=False)
class Sheets:
    """Thumbnails, in the order of the images they are of.

    Attributes:
        uris: One address of data per sheet of 1,024.
        width: Of a thumbnail.
        height: Of a thumbnail.
        quality: WebP's, or None where the pixels are exact.
        resized: Whether thumbnails are smaller than the images.
    """

    uris: tuple[str, ...]
    width: int
    height: int
    quality: int | None
    resized: bool

    def __len__(self) -> int:
        """Characters they take."""
        return sum(map(len, self.uris))


def sheets(images: NDArray[np.uint8], budget: int) -> Sheets | None:
    """The best sheets of at most `budget` characters; None when not even the smallest fit.

    Args:
        images: ``(n, height, width, channels)`` uint8, at least one.
        budget: Characters.
    """
    few = images[:: max(1, len(images) // _TRIED)][:_TRIED]
    scale = len(images) / len(few)
    for side, quality in _ladder(max(images.shape[1:3])):
        most = min(budget, EXACT) if quality is None else budget
        if len(_made(few, side, quality)) * scale > most * 1.1:
            continue  # not worth trying all
        made = _made(images, side, quality)
        if len(made) <= most:
            return made
    return None


def _ladder(longest: int) -> Iterator[tuple[int, int | None]]:
    """Side and quality to try, the best first."""
    largest = min(longest, _LARGEST)
    yield largest, None
    for side in (largest, *(one for one in _SIDES if one < largest)):
        for quality in _QUALITIES:
            yield side, quality


def _made(images: NDArray[np.uint8], side: int, quality: int | None) -> Sheets:
    small = shrunk(images, side)
    starts = range(0, len(small), PER_SHEET)
    uris = tuple(_uri(sheet(small[at : at + PER_SHEET], COLUMNS), quality) for at in starts)
    resized = small.shape[1:3] != images.shape[1:3]
    return Sheets(uris, small.shape[2], small.shape[1], quality, resized)


def _uri(pixels: NDArray[np.uint8], quality: int | None) -> str:
    flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    file = BytesIO()
    image = Image.fromarray(np.ascontiguousarray(flat))
    if quality is None:
        image.save(file, format="PNG")
    else:
        image.convert("RGB").save(file, format="WEBP", quality=quality, method=2)
    kind = "png" if quality is None else "webp"
    return f"data:image/{kind};base64," + base64.b64encode(file.getvalue()).decode("ascii")
