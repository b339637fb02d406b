"""Which value of a pixel is white, and pixel values of any usual range as bytes.

Black is 0. Usual values of white are 1, 15, 16, 255, 1023, 4095 and 65535. They are told by the
greatest value of *all* rows of all parts. Where that fits two ranges equally well, it is a
question; where one is much likelier, a note. A part whose own greatest value is exactly that of a
much smaller range has been scaled on its own, and is brought back on its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError

USUAL = (1, 15, 16, 255, 1023, 4095, 65535)
"""Values of white that files have: 1, 4, 8, 10, 12 and 16 bits, and the 0 to 16 of UCI's digits."""

RARE = (31, 63, 100, 127, 511, 2047, 8191, 16383, 32767)
"""Others that occur: per cent, and odd numbers of bits."""

BRIGHT = 224
"""Images in bytes whose brightest value is at least this need no word about it."""

_CHUNK = 1024
_MUCH_SMALLER = 4
_DIM = 0.5


@dataclass(frozen=True)
class Seen:
    """The values of one part.

    Attributes:
        low: The least.
        high: The greatest.
        whole: Whether all are whole numbers.
    """

    low: float
    high: float
    whole: bool


def see(values: NDArray[Any], where: str) -> Seen:
    """Look at every value.

    Raises:
        FormatError: They are no numbers.
    """
    if values.dtype.kind not in "buif":
        raise FormatError(f"{where} holds {values.dtype}, not numbers", "write pixels as bytes")
    if not values.size:
        return Seen(0, 0, whole=True)
    low, high = float(values.min()), float(values.max())
    finite = math.isfinite(low) and math.isfinite(high)
    whole = values.dtype.kind != "f" or (finite and _whole(values))
    return Seen(low, high, whole)


def whites(
    seen: Mapping[str, Seen], asked: int | None, where: str, *, ask: bool = True
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The value of white in each part, and what there is to say about it.

    Args:
        seen: Of each part.
        asked: The value that somebody has said.
        where: What is read, for the sentences.
        ask: Whether somebody can be asked; else bytes are taken for bytes, with a note.

    Raises:
        FormatError: The values are no pixels, such as standardised ones.
        AmbiguousError: They fit two ranges.
    """
    for part, one in seen.items():
        _check(one, asked, _of(part, where, seen))
    if asked is not None:
        said = (f"values from 0 to {asked} became 0 to 255 as asked",) if asked != 255 else ()
        return dict.fromkeys(seen, float(asked)), said
    white: dict[str, float] = {}
    whole = {part: one.high for part, one in seen.items() if one.whole}
    top = max(whole.values(), default=0)
    if not ask and top > 255 and top not in USUAL:
        raise _no_pixels(where, min(one.low for one in seen.values()), top, "0–255")
    usual, notes = _white_of(int(top), where, ask)
    for part, one in seen.items():
        if not one.whole:
            white[part] = 1.0 if one.high <= 1 else 255.0
        elif one.high in USUAL and one.high * _MUCH_SMALLER <= usual:
            white[part] = one.high
        else:
            white[part] = usual
    return white, (*notes, *_said(white, seen))


def to_bytes(values: NDArray[Any], white: float) -> NDArray[np.uint8]:
    """Values from 0 to `white` as bytes, rounded; without a copy if they are such already."""
    if values.dtype == np.uint8 and white == 255:
        return values
    if values.dtype == np.uint8:
        table = np.rint(np.arange(256) * (255.0 / white)).clip(0, 255).astype(np.uint8)
        return np.asarray(table[values], np.uint8)
    pixels = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _CHUNK):
        pixels[start : start + _CHUNK] = np.rint(values[start : start + _CHUNK] * (255.0 / white))
    return pixels


def _check(one: Seen, asked: int | None, what: str) -> None:
    most = asked or (65535 if one.whole else 255)
    if not (one.low >= 0 and one.high <= most):  # also when either is not a number
        allowed = f"0–{asked}, as asked" if asked else "0–65535, or fractions 0–1 or 0–255"
        raise _no_pixels(what, one.low, one.high, allowed)
    if one.whole or asked:
        return
    if 0 < one.high * 255 <= 1 + 1e-3:
        raise FormatError(
            f"{what} holds values from {one.low:g} to {one.high:g}, as if divided by 255 twice",
            "divide them once",
        )
    if 1 < one.high <= 128:
        raise AmbiguousError(
            f"{what} holds fractions from {one.low:g} to {one.high:g}: white may be"
            f" {one.high:g} or 255",
            "say which value is white, such as --range 255",
        )


def _no_pixels(what: str, low: float, high: float, allowed: str) -> FormatError:
    return FormatError(
        f"{what} holds values from {low:g} to {high:g}; pixels are {allowed}",
        "undo the standardisation, or scale them, before saving",
    )


def _white_of(top: int, where: str, ask: bool) -> tuple[float, list[str]]:
    """The white of whole numbers whose greatest is `top`."""
    if top == 0:
        return 255.0, []
    if top in USUAL:
        return float(top), []
    usual = next(one for one in USUAL if one >= top)
    dim = usual > 255 and 2 * top <= usual
    if not ask:
        usual = max(255, usual)
    elif top < 16 or top in RARE or dim:
        other = max(255, usual)
        raise AmbiguousError(
            f"the greatest value in {where} is {top}: white may be {top} or {other}",
            f"say which value is white: --range {top} or --range {other}",
        )
    if BRIGHT <= top < 255:
        return 255.0, []
    return float(usual), [
        f"the greatest value is {top}; white was taken to be {usual} (--range {top}: if it is that)"
    ]


def _said(white: Mapping[str, float], seen: Mapping[str, Seen]) -> list[str]:
    """A note for each range that was brought to bytes; naming parts if they differ."""
    several = len(set(white.values())) > 1
    notes: dict[str, None] = {}
    for part, one in white.items():
        which = f" in {part}" if several else ""
        if one != 255:
            notes[f"values from 0 to {one:g} became 0 to 255{which}"] = None
        elif not seen[part].whole:
            notes[f"fractions from 0 to 255 were rounded{which}"] = None
    reached = {part: one.high / white[part] for part, one in seen.items()}
    for part, proportion in reached.items():
        if 0 < proportion <= _DIM < max(reached.values()):
            notes[f"the brightest value in {part} is {seen[part].high:g} of {white[part]:g}"] = None
    return list(notes)


def _of(part: str, where: str, seen: Mapping[str, Seen]) -> str:
    return where if len(seen) == 1 else f"the {part} part of {where}"


def _whole(values: NDArray[Any]) -> bool:
    return all(
        bool((values[start : start + _CHUNK] % 1 == 0).all())
        for start in range(0, len(values), _CHUNK)
    )
