"""What people say of items: accepted, rejected, corrected, and undone; who said it, and when.

Rows are added and never changed. A later decision counts before an earlier one; one that is undone
does not count; a value that was rejected is not suggested again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from hangtag.errors import OptionError
from hangtag.rooms.catalog import schema, words
from hangtag.rooms.catalog.file import Catalog, id_of, now
from hangtag.rooms.catalog.schema import attribute, change, decision, item, value


@dataclass(frozen=True)
class Decided:
    """A decision, asked for or kept.

    Attributes:
        item: What the shop calls the item.
        attribute: Such as ``category``.
        verdict: ``accepted``, ``rejected``, ``corrected``; ``undone`` takes the last one back.
        label: The value it is about; for ``accepted`` and ``rejected`` None is what is suggested.
        who: Who decided.
        at: When; empty before it is kept.
    """

    item: str
    attribute: str
    verdict: str
    label: str | None = None
    who: str = "somebody"
    at: str = ""


def decide(catalog: Catalog, asked: Sequence[Decided]) -> int:
    """Keep decisions, all of them or none.

    Returns:
        How many were kept. What is decided so already is not kept twice.

    Raises:
        OptionError: An item, attribute or suggestion is not there, or a verdict is none.
    """
    kept: list[int] = []
    with catalog.writing() as connection:
        for one in asked:
            number = _decide(connection, one)
            if number is not None:
                kept.append(number)
        moved = list(dict.fromkeys(kept))
        if moved:
            at = now()
            connection.execute(
                change.insert(), [{"item": n, "what": "decided", "at": at} for n in moved]
            )
            words.renew(connection, moved)
    return len(kept)


def history(catalog: Catalog, name: str) -> list[Decided]:
    """All decisions on an item in their order, with those that were undone since."""
    asked = (
        select(decision, attribute.c.key, value.c.label)
        .join(item, item.c.id == decision.c.item)
        .join(attribute, attribute.c.id == decision.c.attribute)
        .outerjoin(value, value.c.id == decision.c.value)
        .where(item.c.external_id == name)
        .order_by(decision.c.id)
    )
    with catalog.reading() as connection:
        return [
            Decided(name, row.key, row.verdict, row.label, row.who, row.at)
            for row in connection.execute(asked)
        ]


def _decide(connection: Connection, asked: Decided) -> int | None:
    """Keep one; the number of its item, or None if it changes nothing."""
    if asked.verdict not in schema.VERDICTS:
        raise OptionError(
            f"a decision cannot be '{asked.verdict}'", f"one of {', '.join(schema.VERDICTS)}"
        )
    named = connection.execute(select(item.c.id).where(item.c.external_id == asked.item)).scalar()
    if named is None:
        raise OptionError(f"there is no item '{asked.item}'", "hangtag catalog info lists some")
    number, key = int(named), id_of(connection, attribute, key=asked.attribute)
    last = connection.execute(text(_LAST), {"item": number, "key": key}).first()
    if asked.verdict == schema.UNDONE:
        if last is None:
            raise OptionError(
                f"nothing was decided on {asked.attribute} of '{asked.item}'", "leave it out"
            )
        _add(connection, number, key, asked, last.value, undoes=last.id)
        return number
    label = _value(connection, number, key, asked)
    if last is not None and (last.value, last.verdict) == (label, asked.verdict):
        return None
    _add(connection, number, key, asked, label)
    return number


def _value(connection: Connection, number: int, key: int, asked: Decided) -> int:
    if asked.label is not None:
        if asked.verdict == schema.REJECTED or asked.label.strip():
            return id_of(connection, value, attribute=key, label=asked.label.strip())
        raise OptionError(f"'{asked.item}' was corrected to nothing", "name the value")
    if asked.verdict == schema.CORRECTED:
        raise OptionError(f"'{asked.item}' was corrected to nothing", "name the value")
    suggested = connection.execute(text(_SUGGESTED), {"item": number, "key": key}).scalar()
    if suggested is None:
        raise OptionError(
            f"nothing is suggested for {asked.attribute} of '{asked.item}'", "name the value"
        )
    return int(suggested)


def _add(
    connection: Connection,
    number: int,
    key: int,
    asked: Decided,
    about: int | None,
    undoes: int | None = None,
) -> None:
    connection.execute(
        decision.insert().values(
            item=number,
            attribute=key,
            value=about,
            verdict=asked.verdict,
            who=asked.who,
            at=now(),
            undoes=undoes,
        )
    )


_LAST = (
    "SELECT id, value, verdict FROM standing WHERE item = :item AND attribute = :key"
    " ORDER BY id DESC LIMIT 1"
)
_SUGGESTED = (
    "SELECT g.value FROM suggestion AS g JOIN tagging AS r ON r.id = g.tagging"
    " WHERE g.item = :item AND r.attribute = :key AND r.in_use"
)
