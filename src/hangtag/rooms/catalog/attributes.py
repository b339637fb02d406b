"""What items can be tagged with: attributes, their values, and how many items have each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text, update

from hangtag.errors import OptionError
from hangtag.rooms.catalog import words
from hangtag.rooms.catalog.file import Catalog, id_of
from hangtag.rooms.catalog.schema import attribute, tag, value


@dataclass(frozen=True)
class Value:
    """A value of an attribute.

    Attributes:
        label: Such as ``dress``.
        synonyms: Other words that a search finds it by.
        items: How many items have it as their tag.
    """

    label: str
    synonyms: tuple[str, ...]
    items: int


def attributes(catalog: Catalog) -> dict[str, list[Value]]:
    """Every attribute with its values, the most used first."""
    found: dict[str, list[Value]] = {}
    with catalog.reading() as connection:
        for (key,) in connection.execute(select(attribute.c.key).order_by(attribute.c.id)):
            found[key] = []
        for key, label, synonyms, n in connection.execute(text(_COUNTED)):
            if label is not None:
                # SQLite hands JSON over as text where the statement is text, too.
                found[key].append(Value(label, _words(synonyms), int(n)))
    return found


def add(catalog: Catalog, key: str, values: Mapping[str, Sequence[str]]) -> int:
    """Add an attribute, values and synonyms; what is there already stays.

    Args:
        catalog: The catalogue.
        key: Of the attribute.
        values: Label to the synonyms it has from now on.

    Returns:
        How many values the attribute has then.

    Raises:
        OptionError: A name is empty.
    """
    if not key.strip() or not all(label.strip() for label in values):
        raise OptionError("an attribute or value without a name was asked for", "name it")
    with catalog.writing() as connection:
        of = id_of(connection, attribute, key=key.strip())
        for label, synonyms in values.items():
            number = id_of(connection, value, attribute=of, label=label.strip())
            connection.execute(
                update(value).where(value.c.id == number).values(synonyms=list(synonyms))
            )
            # What a search finds items by is kept beside them, so it follows the synonyms.
            mine = connection.execute(select(tag.c.item).where(tag.c.value == number)).scalars()
            if items := [int(one) for one in mine]:
                words.renew(connection, items)
        return len(
            connection.execute(select(value.c.id).where(value.c.attribute == of)).scalars().all()
        )


def _words(kept: object) -> tuple[str, ...]:
    return tuple(json.loads(kept)) if isinstance(kept, str) else tuple(kept or ())  # type: ignore[arg-type]


_COUNTED = """
    SELECT a.key, v.label, v.synonyms,
           (SELECT COUNT(*) FROM tag AS t JOIN item ON item.id = t.item
            WHERE t.value = v.id AND item.deleted_at IS NULL) AS n
    FROM attribute AS a LEFT JOIN value AS v ON v.attribute = a.id
    ORDER BY a.id, n DESC, v.label
"""
