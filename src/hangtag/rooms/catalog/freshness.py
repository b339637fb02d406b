"""Whether what was read of a catalogue's embeddings still holds: a stamp that changes with them."""

from __future__ import annotations

from sqlalchemy import bindparam, text

from hangtag.rooms.catalog.file import Catalog

OF_ITEMS = ("imported", "changed", "deleted")
"""Changes that can change an embedding; what is decided or tagged changes none."""


def stamp(catalog: Catalog) -> tuple[object, ...]:
    """Equal only as long as no item, photo or embedding has changed.

    Reading a hundred thousand embeddings takes half a second, this a few thousandths of one.
    """
    with catalog.reading() as connection:
        return tuple(connection.execute(_STAMP).one())


# What people decide and which tagging is in use change no embedding, so they are not looked at.
_STAMP = text("""
    SELECT (SELECT MAX(n) FROM change WHERE what IN :of_items),
           (SELECT COUNT(*) FROM embedding), (SELECT MAX(id) FROM encoder),
           (SELECT TOTAL(close) FROM encoder), (SELECT COUNT(*) FROM ready)
""").bindparams(bindparam("of_items", OF_ITEMS, expanding=True))
