"""Items that a shop takes out by name: marked and kept, since decisions of people hang on them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from hangtag.rooms.catalog.file import Catalog, now
from hangtag.rooms.catalog.schema import change, item


def remove(catalog: Catalog, names: Sequence[str]) -> int:
    """Mark items as gone; an import or a PUT of the same name brings one back with its decisions.

    Returns:
        How many were there.
    """
    with catalog.writing() as connection:
        there = select(item.c.id).where(item.c.external_id.in_(names), item.c.deleted_at.is_(None))
        numbers = connection.execute(there).scalars().all()
        if numbers:
            # Together with its changes: whoever follows them never sees an item go unsaid.
            at = now()
            connection.execute(update(item).where(item.c.id.in_(numbers)).values(deleted_at=at))
            connection.execute(
                change.insert(), [{"item": n, "what": "deleted", "at": at} for n in numbers]
            )
        return len(numbers)
