"""What changed in a catalogue, by number: who keeps a copy asks for what came after its last."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import change, item


@dataclass(frozen=True)
class Change:
    """Something that happened to an item.

    Attributes:
        n: Its number; later ones are greater, and none is given twice.
        item: What the shop calls the item.
        what: ``imported``, ``changed``, ``deleted``, ``tagged`` or ``decided``.
        at: When, in UTC.
    """

    n: int
    item: str
    what: str
    at: str


def changes(catalog: Catalog, since: int = 0, limit: int = 1000) -> list[Change]:
    """The changes after this one, in their order.

    Args:
        catalog: The catalogue.
        since: The number of the last change that is known.
        limit: Changes at most.
    """
    # By number and not by time: clocks go back, numbers do not.
    asked = (
        select(change.c.n, item.c.external_id, change.c.what, change.c.at)
        .join(item, item.c.id == change.c.item)
        .where(change.c.n > since)
        .order_by(change.c.n)
        .limit(limit)
    )
    with catalog.reading() as connection:
        return [Change(*row) for row in connection.execute(asked)]
