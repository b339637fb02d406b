"""Examples come out of a catalogue, the head that was learned from them goes in and answers.

A head is a small model of one attribute on embeddings that are kept: it is learned in seconds, and
no photo is read for it. Examples are what people decided and what the shop's feed says; what
models suggested is none, or a head would learn the mistakes of the one before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, text

from hangtag.errors import FormatError, OptionError, UnknownNameError, nearest
from hangtag.rooms.catalog.embeddings import unpacked
from hangtag.rooms.catalog.file import Catalog, id_of, now
from hangtag.rooms.catalog.schema import (
    attribute,
    change,
    embedding,
    encoder,
    head,
    item,
    photo,
    suggestion,
)

PREFIX = "head:"
"""What a head is called by where a model is asked for: ``head:pattern``."""

BATCH = 4096
"""Items that are answered at once: 20 MB of embeddings of 1,280 numbers."""

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Head:
    """A model of one attribute on kept embeddings.

    Attributes:
        attribute: What it says of items.
        encoder: Digest of the encoder whose embeddings it reads.
        labels: The values it knows, in the order of its answers.
        arrays: All it is, by name.
        threshold: Probability below which it says "unknown"; None says so of everything.
        facts: What it was learned from, and how good it is on examples it had not seen.
        until: The last change that its examples could know of.
    """

    attribute: str
    encoder: str
    labels: tuple[str, ...]
    arrays: Arrays
    threshold: float | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    until: int = 0

    @property
    def digest(self) -> str:
        """Another one whenever its answers may be others."""
        said = hashlib.sha256(repr((self.attribute, self.encoder, self.labels)).encode())
        for name in sorted(self.arrays):
            said.update(name.encode() + np.ascontiguousarray(self.arrays[name]).tobytes())
        return said.hexdigest()

    @property
    def model_id(self) -> str:
        """Short name of the model."""
        return f"head-{self.digest[:12]}"


def examples(catalog: Catalog, key: str, known: str) -> dict[int, str]:
    """Items of which it is known what they are: number to value.

    Args:
        catalog: The catalogue.
        key: The attribute. What people decided of it counts before what the feed says.
        known: What the feed calls it.
    """
    fed = item.c.attributes[known].as_string()
    with catalog.reading() as connection:
        rows = connection.execute(
            select(item.c.id, fed).where(fed.is_not(None), item.c.deleted_at.is_(None))
        )
        found = {int(number): said.strip() for number, said in rows if said.strip()}
        found |= {int(n): str(said) for n, said in connection.execute(text(_SAID), {"key": key})}
    return found


def keep_head(catalog: Catalog, made: Head) -> None:
    """Keep a head; the same one is kept once."""
    from safetensors.numpy import save

    with catalog.writing() as connection:
        if connection.execute(select(head.c.id).where(head.c.digest == made.digest)).first():
            return
        seen = connection.execute(select(encoder.c.id).where(encoder.c.digest == made.encoder))
        connection.execute(
            head.insert().values(
                attribute=id_of(connection, attribute, key=made.attribute),
                encoder=seen.scalar_one(),
                digest=made.digest,
                labels=list(made.labels),
                threshold=made.threshold,
                facts=dict(made.facts),
                until=made.until,
                arrays=save({name: np.ascontiguousarray(one) for name, one in made.arrays.items()}),
                at=now(),
            )
        )


def newest_head(catalog: Catalog, key: str) -> Head:
    """The head that was learned last for an attribute.

    Raises:
        OptionError: There is none.
        FormatError: It is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    asked = select(head, attribute.c.key, encoder.c.digest.label("seen")).join(attribute)
    asked = asked.join(encoder, encoder.c.id == head.c.encoder)
    with catalog.reading() as connection:
        row = connection.execute(
            asked.where(attribute.c.key == key).order_by(head.c.id.desc())
        ).first()
        if row is None:
            keys = connection.execute(select(attribute.c.key).join(head)).scalars().all()
            raise OptionError(
                f"{catalog.path} has learned no head for '{key}'",
                nearest(key, keys) if keys else f"hangtag catalog learn --attribute {key}, first",
            )
    try:
        arrays = load(row.arrays)
    except SafetensorError:
        arrays = {}
    found = Head(row.key, row.seen, tuple(row.labels), arrays, row.threshold, row.facts, row.until)
    if found.digest != row.digest:
        raise FormatError(f"the head for '{key}' in {catalog.path} is damaged", "learn it again")
    return found


def learned_for(catalog: Catalog, digest: str) -> str:
    """The attribute that a head says of items.

    Raises:
        UnknownNameError: The catalogue has no head of that digest.
    """
    asked = select(attribute.c.key).join(head, head.c.attribute == attribute.c.id)
    with catalog.reading() as connection:
        key = connection.execute(asked.where(head.c.digest == digest)).scalar()
        if key is None:
            known = connection.execute(select(head.c.digest)).scalars().all()
            raise UnknownNameError(f"there is no head '{digest}'", nearest(digest, known))
    return str(key)


def last_change(catalog: Catalog) -> int:
    """The number of the newest change; 0 for none."""
    with catalog.reading() as connection:
        return int(connection.execute(select(func.coalesce(func.max(change.c.n), 0))).scalar_one())


def unanswered(
    catalog: Catalog, of: int, digest: str, size: int = BATCH
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Embeddings of items that a tagging has not answered, in batches of whole items.

    Yields:
        ``(n,)`` which item each photo is of, one after another, and ``(n, width)`` float32
        directions.
    """
    last = 0
    while True:
        with catalog.reading() as connection:
            owners, found = _embedded_after(connection, of, digest, last, size)
        if not len(owners):
            return
        yield owners, found
        last = int(owners[-1])


def _embedded_after(
    connection: Connection, of: int, digest: str, last: int, size: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    seen = connection.execute(select(encoder).where(encoder.c.digest == digest)).one()
    mine = (
        select(embedding.c.picture)
        .join(photo, photo.c.id == embedding.c.picture)
        .where(photo.c.item == item.c.id, embedding.c.encoder == seen.id)
        .correlate(item)
    )
    answered = select(suggestion.c.item).where(
        suggestion.c.tagging == of, suggestion.c.item == item.c.id
    )
    which = (
        select(item.c.id)
        .where(item.c.id > last, item.c.deleted_at.is_(None), ~answered.exists(), mine.exists())
        .order_by(item.c.id)
        .limit(size)
        .subquery()
    )
    rows = connection.execute(
        select(photo.c.item, embedding.c.scale, embedding.c.vector)
        .join(which, which.c.id == photo.c.item)
        .join(embedding, embedding.c.picture == photo.c.id)
        .where(embedding.c.encoder == seen.id)
        .order_by(photo.c.item, photo.c.position)
    ).all()
    return np.asarray([row[0] for row in rows], np.int64), unpacked(
        [row[1] for row in rows], [row[2] for row in rows], seen.width
    )


_SAID = (
    "SELECT said.item, value.label FROM said JOIN value ON value.id = said.value"
    " JOIN attribute ON attribute.id = said.attribute JOIN item ON item.id = said.item"
    " WHERE attribute.key = :key AND item.deleted_at IS NULL"
)
