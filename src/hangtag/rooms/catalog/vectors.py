"""Embeddings of pictures, kept as one byte a number: vectors go in, directions come out.

A vector is kept as its direction, scaled so that its largest number is 127. On photographs that
costs nothing in what is found (one bit a number does), and a million of 128 numbers are 128 MB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select, update

from hangtag.errors import ConflictError
from hangtag.geometry import Metric, directions
from hangtag.progress import Progress, silent
from hangtag.rooms.catalog.file import Catalog, now
from hangtag.rooms.catalog.metrics import metric_of, put_metric
from hangtag.rooms.catalog.schema import (
    change,
    embedding,
    encoder,
    item,
    picture,
    ready,
    suggestion,
    tagging,
)

LARGEST = 127
_SLICE = 1000
_PART = 20_000

# Of an encoder: whether it has embedded anything, and whether it was through with everything once.
_HAS_SOME = select(embedding.c.picture).where(embedding.c.encoder == encoder.c.id).exists()
_THROUGH = select(ready.c.encoder).where(ready.c.encoder == encoder.c.id).exists()


@dataclass(frozen=True, eq=False)
class Embedded:
    """Every usable picture of the catalogue's items, as one encoder sees it.

    Attributes:
        encoder: Digest of the encoder.
        place: Where it lies.
        items: ``(n,)`` int64, which item each picture is of.
        groups: ``(n,)`` int64, equal for variants of one item.
        pictures: ``(n,)`` int64, which picture.
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
    pictures: NDArray[np.int64]
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
        last: The last change of items and pictures; embeddings of unchanged ones only grow in
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
    """Keep the embeddings of pictures, by their numbers."""
    if not found:
        return
    small, scales = _bytes(directions(np.stack(list(found.values()))))
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
        of = _encoder(connection, catalog, digest)
        learned = metric_of(connection, of.id) if for_search else None
        rows = connection.execute(_asked(of.id)).all()
    found = unpacked([row[2] for row in rows], [row[3] for row in rows], of.width)
    return Embedded(
        of.digest,
        of.place,
        np.asarray([row[1] for row in rows], np.int64),
        _groups(rows),
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
        of = _encoder(connection, catalog, None)
        rows = connection.execute(
            select(func.count()).select_from(embedding).where(embedding.c.encoder == of.id)
        ).scalar_one()
        last = connection.execute(
            select(change.c.n)
            .where(change.c.what.in_(("imported", "changed", "deleted")))
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
        items, groups and pictures.
    """
    with catalog.reading() as connection:
        of = _encoder(connection, catalog, digest)
        total = connection.execute(
            select(func.count()).select_from(_asked(of.id).order_by(None).subquery())
        ).scalar_one()
        small = np.empty((total, of.width if turned is None else turned.width), np.int8)
        numbers = np.empty((3, total), np.int64)
        first: dict[str, int] = {}
        done = 0
        for rows in (
            connection.execution_options(yield_per=_PART).execute(_asked(of.id)).partitions()
        ):
            where = slice(done, done := done + len(rows))
            kept = np.frombuffer(b"".join(row[3] for row in rows), np.int8)
            kept = kept.reshape(len(rows), of.width)
            small[where] = (
                kept
                if turned is None
                else _bytes(turned.of(directions(kept.astype(np.float32))))[0]
            )
            numbers[0, where] = [row[1] for row in rows]
            numbers[1, where] = _groups(rows, first)
            numbers[2, where] = [row[0] for row in rows]
            progress("read", done, total)
    lengths = np.empty(total, np.float32)
    for start in range(0, total, _PART):
        lengths[start : start + _PART] = np.linalg.norm(
            small[start : start + _PART].astype(np.float32), axis=1
        )
    return (small, 1 / np.maximum(lengths, 1), *numbers)


def newest_encoder(catalog: Catalog) -> tuple[str, int]:
    """Digest and width of the encoder that a search uses.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    with catalog.reading() as connection:
        of = _encoder(connection, catalog, None)
        return of.digest, of.width


def of_items(
    catalog: Catalog, digest: str, numbers: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """The embeddings of some items' pictures, and nothing of the others is read.

    Returns:
        ``(n,)`` which item each is of, ``(n,)`` which group, ``(n, width)`` float32 directions.
    """
    rows: list[Any] = []
    with catalog.reading() as connection:
        of = _encoder(connection, catalog, digest)
        for start in range(0, len(numbers), _SLICE):
            some = list(numbers[start : start + _SLICE])
            rows += connection.execute(_asked(of.id).where(item.c.id.in_(some)))
    return (
        np.asarray([row[1] for row in rows], np.int64),
        _groups(rows),
        unpacked([row[2] for row in rows], [row[3] for row in rows], of.width),
    )


def _encoder(connection: Connection, catalog: Catalog, digest: str | None) -> Row[Any]:
    asked = select(encoder).where(_HAS_SOME)
    if digest is not None:
        asked = asked.where(encoder.c.digest == digest)
    # One that is still at work would hide whatever it has not come to.
    of = connection.execute(asked.order_by(_THROUGH.desc(), encoder.c.id.desc())).first()
    if of is None:
        raise ConflictError(
            f"{catalog.path} has no embeddings to search by", "hangtag catalog tag, first"
        )
    return of


def _asked(of: int) -> Select[Any]:
    return (
        select(
            embedding.c.picture,
            picture.c.item,
            embedding.c.scale,
            embedding.c.vector,
            item.c.group_id,
        )
        .join(picture, picture.c.id == embedding.c.picture)
        .join(item, item.c.id == picture.c.item)
        .where(embedding.c.encoder == of, item.c.deleted_at.is_(None))
        .order_by(embedding.c.picture)
    )


def _groups(rows: Sequence[Any], first: dict[str, int] | None = None) -> NDArray[np.int64]:
    """Which rows are variants of one item: the number of the first one of each group.

    Args:
        rows: As :func:`_asked` gives them.
        first: What was found in rows before; what is found in these goes there.
    """
    first = {} if first is None else first
    return np.asarray(
        [row[1] if row[4] is None else first.setdefault(row[4], row[1]) for row in rows], np.int64
    )


def unpacked(scales: Sequence[float], vectors: Sequence[bytes], width: int) -> NDArray[np.float32]:
    """``(n, width)`` directions of what is kept of them."""
    small = np.frombuffer(b"".join(vectors), np.int8).reshape(len(vectors), width)
    return directions(small * np.asarray(scales, np.float32)[:, None])


def _bytes(whole: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``(n, width)`` directions as bytes, and ``(n,)`` what one of each row stands for."""
    scales = np.abs(whole).max(axis=1) / LARGEST
    return np.rint(whole / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8), scales


def is_at_work(catalog: Catalog, digest: str) -> bool:
    """Whether an encoder has embedded something, and was not through with everything yet."""
    asked = select(encoder.c.id).where(encoder.c.digest == digest, _HAS_SOME, ~_THROUGH)
    with catalog.reading() as connection:
        return connection.execute(asked).first() is not None


def waiting(catalog: Catalog) -> int:
    """How many items have a usable picture and wait for the encoder that a search uses.

    One whose pictures could not be opened when its turn came does not wait.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    usable = select(picture.c.id).where(picture.c.item == item.c.id, picture.c.reason == "")
    with catalog.reading() as connection:
        of = _encoder(connection, catalog, None)
        seen_of = usable.join(embedding, embedding.c.picture == picture.c.id).where(
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
