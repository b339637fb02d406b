"""What a feed is: which columns say what, and where tags are written.

A member of the family is a :class:`Feed` with the names of columns; how rows become items and tags
become cells is here, once. To add one: a file with a Feed, a line in ``feeds/__init__.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from hangtag.rooms.catalog import taxonomy
from hangtag.rooms.catalog.feeds.cells import Cells, Row, is_blank, merged
from hangtag.rooms.catalog.items import Offer, OfferedPhoto

Look = Callable[[str], OfferedPhoto]
"""Gives a photo by what the feed calls it."""

Tags = Mapping[str, Mapping[str, str]]
"""External id to attribute to label."""

_NUMBER = re.compile(r"-?\d[\d ,.'’]*")
_COMMA = re.compile(r",(?=\s|https?://)", re.IGNORECASE)
_NO = frozenset({"", "0", "no", "false", "out of stock", "out_of_stock", "sold out"})

OURS = "hangtag_"
"""What columns begin with that are added for tags."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A kind of feed.

    Attributes:
        name: Short, such as ``shopify``.
        title: What people call it.
        signs: Columns that only this kind has; any of these groups tells it.
        id: Names of the column with the item's id, the first that is there counts; so for all.
        group: What the item is a variant of.
        item_title: Words a customer reads.
        price: A number, with or without a currency.
        stock: How many there are, or whether.
        url: Of the item's page.
        photos: Columns of photos, all that are there.
        between: What stands between several photos in one cell; empty for one.
        category: What the shop itself calls the kind of item.
        taxonomy: The list that its categories are of, such as ``shopify``; empty for none.
        categories: Columns of these, filled where they are empty.
        tags: The column that tags are written into, behind those that stand there.
        between_tags: What stands between two of them.
        own: Attribute to the column that is its own, filled where it is empty.
        rest: Whether all other columns are attributes, too.
        continued: Whether rows that follow with the same id go on with the same item.
    """

    name: str
    title: str
    signs: Sequence[frozenset[str]]
    id: Sequence[str]
    group: Sequence[str] = ()
    item_title: Sequence[str] = ()
    price: Sequence[str] = ()
    stock: Sequence[str] = ()
    url: Sequence[str] = ()
    photos: Sequence[str] = ()
    between: str = ""
    category: Sequence[str] = ()
    taxonomy: str = ""
    categories: Sequence[str] = ()
    tags: str = ""
    between_tags: str = ", "
    own: Mapping[str, str] = field(default_factory=dict)
    rest: bool = False
    continued: bool = False

    def fits(self, cells: Cells) -> bool:
        """Whether the columns are those of this kind."""
        return any(sign <= cells.places.keys() for sign in self.signs) and any(
            one in cells.places for one in self.id
        )

    def offers(self, cells: Cells, look: Look) -> Iterator[Offer]:
        """The items of a table."""
        for name, rows in self._grouped(cells):
            first = rows[0]
            yield Offer(
                name,
                tuple(map(look, self._photos(cells, rows))),
                self._first(cells, first, self.group) or None,
                self._first(cells, first, self.item_title),
                number(self._first(cells, first, self.price)),
                self._stock(cells, rows),
                self._first(cells, first, self.url),
                self._attributes(cells, first),
            )

    def unusable(self, cells: Cells) -> list[tuple[int, str]]:
        """Lines that are no item, and why; they are kept as they stand."""
        wide = len(cells.header.cells)
        found = []
        for row in cells.rows:
            if is_blank(row):
                continue
            if len(row.cells) > wide:
                found.append((row.number, f"has {len(row.cells)} cells, and the header {wide}"))
            elif not self._first(cells, row, self.id):
                found.append((row.number, "has no id"))
        return found

    def write(self, cells: Cells, tags: Tags, before: Tags) -> dict[str, dict[str, str]]:
        """Put tags into the table's cells.

        Args:
            cells: Of the feed as it came; changed.
            tags: Those that hold.
            before: Those an earlier export wrote, which go where they do not hold any more.

        Returns:
            Those that stand there because of an export: not what the shop wrote itself.
        """
        ours: dict[str, dict[str, str]] = {}
        for name, rows in self._grouped(cells):
            now, then = tags.get(name, {}), before.get(name, {})
            if now or then:
                ours[name] = self._write(cells, rows[0], now, then)
        return ours

    def sorted_in(self, cells: Cells, tags: Tags) -> dict[str, dict[str, str]]:
        """The tags with the categories that they mean, of those that the feed itself uses."""
        column = self._place(cells, taxonomy.PATH)
        found = {name: dict(own) for name, own in tags.items()}
        known = taxonomy.used(cells.get(row, column) for row in cells.rows) if column else {}
        for own in found.values() if column else ():
            label = own.get(taxonomy.CATEGORY, "")
            category = taxonomy.category_of(label, known) if label else ""
            if category:
                own[taxonomy.PATH] = category
            if category == label and label:  # a tag that is a category is no word beside it
                del own[taxonomy.CATEGORY]
        return found

    def columns(self, cells: Cells, keys: Sequence[str]) -> None:
        """Add the columns that attributes need and the table does not have."""
        for key in keys:
            if not self._place(cells, key):
                cells.add(OURS + key)

    def _write(
        self, cells: Cells, row: Row, now: Mapping[str, str], then: Mapping[str, str]
    ) -> dict[str, str]:
        wrote: dict[str, str] = {}
        shared = {key for key in {*now, *then} if self._place(cells, key) == self.tags}
        if shared:
            added = [now[key] for key in now if key in shared]
            removed = [then[key] for key in then if key in shared]
            old = cells.get(row, self.tags)
            new = merged(old, added, removed, self.between_tags)
            there = {one.strip().casefold() for one in old.split(self.between_tags.strip())}
            wrote = {
                key: now[key]
                for key in shared & now.keys()
                if now[key].casefold() not in there or then.get(key) == now[key]
            }
            if new != old:
                cells.put(row, self.tags, new)
        for key in {*now, *then} - shared:
            column = self._place(cells, key) or OURS + key
            old, ours = cells.get(row, column), column.startswith(OURS)
            # A column of the shop's own is filled where nothing stands but what we wrote.
            if ours or old in ("", then.get(key)):
                if old != now.get(key, ""):
                    cells.put(row, column, now.get(key, ""))
                if key in now:
                    wrote[key] = now[key]
        return wrote

    def _place(self, cells: Cells, key: str) -> str:
        """The column an attribute is written into; empty if one has to be added."""
        if key == taxonomy.PATH:
            return next((one for one in self.categories if one in cells.places), "")
        # The release of a taxonomy is no word that a customer looks for.
        shared = "" if key == taxonomy.RELEASE else self.tags
        for name in (self.own.get(key, ""), OURS + key, shared):
            if name in cells.places:
                return name
        return ""

    def _grouped(self, cells: Cells) -> Iterator[tuple[str, list[Row]]]:
        bad = {number for number, _ in self.unusable(cells)}
        usable = [one for one in cells.rows if not is_blank(one) and one.number not in bad]

        def named(row: Row) -> str:
            return self._first(cells, row, self.id)

        if not self.continued:
            for row in usable:
                yield named(row), [row]
            return
        for name, rows in groupby(usable, named):
            yield name, list(rows)

    def _first(self, cells: Cells, row: Row, names: Sequence[str]) -> str:
        return next((said for one in names if (said := cells.get(row, one).strip())), "")

    def _photos(self, cells: Cells, rows: Sequence[Row]) -> list[str]:
        said = [cells.get(row, name) for row in rows for name in self.photos]
        each = [one for whole in said for one in self._apart(whole)]
        return list(dict.fromkeys(one.strip() for one in each if one.strip()))

    def _apart(self, cell: str) -> list[str]:
        """Several photos of one cell."""
        if self.between == "," and "://" in cell:
            # An address may have commas in it; what follows one in a list is a blank or an address.
            return _COMMA.split(cell)
        return cell.split(self.between) if self.between else [cell]

    def _stock(self, cells: Cells, rows: Sequence[Row]) -> bool | None:
        if not any(one in cells.places for one in self.stock):
            return None
        return any(self._first(cells, row, self.stock).lower() not in _NO for row in rows)

    def _attributes(self, cells: Cells, row: Row) -> dict[str, str]:
        used = {*self.id, *self.group, *self.item_title, *self.price, *self.stock, *self.url}
        used |= {*self.photos, *self.category, self.tags}
        found = {"category": self._first(cells, row, self.category)}
        for key in self.own:
            found[key] = cells.get(row, self.own[key]).strip()
        for name in set(cells.places) - used if self.rest else ():
            found[name] = cells.get(row, name).strip()
        found["tags"] = cells.get(row, self.tags).strip() if self.tags else ""
        ours = tuple(key for key in found if key.startswith(OURS))
        return {key: said for key, said in sorted(found.items()) if said and key not in ours}


def number(said: str) -> float | None:
    """The number in a price such as ``49,90 EUR`` or ``1.299,00``; None if there is none."""
    found = _NUMBER.search(said)
    if found is None:
        return None
    plain = re.sub(r"[ '’]", "", found[0]).rstrip(",.")
    point, comma = plain.rfind("."), plain.rfind(",")
    if point >= 0 and comma >= 0:  # the last of both is the decimal one
        thousands, decimal = (",", ".") if point > comma else (".", ",")
        plain = plain.replace(thousands, "").replace(decimal, ".")
    elif comma >= 0:
        # One comma with three digits behind it divides thousands; with others it is decimal.
        alone = plain.count(",") == 1 and len(plain) - comma - 1 != 3
        plain = plain.replace(",", "." if alone else "")
    elif plain.count(".") > 1:
        plain = plain.replace(".", "")
    return float(plain)
