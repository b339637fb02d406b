"""How embeddings lie in a catalogue: directions become rows of bytes, and rows directions again.

A vector is kept as its direction, scaled so that its largest number is 127. On photographs that
costs nothing in what is found (one bit a number does), and a million of 128 numbers are 128 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, Select, select

from hangtag.errors import ConflictError
from hangtag.geometry import Metric, directions
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import embedding, encoder, item, photo, ready

LARGEST = 127
SLICE = 1000
"""Names or numbers that one statement asks for."""

# Of an encoder: whether it has embedded anything, and whether it was through with everything once.
HAS_SOME = select(embedding.c.picture).where(embedding.c.encoder == encoder.c.id).exists()
THROUGH = select(ready.c.encoder).where(ready.c.encoder == encoder.c.id).exists()


def encoder_row(connection: Connection, catalog: Catalog, digest: str | None) -> Row[Any]:
    """An encoder by its digest; None for the one that a search uses.

    Raises:
        ConflictError: Nothing was embedded by it.
    """
    asked = select(encoder).where(HAS_SOME)
    if digest is not None:
        asked = asked.where(encoder.c.digest == digest)
    # One that is still at work would hide whatever it has not come to.
    of = connection.execute(asked.order_by(THROUGH.desc(), encoder.c.id.desc())).first()
    if of is None:
        raise ConflictError(
            f"{catalog.path} has no embeddings to search by", "hangtag catalog tag, first"
        )
    return of


def embeddings_of(of: int) -> Select[Any]:
    """Of an encoder's number: photo, item, scale, vector and group of all it has embedded."""
    return (
        select(
            embedding.c.picture,
            photo.c.item,
            embedding.c.scale,
            embedding.c.vector,
            item.c.group_id,
        )
        .join(photo, photo.c.id == embedding.c.picture)
        .join(item, item.c.id == photo.c.item)
        .where(embedding.c.encoder == of, item.c.deleted_at.is_(None))
        .order_by(embedding.c.picture)
    )


def groups_of(rows: Sequence[Any], first: dict[str, int] | None = None) -> NDArray[np.int64]:
    """Which rows are variants of one item: the number of the first one of each group.

    Args:
        rows: As :func:`embeddings_of` gives them.
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


def packed_rows(
    rows: Sequence[Any], width: int, turned: Metric | None
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``(n, width)`` bytes of embeddings and ``(n,)`` what makes each row of length 1.

    Args:
        rows: As :func:`embeddings_of` gives them.
        width: Of the encoder.
        turned: A metric that directions are turned by, and kept as bytes again.
    """
    small = np.frombuffer(b"".join(row[3] for row in rows), np.int8).reshape(len(rows), width)
    if turned is not None:
        small, _ = as_bytes(turned.of(directions(small.astype(np.float32))))
    lengths = np.linalg.norm(small.astype(np.float32), axis=1)
    return small, np.float32(1) / np.maximum(lengths, np.float32(1))


def as_bytes(whole: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """``(n, width)`` directions as bytes, and ``(n,)`` what one of each row stands for."""
    scales = np.abs(whole).max(axis=1) / LARGEST
    return np.rint(whole / np.where(scales > 0, scales, 1)[:, None]).astype(np.int8), scales
