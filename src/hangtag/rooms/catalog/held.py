"""What holds of all items at once: ids, the tags of one attribute, decisions on some attributes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text

from hangtag.rooms.catalog.file import Catalog


def names(catalog: Catalog) -> dict[int, str]:
    """What the shop calls each item that is there, by its number."""
    with catalog.reading() as connection:
        return {int(number): str(name) for number, name in connection.execute(text(_NAMES))}


def labels(catalog: Catalog, key: str) -> dict[int, str]:
    """The tag that holds of an attribute, by the item's number; items without one are left out."""
    with catalog.reading() as connection:
        return {int(n): str(label) for n, label in connection.execute(text(_LABELS), {"key": key})}


def tagged(catalog: Catalog) -> set[int]:
    """Numbers of the items that have a tag of any attribute."""
    with catalog.reading() as connection:
        return {
            int(one) for one in connection.execute(text("SELECT DISTINCT item FROM tag")).scalars()
        }


def decided(catalog: Catalog) -> set[int]:
    """Numbers of the items that people decided anything on."""
    with catalog.reading() as connection:
        return {int(one) for one in connection.execute(text(_DECIDED)).scalars()}


def keys(catalog: Catalog) -> list[str]:
    """Every attribute, in the order in which they came."""
    with catalog.reading() as connection:
        asked = text("SELECT key FROM attribute ORDER BY id")
        return [str(one) for one in connection.execute(asked).scalars()]


def verdicts(catalog: Catalog, about: Sequence[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """The newest decision that stands on some attributes.

    Returns:
        By item and attribute, the verdict and the value that it is about.
    """
    asked = text(_VERDICTS).bindparams(bindparam("keys", expanding=True))
    with catalog.reading() as connection:
        rows = connection.execute(asked, {"keys": list(about)})
        # In the order in which they were made, so that the newest is what stays.
        return {(item, key): (verdict, label or "") for item, key, verdict, label in rows}


_NAMES = "SELECT id, external_id FROM item WHERE deleted_at IS NULL"
_LABELS = """
    SELECT t.item, v.label FROM tag AS t
    JOIN attribute AS a ON a.id = t.attribute AND a.key = :key JOIN value AS v ON v.id = t.value
"""
_DECIDED = "SELECT DISTINCT item FROM standing"
_VERDICTS = """
    SELECT item.external_id, a.key, d.verdict, v.label FROM standing AS d
    JOIN item ON item.id = d.item JOIN attribute AS a ON a.id = d.attribute
    LEFT JOIN value AS v ON v.id = d.value WHERE a.key IN :keys ORDER BY d.id
"""
