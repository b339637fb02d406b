"""Image files of any kind, one at a time and safely: a path or bytes to pixels or a reason.

The stated rules:

* read: PNG, JPEG, WebP, GIF and TIFF (their first frame), BMP, PPM, AVIF, JPEG 2000, and with
  the extra ``photo`` HEIC, which telephones write; told by content, not by name. Nothing that
  would start another program (EPS) is ever opened.
* at most 25 megapixels, looked up in the header before anything is decoded.
* turned as the camera says (EXIF orientation); what is transparent is laid on the background that
  leaves it visible, see `transparency.py`.
* 16-bit grey is scaled to 8 bits; 32-bit pixels are refused.
* grey from colour is ITU-R 601 luma; colour from grey is three equal channels.
* another size is fitted inside and padded, see `resizing.py`.

This module is only imported lazily: it loads Pillow. To add a kind of file: its Pillow name in
:data:`KINDS` and its suffixes in `kinds.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import util
from io import BytesIO
from itertools import chain, islice
from os import cpu_count
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hangtag import memory, troubles
from hangtag.errors import FormatError
from hangtag.rooms.load import kinds, libtiff, resizing, transparency, trees

KINDS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "PPM", "AVIF", "JPEG2000", "HEIF")
"""Pillow's names of what may be opened."""

Image.init()
libtiff.silence()
if util.find_spec("pillow_heif"):  # of the extra photo
    import pillow_heif

    # Only the image itself: a file may hold thumbnails and depth besides.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
_KINDS_HERE = [kind for kind in KINDS if kind in Image.OPEN]  # AVIF and WebP may be left out

MOST_PIXELS = 25_000_000
"""An image with more pixels than this is not decoded."""

BATCH = 256
"""Images in the hands of the threads at a time."""

TASK = 16
"""Images that a thread takes at once: handing over a small one costs as much as reading it."""

_ORIENTATION = 0x0112
_MOST_CHUNKS = 100_000
_LONGEST_EXIF = 1 << 20
_SMALL = 1 << 18
_GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N")

Source = str | Path | bytes
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Facts:
    """What an image's header says.

    Attributes:
        height: Rows, after turning it as the camera says.
        width: Columns, likewise.
        grey: Whether it has no colour.
        transparent: Whether it may have transparent pixels.
        erased: On which backgrounds it is erased, see `transparency.erased`; None as long as its
            pixels were not looked at, and for an image without transparent ones.
        top: The greatest value of an image of 16 bits, once its pixels were looked at.
    """

    height: int
    width: int
    grey: bool
    transparent: bool = False
    erased: tuple[bool, ...] | None = None
    top: int | None = None


def facts(source: Source) -> Facts:
    """Read the header of one image.

    Raises:
        FormatError: It is no image that can be read, or too large; one sentence.
    """
    with _opened(source) as image:
        return _facts(image)


def decode(
    source: Source,
    *,
    grey: bool,
    size: tuple[int, int] | None = None,
    matte: int | None = None,
    white: int | None = None,
    least: int | None = None,
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Read one image, fitted inside `size` but not padded to it.

    Args:
        source: A path, or the bytes of a file.
        grey: One channel if true, else three.
        size: ``(height, width)`` to fit inside; None to keep its own.
        matte: Grey level that transparent parts are laid on; None for the one that leaves the
            image visible.
        white: The value of white in images of 16 bits; None for 65535.
        least: What the shorter side may be shrunk to, where decoding is quicker for it (JPEG);
            the image may come out larger.

    Returns:
        ``(height, width, 1 or 3)`` uint8, and what was done to the image, a few words each.

    Raises:
        FormatError: As :func:`facts`, and when the pixels are damaged or cut off.
    """
    with _opened(source) as image:
        before, after = _done_to(image, grey, size)
        if least is not None and image.format == "JPEG":
            factor = least / min(image.size)
            image.draft(None, (round(image.width * factor), round(image.height * factor)))
        pixels, laid = _decoded(image, grey, size, matte, white)
        return pixels, (*before, *laid, *after)


def look(
    source: Source,
    fits: Callable[[Facts], bool],
    *,
    grey: bool,
    size: tuple[int, int] | None,
    matte: int,
    by_brightness: bool,
) -> tuple[Facts, NDArray[np.uint8] | None]:
    """Read the header, and if `fits` says so at once the image, as :func:`decode` does.

    Of an image that may be transparent the pixels are looked at in any case, for what it can be
    seen on by its colour or, with `by_brightness`, as a grey image.
    """
    with _opened(source) as image:
        seen = _facts(image)
        if seen.transparent:
            seen = replace(seen, erased=transparency.erased(image, "L" if by_brightness else "RGB"))
        if image.mode.startswith("I;16"):
            seen = replace(seen, top=int(np.asarray(image).max()))
        return seen, _decoded(image, grey, size, matte)[0] if fits(seen) else None


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
    start = b""
    try:
        file, start = _at_once(source)
        with Image.open(file, formats=_KINDS_HERE) as image:
            _check_pixels(image.width, image.height)
            if image.format == "PNG":
                _find_late_exif(image)
            yield image
    except FormatError:
        raise
    # Pillow's decoders answer damage with almost any exception; all of them mean the same here.
    except Exception as error:  # noqa: BLE001
        raise _as_sentence(error, start) from None


def _as_sentence(error: Exception, start: bytes) -> FormatError:
    """What is wrong with one image, whose first bytes are `start`.

    Raises:
        MachineError: Nothing is wrong with it: the machine is at the end of its means.
    """
    if isinstance(error, Image.DecompressionBombError):
        return FormatError(f"has more than {MOST_PIXELS // 10**6} megapixels")
    if isinstance(error, UnidentifiedImageError):
        return FormatError(_not_read(start))
    if isinstance(error, FileNotFoundError):
        return FormatError("is not there")
    if isinstance(error, MemoryError):
        # Damaged headers ask for absurd amounts; but where little is left, the next one fails too.
        if (memory.free() or 0) < 4 * MOST_PIXELS:
            raise troubles.no_memory()
        return FormatError("asks for more memory than there is")
    if isinstance(error, OSError) and error.errno:  # the system's: Pillow's have no number
        return FormatError(trees.why_closed(error))
    return FormatError(f"is damaged or cut off ({_short(error)})")


def _not_read(start: bytes) -> str:
    kind = kinds.kind_of(start)
    if not start:
        return "is empty"
    if not kind:
        return "is not an image of a kind that can be read"
    if kind in kinds.READ or (kind == "HEIC" and "HEIF" in _KINDS_HERE):
        return f"is damaged or cut off: it begins as {kind} and does not go on as one"
    if kind == "HEIC":
        return "is a HEIC image: pip install 'hangtag[photo]' to read it, or save it as JPEG"
    return f"is an image of the kind {kind}, which is not read; save it as PNG or JPEG"


def _at_once(source: Source) -> tuple[str | Path | BytesIO, bytes]:
    """A small file as what is in it: Pillow goes back and forth, and each step is a system call.

    Returns:
        What Pillow is to open, and the first bytes.
    """
    if not isinstance(source, bytes):
        with open(source, "rb", buffering=0) as file:  # noqa: PTH123 - text or Path
            content = file.read(_SMALL)
        if len(content) == _SMALL:
            return source, content[: kinds.ENOUGH]
        source = content
    return BytesIO(source), source[: kinds.ENOUGH]


def _find_late_exif(image: Image.Image) -> None:
    """Put the eXIf that stands behind a PNG's pixels where Pillow keeps one from before them.

    Pillow would decode all pixels to get there; the chunks can be walked by their lengths.
    """
    file = getattr(image, "fp", None)
    if "exif" in image.info or file is None:
        return
    place = file.tell()
    file.seek(8)
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if len(head) < 8 or head[4:] == b"IEND":
            break
        if head[4:] == b"eXIf" and length <= _LONGEST_EXIF:
            image.info["exif"] = b"Exif\0\0" + file.read(length)
            break
        file.seek(length + 4, 1)
    file.seek(place)


def _facts(image: Image.Image) -> Facts:
    width, height = image.size
    # Pillow's size of a TIFF is already that of the turned image.
    if image.format != "TIFF" and _orientation(image) in (5, 6, 7, 8):
        width, height = height, width
    return Facts(height, width, _is_grey(image), image.has_transparency_data)


def _decoded(
    image: Image.Image,
    grey: bool,
    size: tuple[int, int] | None,
    matte: int | None,
    white: int | None = None,
) -> tuple[NDArray[np.uint8], list[str]]:
    mode = "L" if grey else "RGB"
    if size is not None and image.format == "JPEG":  # it can be decoded at a fraction of its size
        image.draft(mode, (3 * max(size), 3 * max(size)))
    upright = ImageOps.exif_transpose(image) if _orientation(image) != 1 else image
    plain, laid = _opaque(_in_bytes(upright, white or 65535), mode, matte)
    return resizing.as_array(plain if size is None else resizing.shrink(plain, size)), laid


def _done_to(
    image: Image.Image, grey: bool, size: tuple[int, int] | None
) -> tuple[list[str], list[str]]:
    """What decoding does to an image, by its header: first, and last."""
    seen = _facts(image)
    have = (seen.height, seen.width)
    first = ["first frame"] if getattr(image, "is_animated", False) else []
    first += ["turned as the camera says"] if _orientation(image) != 1 else []
    first += ["16 bits made 8"] if image.mode.startswith("I;16") else []
    last = []
    if seen.grey != grey:
        last.append("made grey" if grey else "given three channels")
    if size is not None and have != size:
        last.append(f"fitted from {have[0]}×{have[1]}")
    return first, last


def _check_pixels(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise FormatError("has no pixels")
    if width * height > MOST_PIXELS:
        raise FormatError(
            f"has {width}×{height} = {width * height / 1e6:.1f} megapixels;"
            f" at most {MOST_PIXELS // 10**6} are read"
        )


def _orientation(image: Image.Image) -> int:
    """How the camera was held, as far as the file says it; 1 is upright."""
    # For a PNG without, Pillow would decode all pixels to look behind them, where nothing is.
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    found = image.getexif().get(_ORIENTATION, 1)
    return found if found in range(1, 9) else 1


def _is_grey(image: Image.Image) -> bool:
    if image.mode != "P":
        return image.mode in _GREY_MODES
    colours = np.array(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _in_bytes(image: Image.Image, white: int) -> Image.Image:
    """An image of 16 bits with 0 to `white` as 0 to 255, rounded; others as they are."""
    if not image.mode.startswith("I;16"):
        return image
    wide = np.asarray(image).astype(np.uint32)
    return Image.fromarray(((wide * 255 + white // 2) // white).clip(0, 255).astype(np.uint8))


def _opaque(image: Image.Image, mode: str, matte: int | None) -> tuple[Image.Image, list[str]]:
    if image.mode in ("I", "F"):
        raise FormatError("has 32-bit pixels; save it with 8 or 16 bits")
    laid = []
    if image.has_transparency_data:
        erased = transparency.erased(image, mode)
        level = transparency.choose([erased] if erased else []) if matte is None else matte
        image = transparency.lay_on(image, level)
        if erased is not None:  # else every pixel is opaque, and nothing shows through
            laid.append(f"transparent parts laid on {transparency.BACKGROUNDS[level]}")
    return image if image.mode == mode else image.convert(mode), laid


def _short(error: Exception) -> str:
    return str(error).split("\n")[0][:100] or type(error).__name__
