"""A catalogue goes in; which items show the same photo, and which are one item in two colors.

Candidates are photos whose embeddings are near; what two photos are to each other is then said
by their pixels (``rooms/catalog/looks.py``), since no cosine means the same for two encoders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag import settings
from hangtag.progress import Progress, silent
from hangtag.remembered import Remembered
from hangtag.rooms import catalog as room
from hangtag.rooms import load as load_room
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog import Catalog, Found, looks
from hangtag.sheets import as_csv
from hangtag.shop.opening import Shop, open_catalog

_ORDER = (looks.SAME, looks.COPY, looks.OTHER_COLOR)
COLUMNS = ("relation", "item", "other", "cosine", "title", "other_title")


@dataclass(frozen=True)
class Pair:
    """Two items that belong together.

    Attributes:
        relation: ``same picture``, ``near copy`` or ``other color``.
        item: What the shop calls the one that came first.
        other: What it calls the later one.
        cosine: How near the photos are by the encoder; None where their files are the same.
        titles: Of both.
    """

    relation: str
    item: str
    other: str
    cosine: float | None
    titles: tuple[str, str]

    @property
    def row(self) -> tuple[str, ...]:
        """For a table."""
        near = "" if self.cosine is None else f"{self.cosine:.3f}"
        return (self.relation, self.item, self.other, near, *self.titles)


def find_duplicates(shop: Shop, *, progress: Progress = silent) -> list[Pair]:
    """Pairs of items that show the same photo or a near copy, or one item in two colors.

    Copies come first; variants that the feed knows are none of them.

    Args:
        shop: The catalogue or its file.
        progress: Told how far it is.

    Raises:
        UsageError: Nothing was embedded yet.
    """
    catalog = open_catalog(shop)
    seen = room.embedded(catalog)
    found: dict[tuple[int, int], tuple[str, float | None]] = {}
    for one, other in room.same_files(catalog):
        found[one, other] = (looks.SAME, None)
    # Variants that the feed knows are one group, and near pairs are of different groups.
    pairs = search_room.near_pairs(seen.directions, seen.groups, progress=progress)
    kept = _looks(catalog, seen.photos[np.unique(pairs)], progress)
    for one, other in pairs.tolist():
        first, second = (kept.get(int(seen.photos[row])) for row in (one, other))
        if first is None or second is None:
            continue
        said = looks.relation(first, second)
        items = (int(seen.items[one]), int(seen.items[other]))
        key = (min(items), max(items))
        # Of several photos of the same two items the closest relation counts.
        if said and (key not in found or _ORDER.index(said) < _ORDER.index(found[key][0])):
            cosine = float(seen.directions[one] @ seen.directions[other])
            found[key] = (said, cosine)
    # Titles are read for what was found alone: a large shop has few duplicates.
    known = room.items(catalog, sorted({number for pair in found for number in pair}))
    made = [
        Pair(
            said,
            known[one].external_id,
            known[other].external_id,
            cosine,
            (known[one].title, known[other].title),
        )
        for (one, other), (said, cosine) in found.items()
    ]
    return sorted(made, key=lambda one: (_ORDER.index(one.relation), one.item, one.other))


def told_apart(catalog: Catalog, found: Found, number: int) -> Found:
    """What a search found, each item with what it is to the one asked about."""
    main = room.main_photos(catalog, [number, *(one.number for one in found.items)])
    kept = _looks(catalog, list(main.values()), silent)
    own = kept.get(main.get(number, 0))
    others = [kept.get(main.get(one.number, 0)) for one in found.items]
    return found.with_relations(
        ["" if own is None or other is None else looks.relation(own, other) for other in others]
    )


def in_words(found: Sequence[Pair]) -> list[str]:
    """How many there are of each kind."""
    counts = Counter(one.relation for one in found)
    return [f"{n:,} pairs of items: {kind}" for kind, n in counts.items()] or ["no duplicates"]


def as_table(found: Sequence[Pair]) -> str:
    """As CSV."""
    return as_csv([COLUMNS, *(one.row for one in found)])


def _looks(
    catalog: Catalog, numbers: Sequence[int] | NDArray[np.int64], progress: Progress
) -> Mapping[int, looks.Look]:
    """How photos look, by their numbers; those that cannot be read any more are left out.

    What was looked at before is not opened again as long as its file is what it was.
    """
    keys = room.photo_keys(catalog, [int(one) for one in numbers])
    numbers_of: dict[bytes, list[int]] = {}
    for number, key in keys.items():
        numbers_of.setdefault(key, []).append(number)
    kept = Remembered(settings.cache_folder() / "looks" / f"{looks.NAME}.sqlite")
    found: dict[int, looks.Look] = {}
    for key, one in kept.find(numbers_of):
        with suppress(ValueError):  # not ours: looked at again
            look = looks.from_bytes(one)
            found |= dict.fromkeys(numbers_of[key], look)
    missing = sorted(keys.keys() - found.keys())
    for some in _each_look(catalog, missing, progress):
        kept.keep((keys[number], looks.as_bytes(one)) for number, one in some.items())
        found |= some
    return found


def _each_look(
    catalog: Catalog, numbers: Sequence[int], progress: Progress
) -> Iterator[dict[int, looks.Look]]:
    """Looks of photos that are opened, some at a time."""
    done = 0
    for batch in room.photo_sources(catalog, numbers):
        read = load_room.thumbnails([source for _, source in batch], looks.READ)
        some: dict[int, looks.Look] = {}
        for (number, _), one in zip(batch, read, strict=True):
            done += 1
            if one.pixels is not None:
                some[number] = looks.look_of(one.pixels)
        progress("photos", done, len(numbers))
        yield some
