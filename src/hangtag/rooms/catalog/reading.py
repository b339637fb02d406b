"""Items as a person sees them: which there are, what holds of each, and which fit a condition.

A condition is ``category=dress and price<50``: columns of items, what the feed says, or tags, put
together by ``and``. Nothing of it becomes SQL text.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, cast, func, or_, select
from sqlalchemy.types import Text

from hangtag.errors import OptionError, UnknownNameError, nearest
from hangtag.records import UNKNOWN
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import attribute, change, item, photo, tag, value

_CONDITION = re.compile(r"\s*([\w .:-]+?)\s*(<=|>=|!=|=|<|>)\s*(\"[^\"]*\"|'[^']*'|[^\"']+?)\s*")
_AND = re.compile(r"\s+and\s+(?=[\w .:-]+?\s*(?:<=|>=|!=|=|<|>))", re.IGNORECASE)
_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NUMBERS = {"price": item.c.price}
WORDS = {
    "id": item.c.external_id,
    "title": item.c.title,
    "group": item.c.group_id,
    "url": item.c.url,
}
TRUTHS = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, eq=False)
class Item:
    """An item, and the tags that hold.

    Attributes:
        number: In the catalogue.
        external_id: What the shop calls it.
        group_id: What it is a variant of.
        title: Words a customer reads.
        price: In the shop's currency.
        attributes: What its feed says.
        tags: Attribute to label, probability, and who says so: ``person`` or ``model``.
        photos: Paths or addresses.
    """

    number: int
    external_id: str
    group_id: str | None
    title: str
    price: float | None
    attributes: Mapping[str, str]
    tags: Mapping[str, tuple[str, float, str]] = field(default_factory=dict)
    photos: Sequence[str] = ()

    def label(self, attribute: str) -> str:
        """What its feed says of an attribute, else its tag; empty if neither is there."""
        return self.attributes.get(attribute) or self.tags.get(attribute, ("",))[0]

    @property
    def facts(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "id": self.external_id,
            "group": self.group_id,
            "title": self.title,
            "price": self.price,
            "attributes": dict(self.attributes),
            "tags": {
                key: {"label": label, "probability": round(probability, 4), "by": source}
                for key, (label, probability, source) in self.tags.items()
            },
            "pictures": list(self.photos),
        }


def items(catalog: Catalog, numbers: Collection[int]) -> dict[int, Item]:
    """Items by their numbers."""
    found: dict[int, Item] = {}
    with catalog.reading() as connection:
        for some in _slices(list(numbers)):
            tags = tags_of(connection, some)
            uris: dict[int, list[str]] = {}
            for owner, uri in connection.execute(
                select(photo.c.item, photo.c.uri)
                .where(photo.c.item.in_(some))
                .order_by(photo.c.item, photo.c.position)
            ):
                uris.setdefault(owner, []).append(uri)
            for row in connection.execute(select(item).where(item.c.id.in_(some))):
                found[row.id] = Item(
                    row.id,
                    row.external_id,
                    row.group_id,
                    row.title,
                    row.price,
                    row.attributes,
                    tags.get(row.id, {}),
                    uris.get(row.id, ()),
                )
    return found


def tags_of(
    connection: Connection, numbers: Sequence[int]
) -> dict[int, dict[str, tuple[str, float, str]]]:
    """The tags that hold of these items."""
    rows = connection.execute(
        select(tag.c.item, attribute.c.key, value.c.label, tag.c.probability, tag.c.source)
        .join(attribute, attribute.c.id == tag.c.attribute)
        .join(value, value.c.id == tag.c.value)
        .where(tag.c.item.in_(numbers))
    )
    found: dict[int, dict[str, tuple[str, float, str]]] = {}
    for number, key, label, probability, source in rows:
        found.setdefault(number, {})[key] = (label, probability, source)
    return found


def numbers(catalog: Catalog, *, since: int | None = None) -> list[int]:
    """Items that are there, in their order.

    Args:
        catalog: The catalogue.
        since: Only those of which something changed after this change.
    """
    asked = select(item.c.id).where(item.c.deleted_at.is_(None)).order_by(item.c.id)
    if since is not None:
        later = select(change.c.item).where(change.c.n > since, change.c.item == item.c.id)
        asked = asked.where(later.exists())
    with catalog.reading() as connection:
        return [int(one) for one in connection.execute(asked).scalars()]


def number_of(catalog: Catalog, name: str) -> int:
    """The number of the item that the shop calls so.

    Raises:
        UnknownNameError: There is none.
    """
    with catalog.reading() as connection:
        found = connection.execute(
            select(item.c.id).where(item.c.external_id == name, item.c.deleted_at.is_(None))
        ).scalar()
        if found is None:
            some = connection.execute(select(item.c.external_id).limit(1000)).scalars()
            raise UnknownNameError(f"{catalog.path} has no item '{name}'", nearest(name, some))
        return int(found)


def numbers_of(catalog: Catalog, names: Collection[str]) -> dict[str, int]:
    """The numbers of items by what the shop calls them; of those that are there."""
    found: dict[str, int] = {}
    with catalog.reading() as connection:
        whole = sorted(set(names))
        for start in range(0, len(whole), 1000):
            asked = select(item.c.external_id, item.c.id).where(
                item.c.external_id.in_(whole[start : start + 1000]), item.c.deleted_at.is_(None)
            )
            found |= {row.external_id: row.id for row in connection.execute(asked)}
    return found


def matching(catalog: Catalog, condition: str) -> set[int]:
    """The items that fit a condition.

    Raises:
        OptionError: It cannot be read, or names what is not there.
    """
    found: set[int] | None = None
    with catalog.reading() as connection:
        for one in _AND.split(condition):
            read = _CONDITION.fullmatch(one)
            if read is None:
                raise OptionError(
                    f"the condition '{one}' cannot be read", "such as category=dress and price<50"
                )
            name, sign, said = read.groups()
            fits = {
                int(number)
                for number in connection.execute(
                    _one(connection, name, sign, said.strip("\"'"))
                ).scalars()
            }
            found = fits if found is None else found & fits
    return found or set()


def _one(connection: Connection, name: str, sign: str, said: str) -> Select[Any]:
    live = select(item.c.id).where(item.c.deleted_at.is_(None))
    if name in NUMBERS:
        return live.where(_compared(NUMBERS[name], sign, _number(name, said)))
    if name == "in_stock":
        if said.lower() not in TRUTHS or sign not in ("=", "!="):
            raise OptionError(f"in_stock cannot be '{said}'", "in_stock=yes or in_stock=no")
        return live.where(_compared(item.c.in_stock, sign, TRUTHS[said.lower()]))
    if sign not in ("=", "!="):
        raise OptionError(f"{name} cannot be compared by {sign}", "price can; others by = or !=")
    if name in WORDS:
        return live.where(_compared(WORDS[name], sign, said))
    keys = list(connection.execute(select(attribute.c.key)).scalars())
    if name in keys:
        # A tag or the shop's own word: whoever asks for red wants what either calls so.
        has = or_(
            _tagged(connection, name, said),
            func.coalesce(item.c.attributes[name].as_string(), "") == said,
        )
        return live.where(has if sign == "=" else ~has)
    fed = item.c.attributes[name].as_string()
    if connection.execute(live.where(fed.is_not(None)).limit(1)).first() is None:
        known = (*keys, *NUMBERS, "in_stock", *WORDS)
        raise OptionError(f"no item has a '{name}'", nearest(name, known))
    return live.where(_compared(cast(fed, Text), sign, said))


def _tagged(connection: Connection, key: str, label: str) -> ColumnElement[bool]:
    # Asked once for all items, and by numbers, which reach into the view: what stands of a hundred
    # thousand items is then worked out for those that have the value.
    attributes = connection.execute(select(attribute.c.id).where(attribute.c.key == key)).scalars()
    mine = select(tag.c.item).where(tag.c.attribute.in_(attributes.all()))
    if label == UNKNOWN:
        return item.c.id.not_in(mine)
    values = connection.execute(select(value.c.id).where(value.c.label == label)).scalars()
    return item.c.id.in_(mine.where(tag.c.value.in_(values.all())))


def _compared(column: ColumnElement[Any], sign: str, other: Any) -> ColumnElement[bool]:  # noqa: ANN401
    found: ColumnElement[bool] = _COMPARE[sign](column, other)
    return found


def _number(name: str, said: str) -> float:
    try:
        return float(said)
    except ValueError:
        raise OptionError(f"{name} cannot be '{said}'", "a number, such as 49.90") from None


def _slices(whole: list[int], size: int = 1000) -> list[list[int]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]
