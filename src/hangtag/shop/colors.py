"""The colors of a catalogue's items are named from their photos: a tagging without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.progress import Progress
from hangtag.records import InputImage
from hangtag.requests import TagCatalogRequest
from hangtag.rooms import catalog as room
from hangtag.rooms import load as load_room
from hangtag.rooms.catalog import Answer, Catalog, Pending, Tagging, swatches
from hangtag.shop.tagging import taken

LOOKED_AT = 32
"""Items that are looked at to see whether a catalogue's photos have color."""

GRAY = "its photos are gray"


def has_color(catalog: Catalog) -> bool:
    """Whether photos of the catalogue have color, by its first ones."""
    # No tagging has the number 0, so nothing is answered in it and every item is pending.
    for batch in room.pending(catalog, 0, LOOKED_AT):
        found = [one for one in _colors(catalog, batch) if one is not None]
        return any(one.chroma >= swatches.GRAY for one in found)
    return False


def alone(catalog: Catalog, asked: TagCatalogRequest, progress: Progress) -> Tagging:
    """Name the color of every item that has none yet; several photos give one answer.

    Raises:
        UsageError: No photo has any color.
    """
    if not has_color(catalog):
        raise UsageError(f"the photos of {catalog.path} have no color", "name a model instead")
    threshold = swatches.SURE if asked.threshold is None else asked.threshold
    return _named(catalog, asked.attribute or swatches.KEY, threshold, asked.use, progress)


def beside(catalog: Catalog, asked: TagCatalogRequest, progress: Progress) -> None:
    """The same after a model has tagged, whose attribute and threshold say nothing of colors."""
    if asked.colors and has_color(catalog):
        _named(catalog, swatches.KEY, swatches.SURE, asked.use, progress)


def _named(catalog: Catalog, key: str, threshold: float, use: bool, progress: Progress) -> Tagging:
    of = room.begin(catalog, key, swatches.MODEL, swatches.WORD, threshold)
    done, total = 0, room.left(catalog, of)
    for batch in room.pending(catalog, of):
        answers = list(_answers(batch, _colors(catalog, batch), threshold))
        room.keep(catalog, of, answers, {}, 0)
        progress("colors", done := done + len(batch), total)
    return taken(catalog, of, key, use=use)


def _colors(catalog: Catalog, batch: Sequence[Pending]) -> Iterator[swatches.Color | None]:
    """Of each photo, in their order; None for one that cannot be read."""
    read: Iterable[InputImage] = load_room.thumbnails(room.sources(catalog, batch), swatches.SIDE)
    return (None if one.pixels is None else swatches.color_of(one.pixels) for one in read)


def _answers(
    batch: Sequence[Pending], found: Iterable[swatches.Color | None], threshold: float
) -> Iterator[Answer]:
    owners = [one.item for one in batch for _ in one.photos]
    of_each = {
        number: [color for _, color in group if color is not None]
        for number, group in groupby(zip(owners, found, strict=True), lambda one: one[0])
    }
    for one in batch:
        seen = of_each.get(one.item, [])
        # A gray photo among colored ones, such as a drawing of sizes, has no say.
        proportions = [color.proportions for color in seen if color.chroma >= swatches.GRAY]
        if proportions:
            yield _answer(one.item, np.mean(proportions, axis=0), threshold)
        else:
            why = GRAY if seen else "has no photo that can be used"
            yield Answer(one.item, None, None, False, why)


def _answer(number: int, proportions: NDArray[np.float32], threshold: float) -> Answer:
    first, second = np.argsort(-proportions, kind="stable")[:2].tolist()
    proportion = float(proportions[first])
    # What it is instead of one color is said, since a person decides by it.
    also = (
        f"also {swatches.NAMES[second]} {proportions[second]:.0%}" if proportion < threshold else ""
    )
    return Answer(number, swatches.NAMES[first], proportion, proportion >= threshold, also)
