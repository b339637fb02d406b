"""What came and went in a catalogue since its embeddings were read: an index stays in use by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from hangtag.geometry import Metric
from hangtag.rooms.catalog import embeddings
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.freshness import OF_ITEMS
from hangtag.rooms.catalog.schema import change, embedding, item, photo

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Since:
    """How embeddings that were read differ from those that there are.

    Attributes:
        gone: ``(n,)`` whether a row that was read is of what was changed or deleted since.
        fresh: What there is besides, as :func:`hangtag.rooms.catalog.vectors.packed` gives it.
    """

    gone: NDArray[np.bool_]
    fresh: tuple[NDArray[Any], ...]


def since(
    catalog: Catalog,
    digest: str,
    last: int,
    read: tuple[Numbers, Numbers, Numbers],
    *,
    most: int,
    turned: Metric | None = None,
) -> Since | None:
    """What came and went since; None where it is more than `most` rows.

    Args:
        catalog: The catalogue.
        digest: Of the encoder.
        last: The last change that was known.
        read: ``(n,)`` items, groups and photos of the rows that were read then.
        most: Rows that may have come or gone.
        turned: A metric that directions are turned by.

    Raises:
        ConflictError: Nothing was embedded yet.
    """
    items, groups, photos = read
    with catalog.reading() as connection:
        of = embeddings.encoder_row(connection, catalog, digest)
        later = (change.c.n > last, change.c.what.in_(OF_ITEMS))
        changed = connection.execute(select(change.c.item).where(*later).distinct()).scalars().all()
        there = _photos(connection, of.id)
        # Numbers of photos may be given again; those of items are not, so what is said to have
        # changed is read anew, whatever its photos are called.
        gone = np.isin(items, changed) | ~np.isin(photos, there)
        lacking = np.setdiff1d(there, photos[~gone])
        if len(lacking) + np.count_nonzero(gone) > most:
            return None
        rows: list[Any] = []
        for start in range(0, len(lacking), embeddings.SLICE):
            some = lacking[start : start + embeddings.SLICE].tolist()
            rows += connection.execute(
                embeddings.embeddings_of(of.id).where(embedding.c.picture.in_(some))
            )
        first = _known_groups(connection, {row[4] for row in rows}, items[~gone], groups[~gone])
    small, scales = embeddings.packed_rows(rows, of.width, turned)
    own = [np.asarray([row[at] for row in rows], np.int64) for at in (1, 0)]
    return Since(gone, (small, scales, own[0], embeddings.groups_of(rows, first), own[1]))


def _photos(connection: Connection, of: int) -> Numbers:
    asked = (
        select(embedding.c.picture)
        .join(photo, photo.c.id == embedding.c.picture)
        .join(item, item.c.id == photo.c.item)
        .where(embedding.c.encoder == of, item.c.deleted_at.is_(None))
    )
    return np.asarray(connection.execute(asked).scalars().all(), np.int64)


def _known_groups(
    connection: Connection, names: set[str | None], items: Numbers, groups: Numbers
) -> dict[str, int]:
    """The numbers of groups by their names, of those that rows that stay are in."""
    found: dict[str, int] = {}
    own = dict(zip(items.tolist(), groups.tolist(), strict=True)) if names - {None} else {}
    wanted = sorted(one for one in names if one is not None)
    for start in range(0, len(wanted), embeddings.SLICE):
        some = wanted[start : start + embeddings.SLICE]
        for name, number in connection.execute(
            select(item.c.group_id, item.c.id).where(item.c.group_id.in_(some))
        ):
            if number in own:
                found[name] = own[number]
    return found
