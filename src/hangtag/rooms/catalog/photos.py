"""Photos by their numbers: where each lies, which is an item's main one, which are the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import item, photo

BATCH = 512

Source = tuple[str, str | bytes]


def photo_sources(catalog: Catalog, numbers: Sequence[int]) -> Iterator[list[tuple[int, Source]]]:
    """Each photo's number, and what it is called with its path or the bytes of its file."""
    for start in range(0, len(numbers), BATCH):
        asked = select(photo.c.id, photo.c.uri, photo.c.content).where(
            photo.c.id.in_(list(numbers[start : start + BATCH]))
        )
        with catalog.reading() as connection:
            rows = connection.execute(asked.order_by(photo.c.id)).all()
        yield [
            (row.id, (row.uri, str(catalog.root / row.uri) if row.content is None else row.content))
            for row in rows
        ]


def photo_keys(catalog: Catalog, numbers: Sequence[int]) -> dict[int, bytes]:
    """By number, what changes with a photo's file; photos that are gone have none.

    The file is not read: its hash of the import, and by the system when it was changed and how
    large it is.
    """
    found: dict[int, bytes] = {}
    for start in range(0, len(numbers), BATCH):
        asked = select(
            photo.c.id, photo.c.uri, photo.c.sha256, photo.c.content.is_(None).label("file")
        ).where(photo.c.id.in_(list(numbers[start : start + BATCH])))
        with catalog.reading() as connection:
            rows = connection.execute(asked).all()
        for row in rows:
            said = [row.sha256]
            if row.file:
                try:
                    state = (catalog.root / row.uri).stat()
                except (OSError, ValueError):
                    continue
                said += [str(state.st_size), str(state.st_mtime_ns)]
            found[row.id] = hashlib.sha256(" ".join(said).encode()).digest()
    return found


def main_photos(catalog: Catalog, items: Sequence[int]) -> dict[int, int]:
    """The first photo of each item that can be used, by the item's number."""
    found: dict[int, int] = {}
    for start in range(0, len(items), BATCH):
        asked = (
            select(photo.c.item, photo.c.id)
            .where(photo.c.item.in_(list(items[start : start + BATCH])), photo.c.reason == "")
            .order_by(photo.c.item, photo.c.position)
        )
        with catalog.reading() as connection:
            for owner, number in connection.execute(asked):
                found.setdefault(owner, number)
    return found


def same_files(catalog: Catalog) -> list[tuple[int, int]]:
    """Pairs of items, not variants of each other, that have a photo of the same bytes.

    Of many items with one photo each is paired with the first: a chain, not every pair.
    """
    live = (item.c.deleted_at.is_(None), photo.c.reason == "", photo.c.sha256 != "")
    several = (
        select(photo.c.sha256)
        .join(item, item.c.id == photo.c.item)
        .where(*live)
        .group_by(photo.c.sha256)
        .having(func.count(photo.c.item.distinct()) > 1)
    )
    asked = (
        select(photo.c.sha256, item.c.id, item.c.group_id)
        .join(item, item.c.id == photo.c.item)
        .where(*live, photo.c.sha256.in_(several))
        .order_by(photo.c.sha256, item.c.id)
    )
    first: dict[str, tuple[int, str | None]] = {}
    found = set()
    with catalog.reading() as connection:
        for digest, number, group in connection.execute(asked):
            owner, variants = first.setdefault(digest, (number, group))
            if number != owner and (group is None or group != variants):
                found.add((owner, number))
    return sorted(found)
