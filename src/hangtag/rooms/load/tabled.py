"""Tables of pixels, from text or Parquet, put together: one array, each part's rows together.

What is decided over all tables is decided here: one shape, which value is white, the order of
colours, and the parts that columns or files say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import content, groups, orders, predefined_splits
from hangtag.rooms.load.labels import to_codes
from hangtag.rooms.load.raw import Raw
from hangtag.rooms.load.values import see, to_bytes, whites


@dataclass(frozen=True)
class Part:
    """One table: its pixels as written, in image order, and what its other columns say.

    Attributes:
        name: Of the file.
        pixels: ``(n, values)`` as written, or ``(n, height, width, channels)``.
        shape: ``(height, width, channels)``.
        interleaved: Whether it is known that red, green and blue stand side by side.
        meaning: Of the other columns.
        notes: What was decided.
    """

    name: str
    pixels: NDArray[Any]
    shape: tuple[int, int, int]
    interleaved: bool
    meaning: content.Meaning
    notes: tuple[str, ...]

    def followed_by(self, other: Part) -> Part:
        """This table and, below it, another of the same part."""
        _one_shape({self.name: self.shape, other.name: other.shape})
        return replace(
            self,
            pixels=np.concatenate([self.pixels, other.pixels]),
            meaning=content.Meaning(
                [*self.labels(), *other.labels()],
                _one_split(self, other),
                {**self.meaning.class_names, **other.meaning.class_names},
                groups=[*self.groups(), *other.groups()],
            ),
            notes=(*self.notes, *other.notes),
        )

    def labels(self) -> list[str | None]:
        """One for each row."""
        said = self.meaning.labels
        return [None] * len(self.pixels) if said is None else list(said)

    def groups(self) -> list[str | None]:
        """What each row belongs to."""
        said = self.meaning.groups
        return [None] * len(self.pixels) if said is None else list(said)


def _one_split(one: Part, other: Part) -> predefined_splits.PredefinedSplit | None:
    both = [each.meaning.predefined for each in (one, other)]
    # One that says parts and one that does not say no predefined of the whole.
    if None in both:
        return None
    return predefined_splits.PredefinedSplit(
        tuple(part for each in both if each for part in each.parts)
    )


def join(
    parts: dict[str, Part],
    notes: list[str],
    unreadable: list[Unreadable],
    options: LoadOptions,
    where: str,
) -> Raw:
    """The tables of all parts as one array of images, each part's rows together.

    Raises:
        FormatError: The tables have images of different shapes.
        AmbiguousError: The range of the values or the order of colours cannot be told.
    """
    _one_shape({one.name: one.shape for one in parts.values()})
    # The range of values is decided over all parts: a dark test part alone would look like 0 to 1.
    seen = {part: see(one.pixels, where) for part, one in parts.items()}
    white, said = whites(seen, options.value_range, where)
    notes += said
    images, order_notes = _images(parts, white, options, where)
    notes += order_notes
    labels = [label for one in parts.values() for label in one.labels()]
    together = [group for one in parts.values() for group in one.groups()]
    of_rows = [
        own
        for part, one in parts.items()
        for own in (
            one.meaning.predefined.parts if one.meaning.predefined else [part] * len(one.pixels)
        )
    ]
    named: dict[str, str] = {}
    for one in parts.values():
        named |= one.meaning.class_names
    order, divided = predefined_splits.sort_rows(of_rows)
    if order is not None:
        images = images[order]
        labels = [labels[at] for at in order]
        together = [together[at] for at in order]
    codes, unlabelled, _ = to_codes(labels)
    return Raw(
        images=images,
        codes=codes,
        unlabelled=unlabelled,
        parts=divided or {"all": range(0)},
        class_names=_names_of(codes, named),
        groups=groups.coded(together),
        notes=(*groups.note(together, options.group), *notes),
        unreadable=tuple(unreadable),
    )


def _images(
    parts: dict[str, Part], white: Mapping[str, float], options: LoadOptions, where: str
) -> tuple[NDArray[np.uint8], list[str]]:
    """Images of all parts in one array; each table's own values are given back on the way."""
    shape = next(iter(parts.values())).shape
    n = sum(len(one.pixels) for one in parts.values())
    notes: dict[str, None] = {}
    images = None
    start = 0
    for part, one in parts.items():
        order = "interleaved" if one.interleaved else options.order
        pixels = to_bytes(one.pixels, white[part])
        shaped, said = (
            (pixels, ()) if pixels.ndim == 4 else orders.to_images(pixels, shape, order, where)
        )
        notes.update(dict.fromkeys(said if not one.interleaved else ()))
        # The usual single table is handed on as it is, not copied into an array as large.
        if len(parts) == 1:
            return np.ascontiguousarray(shaped), list(notes)
        images = np.empty((n, *shape), np.uint8) if images is None else images
        images[start : start + len(shaped)] = shaped
        start += len(shaped)
    assert images is not None
    return images, list(notes)


def _names_of(codes: NDArray[Any] | None, named: Mapping[str, str]) -> dict[Any, str]:
    """Names of codes, where another column says them."""
    if codes is None or codes.dtype.kind != "i":
        return {}
    # Tables write whole numbers as 3, 3.0 or 3e0.
    return {int(float(code)): name for code, name in named.items()}


def _one_shape(shapes: Mapping[str, tuple[int, int, int]]) -> None:
    (first, known), *others = shapes.items()
    for name, shape in others:
        if shape != known:
            raise FormatError(
                f"{name} has images of {shape}, {first} of {known}", "load the files one by one"
            )
