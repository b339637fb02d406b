"""Picture files of any kind, one at a time and safely: path or bytes in, pixels or a reason out.

The stated rules:

* read: PNG, JPEG, WebP, GIF and TIFF (their first frame), BMP, PPM, AVIF; told by content, not by
  name. Nothing that would start another program (EPS) is ever opened.
* at most 25 megapixels, looked up in the header before anything is decoded.
* turned as the camera says (EXIF orientation); what is see-through is laid over white.
* 16-bit grey is scaled to 8 bits; 32-bit pixels are refused.
* grey from colour is ITU-R 601 luma; colour from grey is three equal channels.
* another size is fitted inside and padded, see `fitting.py`.

This module is only imported lazily: it loads Pillow. To add a kind of file: its Pillow name in
:data:`KINDS` and its suffixes in `trees.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from os import cpu_count
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hangtag.errors import FormatError
from hangtag.rooms.load import fitting

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "AVIF")
"""Pillow's names of what may be opened."""

Image.init()
_KINDS_HERE = [kind for kind in KINDS if kind in Image.OPEN]  # AVIF and WebP may be left out

MOST_PIXELS = 25_000_000
"""A picture with more pixels than this is not decoded."""

BATCH = 256
"""Pictures in the hands of the threads at a time."""

TASK = 16
"""Pictures that a thread takes at once: handing over a small one costs as much as reading it."""

_ORIENTATION = 0x0112
_SMALL = 1 << 18
_GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")

Source = str | Path | bytes
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Facts:
    """What a picture's header says.

    Attributes:
        height: Rows, after turning it as the camera says.
        width: Columns, likewise.
        grey: Whether it has no colour.
    """

    height: int
    width: int
    grey: bool


def facts(source: Source) -> Facts:
    """Read the header of one picture.

    Raises:
        FormatError: It is no picture that can be read, or too large; one sentence.
    """
    with _opened(source) as image:
        return _facts(image)


def decode(source: Source, *, grey: bool, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """Read one picture, fitted inside `size` but not padded to it.

    Args:
        source: A path, or the bytes of a file.
        grey: One channel if true, else three.
        size: ``(height, width)`` to fit inside; None to keep its own.

    Returns:
        ``(height, width, 1 or 3)`` uint8.

    Raises:
        FormatError: As :func:`facts`, and when the pixels are damaged or cut off.
    """
    with _opened(source) as image:
        return _decoded(image, grey, size)


def decode_if(
    source: Source, fits: Callable[[Facts], bool], *, grey: bool, size: tuple[int, int] | None
) -> tuple[Facts, NDArray[np.uint8] | None]:
    """Read the header, and if `fits` says so at once the picture, as :func:`decode` does."""
    with _opened(source) as image:
        seen = _facts(image)
        return seen, _decoded(image, grey, size) if fits(seen) else None


def in_threads(
    work: Callable[[Item], Result], items: Iterable[Item], batch: int = BATCH
) -> Iterator[tuple[Item, Result | FormatError]]:
    """Do `work` on every item in several threads; give item and result in order.

    At most `batch` items are under way, so any number can stream through. A FormatError of one
    item is its result; Pillow's warnings about odd files are not shown.
    """

    def several(some: Sequence[Item]) -> list[Result | FormatError]:
        results: list[Result | FormatError] = []
        for item in some:
            try:
                results.append(work(item))
            except FormatError as error:
                results.append(error)
        return results

    waiting = iter(items)
    with ThreadPoolExecutor(min(8, cpu_count() or 1)) as pool:
        while some := list(islice(waiting, batch)):
            tasks = [some[start : start + TASK] for start in range(0, len(some), TASK)]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                results = list(chain.from_iterable(pool.map(several, tasks)))
            yield from zip(some, results, strict=True)


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    """Open the header, check the number of pixels, and turn whatever goes wrong into a sentence."""
    try:
        with Image.open(_at_once(source), formats=_KINDS_HERE) as image:
            _check_pixels(image.width, image.height)
            yield image
    except FormatError:
        raise
    except Image.DecompressionBombError:
        raise FormatError(f"has more than {MOST_PIXELS // 10**6} megapixels") from None
    except UnidentifiedImageError:
        raise FormatError("is not a picture of a kind that can be read") from None
    except FileNotFoundError:
        raise FormatError("is not there") from None
    # Pillow's decoders answer damage with almost any exception; all of them mean the same here.
    except Exception as error:  # noqa: BLE001
        raise FormatError(f"is damaged or cut off ({_short(error)})") from None


def _at_once(source: Source) -> str | Path | BytesIO:
    """A small file as what is in it: Pillow goes back and forth, and each step is a system call."""
    if not isinstance(source, bytes):
        with open(source, "rb", buffering=0) as file:  # noqa: PTH123 - text or Path
            content = file.read(_SMALL)
        if len(content) == _SMALL:
            return source
        source = content
    return BytesIO(source)


def _facts(image: Image.Image) -> Facts:
    width, height = image.size
    if _orientation(image) in (5, 6, 7, 8):
        width, height = height, width
    return Facts(height, width, _is_grey(image))


def _decoded(image: Image.Image, grey: bool, size: tuple[int, int] | None) -> NDArray[np.uint8]:
    mode = "L" if grey else "RGB"
    if size is not None and image.format == "JPEG":  # it can be decoded at a fraction of its size
        image.draft(mode, (3 * max(size), 3 * max(size)))
    upright = ImageOps.exif_transpose(image) if _orientation(image) != 1 else image
    plain = _over_white(upright, mode)
    return fitting.as_array(plain if size is None else fitting.shrink(plain, size))


def _check_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise FormatError("has no pixels")
    if width * height > MOST_PIXELS:
        raise FormatError(
            f"has {width}×{height} = {width * height / 1e6:.1f} megapixels;"
            f" at most {MOST_PIXELS // 10**6} are read"
        )


def _orientation(image: Image.Image) -> int:
    """How the camera was held, as far as the header says it; 1 is upright."""
    # For a PNG that has not said it so far, Pillow would decode all pixels to look behind them.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    found: int = image.getexif().get(_ORIENTATION, 1)
    return found


def _is_grey(image: Image.Image) -> bool:
    if image.mode != "P":
        return image.mode in _GREY_MODES
    colours = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _over_white(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I;16"):
        wide = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(((wide + 128) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise FormatError("has 32-bit pixels; save it with 8 or 16 bits")
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        image = Image.alpha_composite(ground, seen)
    return image if image.mode == mode else image.convert(mode)


def _short(error: Exception) -> str:
    return str(error).split("\n")[0][:100] or type(error).__name__
