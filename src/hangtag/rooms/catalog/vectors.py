"""Embeddings of photos: vectors go in, directions come out, of the encoder that a search uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, func, select, update

from hangtag.geometry import Metric, directions
from hangtag.progress import Progress, silent
from hangtag.rooms.catalog.embeddings import (
    HAS_SOME,
    SLICE,
    THROUGH,
    as_bytes,
    embeddings_of,
    encoder_row,
    groups_of,
    packed_rows,
    unpacked,
)
from hangtag.rooms.catalog.file import Catalog, now
from hangtag.rooms.catalog.freshness import OF_ITEMS
from hangtag.rooms.catalog.metrics import metric_of, put_metric
from hangtag.rooms.catalog.schema import (
    change,
    embedding,
    encoder,
    item,
    photo,
    ready,
    suggestion,
    tagging,
)

_PART = 20_000


@dataclass(frozen=True, eq=False)
class Embedded:
    """Every usable photo of the catalogue's items, as one encoder sees it.

    Attributes:
        encoder: Digest of the encoder.
        place: Where it lies.
        items: ``(n,)`` int64, which item each photo is of.
        groups: ``(n,)`` int64, equal for variants of one item.
        photos: ``(n,)`` int64, which photo.
        directions: ``(n, width)`` float32, each of length 1.
        close: The least cosines that are called close, of the nearest item and of further ones;
            None if that is not known.
        metric: What the directions were turned by, as questions must be; None where they are the
            encoder's own.
    """

    encoder: str
    place: str
    items: NDArray[np.int64]
    groups: NDArray[np.int64]
    photos: NDArray[np.int64]
    directions: NDArray[np.float32]
    close: tuple[float, float] | None
    metric: Metric | None = None

    def direction(self, row: int) -> NDArray[np.float32]:
        """``(width,)``, of one row."""
        found: NDArray[np.float32] = self.directions[row]
        return found


@dataclass(frozen=True)
class Seen:
    """What of a catalogue was embedded, without the embeddings.

    Attributes:
        encoder: Digest of the encoder that a search uses, as :func:`embedded` says.
        place: Where it lies.
        width: Numbers of a direction, turned by the metric where there is one.
        rows: How many embeddings it has made.
        last: The last change of items and photos; embeddings of unchanged ones only grow in
            number, so both together say whether two moments have the same.
        close: The least cosines that are called close; None if that is not known.
        metric: What a search measures by; None for a cosine alone.
    """

    encoder: str
    place: str
    width: int
    rows: int
    last: int
    close: tuple[float, float] | None
    metric: Metric | None = None


def encoder_of(catalog: Catalog, digest: str, place: str, width: int) -> int:
    """The number of an encoder, noted if it is new."""
    with catalog.writing() as connection:
        found = connection.execute(select(encoder.c.id).where(encoder.c.digest == digest)).scalar()
        if found is not None:
            connection.execute(update(encoder).where(encoder.c.id == found).values(place=place))
            return int(found)
        added = connection.execute(encoder.insert().values(digest=digest, place=place, width=width))
        assert added.inserted_primary_key is not None
        return int(added.inserted_primary_key[0])


def put(connection: Connection, of: int, found: Mapping[int, NDArray[np.float32]]) -> None:
    """Keep the embeddings of photos, by their numbers."""
    if not found:
        return
    small, scales = as_bytes(directions(np.stack(list(found.values()))))
    connection.execute(
        delete(embedding).where(
            embedding.c.encoder == of, embedding.c.picture == bindparam("number")
        ),
        [{"number": number} for number in found],
    )
    connection.execute(
        embedding.insert(),
        [
            {"picture": number, "encoder": of, "scale": float(scale), "vector": row.tobytes()}
            for number, scale, row in zip(found, scales, small, strict=True)
        ],
    )


def embedded(catalog: Catalog, digest: str | None = None, *, for_search: bool = False) -> Embedded:
    """All embeddings of one encoder.

    Args:
        catalog: The catalogue.
        digest: Which encoder; None for the newest one that has been through the whole catalogue,
            or through some of it where none has: what a search uses.
        for_search: Whether directions are turned by the metric that was learned with the encoder,
            where there is one.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, digest)
        learned = metric_of(connection, of.id) if for_search else None
        rows = connection.execute(embeddings_of(of.id)).all()
    found = unpacked([row[2] for row in rows], [row[3] for row in rows], of.width)
    return Embedded(
        of.digest,
        of.place,
        np.asarray([row[1] for row in rows], np.int64),
        groups_of(rows),
        np.asarray([row[0] for row in rows], np.int64),
        found if learned is None else learned.of(found),
        None if of.close is None else (of.close, of.close_others),
        learned,
    )


def seen(catalog: Catalog) -> Seen:
    """What was embedded, by the encoder that a search uses.

    Raises:
        UsageError: Nothing was embedded yet.
    """
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, None)
        rows = connection.execute(
            select(func.count()).select_from(embedding).where(embedding.c.encoder == of.id)
        ).scalar_one()
        last = connection.execute(
            select(change.c.n)
            .where(change.c.what.in_(OF_ITEMS))
            .order_by(change.c.n.desc())
            .limit(1)
        ).scalar()
        learned = metric_of(connection, of.id)
    close = None if of.close is None else (of.close, of.close_others)
    width = of.width if learned is None else learned.width
    return Seen(of.digest, of.place, width, int(rows), int(last or 0), close, learned)


def packed(
    catalog: Catalog, digest: str, progress: Progress = silent, *, turned: Metric | None = None
) -> tuple[NDArray[Any], ...]:
    """All embeddings of one encoder as they are kept, read a part at a time.

    Args:
        catalog: The catalogue.
        digest: Of the encoder.
        progress: Told how many are read.
        turned: A metric that directions are turned by, and kept as bytes again.

    Returns:
        ``(n, width)`` int8, ``(n,)`` float32 what makes each row of length 1, and ``(n,)`` int64
        items, groups and photos.
    """
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, digest)
        total = connection.execute(
            select(func.count()).select_from(embeddings_of(of.id).order_by(None).subquery())
        ).scalar_one()
        small = np.empty((total, of.width if turned is None else turned.width), np.int8)
        lengths, numbers = np.empty(total, np.float32), np.empty((3, total), np.int64)
        first: dict[str, int] = {}
        done = 0
        for rows in (
            connection.execution_options(yield_per=_PART).execute(embeddings_of(of.id)).partitions()
        ):
            where = slice(done, done := done + len(rows))
            small[where], lengths[where] = packed_rows(rows, of.width, turned)
            numbers[0, where] = [row[1] for row in rows]
            numbers[1, where] = groups_of(rows, first)
            numbers[2, where] = [row[0] for row in rows]
            progress("read", done, total)
    return (small, lengths, *numbers)


def newest_encoder(catalog: Catalog) -> tuple[str, int]:
    """Digest and width of the encoder that a search uses.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, None)
        return of.digest, of.width


def of_items(
    catalog: Catalog, digest: str, numbers: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The embeddings of some items' photos, and nothing of the others is read.

    Returns:
        ``(n,)`` which item each is of, ``(n,)`` which group, ``(n, width)`` float32 directions.
    """
    rows: list[Any] = []
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, digest)
        for start in range(0, len(numbers), SLICE):
            some = list(numbers[start : start + SLICE])
            rows += connection.execute(embeddings_of(of.id).where(item.c.id.in_(some)))
    return (
        np.asarray([row[1] for row in rows], np.int64),
        groups_of(rows),
        unpacked([row[2] for row in rows], [row[3] for row in rows], of.width),
    )


def is_at_work(catalog: Catalog, digest: str) -> bool:
    """Whether an encoder has embedded something, and was not through with everything yet."""
    asked = select(encoder.c.id).where(encoder.c.digest == digest, HAS_SOME, ~THROUGH)
    with catalog.reading() as connection:
        return connection.execute(asked).first() is not None


def waiting(catalog: Catalog) -> int:
    """How many items have a usable photo and wait for the encoder that a search uses.

    One whose photos could not be opened when its turn came does not wait.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    usable = select(photo.c.id).where(photo.c.item == item.c.id, photo.c.reason == "")
    with catalog.reading() as connection:
        of = encoder_row(connection, catalog, None)
        seen_of = usable.join(embedding, embedding.c.picture == photo.c.id).where(
            embedding.c.encoder == of.id
        )
        answered = (
            select(suggestion.c.item)
            .join(tagging, tagging.c.id == suggestion.c.tagging)
            .where(suggestion.c.item == item.c.id, tagging.c.model == of.digest)
        )
        asked = select(func.count()).where(
            item.c.deleted_at.is_(None), usable.exists(), ~seen_of.exists(), ~answered.exists()
        )
        return int(connection.execute(asked).scalar_one())


def note_through(
    catalog: Catalog,
    digest: str,
    close: tuple[float, float] | None,
    learned: Metric | None = None,
) -> None:
    """Keep that an encoder was through with everything, and from what cosines on items are close.

    From here on a search uses it, if no newer one was through before.

    Args:
        catalog: The catalogue.
        digest: Of the encoder.
        close: The least cosines that are called close, by the metric where there is one.
        learned: What a search by it measures by.
    """
    first, others = close or (None, None)
    with catalog.writing() as connection:
        of = encoder.c.digest == digest
        connection.execute(update(encoder).where(of).values(close=first, close_others=others))
        number = connection.execute(select(encoder.c.id).where(of)).scalar_one()
        if connection.execute(select(ready).where(ready.c.encoder == number)).first() is None:
            connection.execute(ready.insert().values(encoder=number, at=now()))
        put_metric(connection, number, learned)
