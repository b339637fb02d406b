"""A model's answers for every item go in; suggestions beside all earlier ones come out.

One model over the catalogue is a *tagging*. It can be ended at any moment: what it has answered is
kept, and the same tagging goes on with the items that have no suggestion of it yet. Nothing of it
is in use before somebody says so; what would change then can be seen first, and the tagging that
was in use before stays, to go back to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, text, update

from hangtag.errors import OptionError, nearest
from hangtag.records import UNKNOWN
from hangtag.rooms.catalog import vectors, words
from hangtag.rooms.catalog.file import Catalog, id_of, now
from hangtag.rooms.catalog.schema import (
    attribute,
    change,
    item,
    photo,
    suggestion,
    tagging,
    value,
)

BATCH = 1024
"""Items whose suggestions are written at once."""


@dataclass(frozen=True)
class Tagging:
    """One model over the catalogue.

    Attributes:
        id: Its number.
        attribute: What it says of items, such as ``category``.
        model: Id of the model.
        place: Where the model lies.
        threshold: Confidence below which it says "unknown".
        in_use: Whether its suggestions are the tags.
        items: How many items it has answered.
        begun_at: When.
    """

    id: int
    attribute: str
    model: str
    place: str
    threshold: float | None
    in_use: bool
    items: int
    begun_at: str


@dataclass(frozen=True, eq=False)
class Pending:
    """An item that waits for an answer.

    Attributes:
        item: Its number.
        name: What the shop calls it.
        photos: Number, path or address, and content of each that can be used.
    """

    item: int
    name: str
    photos: Sequence[tuple[int, str, bytes | None]]


@dataclass(frozen=True)
class Answer:
    """What a model says of an item.

    Attributes:
        item: Its number.
        label: The most probable value; None if no photo could be read.
        probability: Of that value, averaged over the item's photos.
        sure: Whether the model answers with it, or says "unknown".
        reason: Why there is no answer.
    """

    item: int
    label: str | None
    probability: float | None
    sure: bool
    reason: str = ""


def begin(catalog: Catalog, key: str, model: str, place: str, threshold: float | None) -> int:
    """The tagging by this model, begun if it never was."""
    with catalog.writing() as connection:
        of = id_of(connection, attribute, key=key)
        same = and_(
            tagging.c.attribute == of,
            tagging.c.model == model,
            tagging.c.threshold.is_(None)
            if threshold is None
            else tagging.c.threshold == threshold,
        )
        found = connection.execute(select(tagging.c.id).where(same)).scalar()
        if found is None:
            added = connection.execute(
                tagging.insert().values(
                    attribute=of, model=model, place=place, threshold=threshold, begun_at=now()
                )
            )
            assert added.inserted_primary_key is not None
            found = added.inserted_primary_key[0]
        return int(found)


def pending(catalog: Catalog, of: int, size: int = BATCH) -> Iterator[list[Pending]]:
    """The items that the tagging has not answered yet, in batches, in the order they came."""
    last = 0
    while batch := _next(catalog, of, last, size):
        yield batch
        last = batch[-1].item


def left(catalog: Catalog, of: int) -> int:
    """How many items wait for an answer."""
    with catalog.reading() as connection:
        asked = select(func.count()).select_from(item).where(*_waits(of))
        return int(connection.execute(asked).scalar_one())


def keep(
    catalog: Catalog,
    of: int,
    answers: Sequence[Answer],
    embedded: Mapping[int, NDArray[np.float32]],
    encoder: int,
) -> None:
    """Write answers and the embeddings of photos; all of it or nothing."""
    with catalog.writing() as connection:
        key = connection.execute(select(tagging.c.attribute).where(tagging.c.id == of)).scalar_one()
        labels = {one.label for one in answers if one.label is not None}
        known = {label: id_of(connection, value, attribute=key, label=label) for label in labels}
        rows = [
            {
                "tagging": of,
                "item": one.item,
                "value": None if one.label is None else known[one.label],
                "probability": one.probability,
                "sure": one.sure,
                "reason": one.reason,
            }
            for one in answers
        ]
        # Two processes may be at the same tagging: the later answer is the same one again.
        connection.execute(
            delete(suggestion).where(
                suggestion.c.tagging == of, suggestion.c.item.in_([one.item for one in answers])
            )
        )
        connection.execute(suggestion.insert(), rows)
        vectors.put(connection, encoder, embedded)
        in_use = connection.execute(select(tagging.c.in_use).where(tagging.c.id == of)).scalar_one()
        if in_use:
            _tell(connection, [one.item for one in answers])


def taggings(catalog: Catalog) -> list[Tagging]:
    """All of them, in the order they were begun."""
    asked = (
        select(tagging, attribute.c.key, func.count(suggestion.c.item))
        .join(attribute, attribute.c.id == tagging.c.attribute)
        .outerjoin(suggestion, suggestion.c.tagging == tagging.c.id)
        .group_by(tagging.c.id, attribute.c.key)
        .order_by(tagging.c.id)
    )
    with catalog.reading() as connection:
        return [
            Tagging(
                row.id, row.key, row.model, row.place, row.threshold, row.in_use, row[-1],
                row.begun_at,
            )
            for row in connection.execute(asked)
        ]  # fmt: skip


def preview(catalog: Catalog, of: int) -> list[tuple[str, str, int]]:
    """What would change if the tagging came into use: from, to, and how many items.

    What people decided is not among it, since it does not change.
    """
    with catalog.reading() as connection:
        return [
            (str(before), str(after), int(n))
            for before, after, n in connection.execute(text(_PREVIEW), {"of": of})
        ]


def use(catalog: Catalog, of: int) -> int:
    """Take the suggestions of this tagging for the tags.

    Returns:
        How many items have another tag now.

    Raises:
        OptionError: There is no such tagging.
    """
    with catalog.writing() as connection:
        found = connection.execute(select(tagging.c.attribute).where(tagging.c.id == of)).scalar()
        if found is None:
            numbers = connection.execute(select(tagging.c.id)).scalars()
            raise OptionError(f"there is no tagging {of}", nearest(str(of), map(str, numbers)))
        moved = connection.execute(text(_MOVED), {"of": of}).scalars().all()
        connection.execute(
            update(tagging).where(tagging.c.attribute == found).values(in_use=tagging.c.id == of)
        )
        _tell(connection, moved)
        return len(moved)


def _tell(connection: Connection, numbers: Sequence[int]) -> None:
    """Note that the tags of these items changed, and renew their words."""
    at = now()
    for start in range(0, len(numbers), BATCH):
        some = list(numbers[start : start + BATCH])
        connection.execute(
            change.insert(), [{"item": one, "what": "tagged", "at": at} for one in some]
        )
        words.renew(connection, some)


def _waits(of: int) -> tuple[ColumnElement[bool], ...]:
    answered = select(suggestion.c.item).where(
        suggestion.c.tagging == of, suggestion.c.item == item.c.id
    )
    return item.c.deleted_at.is_(None), ~answered.exists()


def _next(catalog: Catalog, of: int, last: int, size: int) -> list[Pending]:
    asked = (
        select(item.c.id, item.c.external_id)
        .where(*_waits(of), item.c.id > last)
        .order_by(item.c.id)
        .limit(size)
    )
    with catalog.reading() as connection:
        rows = connection.execute(asked).all()
        of_each: dict[int, list[tuple[int, str, bytes | None]]] = {one.id: [] for one in rows}
        photos = connection.execute(
            select(photo.c.item, photo.c.id, photo.c.uri, photo.c.content)
            .where(photo.c.item.in_(of_each), photo.c.reason == "")
            .order_by(photo.c.item, photo.c.position)
        )
        for owner, number, uri, content in photos:
            of_each[owner].append((number, uri, content))
    return [Pending(one.id, one.external_id, of_each[one.id]) for one in rows]


# The tags as they would be: what people said stays out, and so does a value they rejected. An item
# that came after the tagging ended has no answer of it, and loses the tag that it has.
_AFTER = """
    SELECT g.item, CASE WHEN g.sure AND NOT EXISTS (
               SELECT 1 FROM standing AS n WHERE n.item = g.item AND n.attribute = r.attribute
                 AND n.verdict = 'rejected' AND n.value = g.value) THEN g.value END AS after
    FROM suggestion AS g JOIN tagging AS r ON r.id = g.tagging
    JOIN item ON item.id = g.item
    WHERE r.id = :of AND item.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM said WHERE said.item = g.item AND said.attribute = r.attribute)
    UNION ALL
    SELECT g.item, NULL FROM suggestion AS g JOIN tagging AS r ON r.id = g.tagging
    JOIN item ON item.id = g.item
    WHERE r.in_use AND r.attribute = (SELECT attribute FROM tagging WHERE id = :of)
      AND item.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM said WHERE said.item = g.item AND said.attribute = r.attribute)
      AND NOT EXISTS (SELECT 1 FROM suggestion AS a WHERE a.tagging = :of AND a.item = g.item)
"""
_BOTH = """
    SELECT a.item, a.after, t.value AS before FROM (AFTER) AS a
    LEFT JOIN tag AS t ON t.item = a.item
      AND t.attribute = (SELECT attribute FROM tagging WHERE id = :of)
""".replace("AFTER", _AFTER)
_OTHER = "COALESCE(b.before, 0) <> COALESCE(b.after, 0)"
_MOVED = f"SELECT item FROM ({_BOTH}) AS b WHERE {_OTHER}"  # noqa: S608
_PREVIEW = f"""
    SELECT COALESCE(x.label, '{UNKNOWN}'), COALESCE(y.label, '{UNKNOWN}'), COUNT(*)
    FROM ({_BOTH}) AS b LEFT JOIN value AS x ON x.id = b.before
    LEFT JOIN value AS y ON y.id = b.after
    WHERE {_OTHER}
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""  # noqa: S608 - nothing of it is given from outside
