"""Whether what was read of a catalogue's embeddings still holds: a stamp that changes with them."""

from __future__ import annotations

from sqlalchemy import text

from hangtag.rooms.catalog.file import Catalog


def stamp(catalog: Catalog) -> tuple[object, ...]:
    """Equal only as long as no item, picture or embedding has changed.

    Reading a hundred thousand embeddings takes half a second, this a few thousandths of one.
    """
    with catalog.reading() as connection:
        return tuple(connection.execute(text(_STAMP)).one())


# What people decide and which tagging is in use change no embedding, so they are not looked at.
_STAMP = """
    SELECT (SELECT MAX(n) FROM change WHERE what IN ('imported', 'changed', 'deleted')),
           (SELECT COUNT(*) FROM embedding), (SELECT MAX(id) FROM encoder),
           (SELECT TOTAL(close) FROM encoder), (SELECT COUNT(*) FROM ready)
"""
