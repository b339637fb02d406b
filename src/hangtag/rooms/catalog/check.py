"""Everything that must hold of a catalogue, looked at: what does not comes out as sentences."""

from __future__ import annotations

from sqlalchemy import text

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.metrics import damaged_metrics

_MUST_BE_NONE = {
    "{n} photos are of no item": (
        "SELECT COUNT(*) FROM picture WHERE item NOT IN (SELECT id FROM item)"
    ),
    "{n} suggestions are of no item": (
        "SELECT COUNT(*) FROM suggestion WHERE item NOT IN (SELECT id FROM item)"
    ),
    "{n} decisions are of no item": (
        "SELECT COUNT(*) FROM decision WHERE item NOT IN (SELECT id FROM item)"
    ),
    "{n} decisions undo what is not there": (
        "SELECT COUNT(*) FROM decision WHERE undoes IS NOT NULL"
        " AND undoes NOT IN (SELECT id FROM decision)"
    ),
    "{n} embeddings have another size than their encoder's": (
        "SELECT COUNT(*) FROM embedding AS e JOIN encoder AS c ON c.id = e.encoder"
        " WHERE LENGTH(e.vector) <> c.width"
    ),
    "{n} attributes have two taggings in use": (
        "SELECT COUNT(*) FROM (SELECT attribute FROM tagging WHERE in_use"
        " GROUP BY attribute HAVING COUNT(*) > 1) AS two"
    ),
    "{n} items have two tags of one attribute": (
        "SELECT COUNT(*) FROM (SELECT item FROM tag GROUP BY item, attribute"
        " HAVING COUNT(*) > 1) AS two"
    ),
    "{n} values belong to another attribute than their decision's": (
        "SELECT COUNT(*) FROM decision AS d JOIN value AS v ON v.id = d.value"
        " WHERE v.attribute <> d.attribute"
    ),
    "{n} items have no words to be found by": (
        "SELECT COUNT(*) FROM item WHERE id NOT IN (SELECT rowid FROM words)"
    ),
}


def check(catalog: Catalog) -> list[str]:
    """Look at every page of the file and at all that its rows must satisfy.

    Returns:
        A sentence for everything that is wrong; none is well.
    """
    with catalog.reading() as connection:
        pages = connection.execute(text("PRAGMA integrity_check")).scalars().all()
        if pages != ["ok"]:
            return [str(one) for one in pages]
        wrong = [
            f"a row of {table} names one of {parent} that is not there"
            for table, _, parent, _ in connection.execute(text("PRAGMA foreign_key_check"))
        ]
        for said, asked in _MUST_BE_NONE.items():
            n = connection.execute(text(asked)).scalar_one()
            if n:
                wrong.append(said.format(n=f"{n:,}"))
        wrong += damaged_metrics(connection)
    return wrong
