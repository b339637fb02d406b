"""What training sees of photographs: files go in once, crops drawn at random come out in any order.

Photographs are decoded once, made small, and kept as JPEGs of high quality in one unnamed file, so
that memory does not grow with their number and nothing is left after a kill.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hangtag.progress import Progress

QUALITY = 95
RATIOS = (3 / 4, 4 / 3)
"""Width over height of a crop."""
LIGHT = 0.2
"""How far brightness, contrast and saturation go from 1."""
_TRIES = 10
_GRAY = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Views:
    """How views are drawn.

    Attributes:
        size: Rows and columns of a view.
        least: Proportion of an image's area that a crop has at least.
        flips: Whether every second view is a mirror image.
        light: Whether brightness, contrast and saturation change.
    """

    size: int
    least: float
    flips: bool
    light: bool = True


@dataclass(eq=False)
class Album:
    """Photographs that were made small, on disk.

    Args:
        folder: Where the unnamed file lies.
    """

    folder: Path
    _edges: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._one_by_one = Lock()
        self._file = tempfile.TemporaryFile(dir=self.folder, buffering=0)  # noqa: SIM115 - it is closed with the album

    def __len__(self) -> int:
        return len(self._edges) - 1

    def fill(
        self, images: Iterable[NDArray[np.uint8]], side: int, total: int, progress: Progress
    ) -> None:
        """Keep images, their shorter side made `side` where it is more.

        Args:
            images: ``(height, width, 1 or 3)`` uint8 each.
            side: In pixels.
            total: How many there are, for the progress.
            progress: Told how many are kept.
        """
        from PIL import Image

        for number, one in enumerate(images):
            image = Image.fromarray(np.repeat(one, 3, axis=2) if one.shape[2] == 1 else one)
            factor = side / min(image.size)
            if factor < 1:
                smaller = [max(1, round(edge * factor)) for edge in image.size]
                image = image.resize((smaller[0], smaller[1]), Image.Resampling.LANCZOS)
            buffer = BytesIO()
            image.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
            self._edges.append(self._edges[-1] + self._file.write(buffer.getvalue()))
            progress("decode", number + 1, total)

    def view(self, row: int, how: Views, rng: np.random.Generator) -> NDArray[np.uint8]:
        """A view of one image: ``(size, size, 3)``; several threads may ask at once."""
        from PIL import Image

        start, end = self._edges[row : row + 2]
        with Image.open(BytesIO(self._read(start, end))) as image:
            image.load()
            box = _box(image.size, how.least, rng)
            seen = image.resize((how.size, how.size), Image.Resampling.BILINEAR, box=box)
        if how.light:
            seen = seen.convert("RGB", _light(np.asarray(seen.resize((8, 8))), rng))
        pixels = np.asarray(seen)
        return pixels[:, ::-1] if how.flips and rng.random() < 0.5 else pixels

    def _read(self, start: int, end: int) -> bytes:
        """Bytes of the file; threads share its place, and Windows reads by no other."""
        with self._one_by_one:
            self._file.seek(start)
            return self._file.read(end - start)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _box(
    size: tuple[int, int], least: float, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a crop of random area and shape.

    As in C. Szegedy et al., "Going deeper with convolutions" (2015).
    """
    width, height = size
    for _ in range(_TRIES):
        area = width * height * rng.uniform(least, 1)
        # Evenly in the logarithm: a crop is as often twice as high as it is twice as wide.
        ratio = math.exp(rng.uniform(math.log(RATIOS[0]), math.log(RATIOS[1])))
        across, down = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if across <= width and down <= height:
            left, top = rng.uniform(0, width - across), rng.uniform(0, height - down)
            return left, top, left + across, top + down
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def _light(small: NDArray[np.uint8], rng: np.random.Generator) -> tuple[float, ...]:
    """Brightness, contrast and saturation as one matrix of colors, row by row with its offset."""
    bright, contrast, saturation = rng.uniform(1 - LIGHT, 1 + LIGHT, 3)
    gray = np.tile(_GRAY, (3, 1))
    matrix = bright * contrast * (saturation * np.eye(3) + (1 - saturation) * gray)
    # Contrast goes away from the mean gray of the view, not from black.
    middle = bright * (1 - contrast) * float((small.reshape(-1, 3) @ np.array(_GRAY)).mean())
    return tuple(np.column_stack([matrix, np.full(3, middle)]).ravel().tolist())
