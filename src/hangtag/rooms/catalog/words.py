"""The words of items, searched as text: titles, what a shop says of them, and their tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import item, tag, value

_WORD = re.compile(r"\w+")


def renew(connection: Connection, numbers: Sequence[int]) -> None:
    """Write the words of these items anew."""
    rows = connection.execute(
        select(item.c.id, item.c.title, item.c.attributes).where(item.c.id.in_(numbers))
    ).all()
    tags = _tags(connection, numbers)
    connection.execute(
        text("DELETE FROM words WHERE rowid = :row"), [{"row": one} for one in numbers]
    )
    connection.execute(
        text("INSERT INTO words (rowid, title, tags) VALUES (:row, :title, :tags)"),
        [
            {
                "row": number,
                "title": title,
                "tags": " ".join([*map(str, said.values()), *tags.get(number, ())]),
            }
            for number, title, said in rows
        ],
    )


def matching(catalog: Catalog, asked: str, most: int) -> list[int]:
    """Items whose words have all that was asked for or their beginnings, the best first.

    Args:
        catalog: The catalogue.
        asked: Words as a customer types them; nothing in them is an operator.
        most: Items at most.
    """
    terms = _WORD.findall(asked)
    if not terms:
        return []
    query = " ".join(f'"{one}"*' for one in terms)
    with catalog.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT words.rowid FROM words JOIN item ON item.id = words.rowid"
                " WHERE words MATCH :query AND item.deleted_at IS NULL ORDER BY rank LIMIT :most"
            ),
            {"query": query, "most": most},
        )
        return [int(number) for (number,) in rows]


def _tags(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Labels of the tags that hold, and their synonyms."""
    found: dict[int, list[str]] = {}
    synonyms = {
        number: [label, *more]
        for number, label, more in connection.execute(
            select(value.c.id, value.c.label, value.c.synonyms)
        )
    }
    rows = connection.execute(select(tag.c.item, tag.c.value).where(tag.c.item.in_(numbers)))
    for number, named in rows:
        found.setdefault(int(number), []).extend(synonyms.get(named, ()))
    return found
