"""What a source offers goes in; what it changes in the catalogue comes out, and is carried out.

An import is planned before it is written: which items are new, changed, as before, gone, and back.
The same source twice changes nothing. What is gone is marked and never removed, since decisions of
people hang on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from hangtag.progress import Progress, silent
from hangtag.rooms.catalog import words
from hangtag.rooms.catalog.file import Catalog, now
from hangtag.rooms.catalog.schema import (
    change,
    embedding,
    item,
    photo,
    suggestion,
)

BATCH = 1000
"""Items that are written at once."""


@dataclass(frozen=True, eq=False)
class OfferedPhoto:
    """A photo of an item, as a source names it.

    Attributes:
        uri: Its path, relative to the catalogue's folder or absolute, or its address.
        sha256: Of its bytes; empty where they could not be read.
        content: The photo itself as PNG, where it has no file.
        reason: Why it cannot be used; empty if it can.
    """

    uri: str
    sha256: str
    content: bytes | None = None
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Offer:
    """An item as a source has it.

    Attributes:
        external_id: What the shop calls it.
        photos: In their order, the first is the main one.
        group_id: What it is a variant of; None if it stands alone.
        title: Words a customer reads.
        price: In the shop's currency.
        in_stock: Whether it can be bought; None if nobody says.
        url: Of its page.
        attributes: Whatever else the source says, such as its category.
    """

    external_id: str
    photos: Sequence[OfferedPhoto] = ()
    group_id: str | None = None
    title: str = ""
    price: float | None = None
    in_stock: bool | None = None
    url: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The columns of its row."""
        return {
            "external_id": self.external_id,
            "group_id": self.group_id,
            "title": self.title,
            "price": self.price,
            "in_stock": self.in_stock,
            "url": self.url,
            "attributes": dict(self.attributes),
        }

    @property
    def hash(self) -> str:
        """Equal only for equal offers, their photos included."""
        seen = [(one.uri, one.sha256, one.reason) for one in self.photos]
        said = json.dumps([self.facts, seen], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Plan:
    """What an import would do.

    Attributes:
        new: Offers that the catalogue does not have.
        changed: Offers that differ from what it has.
        back: Offers of items that were gone, whether they changed or not.
        same: How many are as before.
        gone: External ids of items that the source no longer has.
        twice: External ids that the source has more than once; the first counts.
        unreadable: Item, photo and reason of each photo that cannot be used.
    """

    new: tuple[Offer, ...]
    changed: tuple[Offer, ...]
    back: tuple[Offer, ...]
    same: int
    gone: tuple[str, ...]
    twice: tuple[str, ...]
    unreadable: tuple[tuple[str, str, str], ...]

    @property
    def facts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "back": len(self.back),
            "same": self.same,
            "gone": len(self.gone),
            "twice": len(self.twice),
            "unreadable": len(self.unreadable),
        }

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.new or self.changed or self.back or self.gone)


def plan(catalog: Catalog, offers: Iterable[Offer], *, keep: bool = False) -> Plan:
    """Compare a source with the catalogue; nothing is written.

    Args:
        catalog: The catalogue.
        offers: All that the source has.
        keep: Whether what the source does not have stays: a source of additions.
    """
    with catalog.reading() as connection:
        rows = connection.execute(select(item.c.external_id, item.c.feed_hash, item.c.deleted_at))
        known = {name: (digest, gone) for name, digest, gone in rows}
    new, changed, back, twice, unreadable = [], [], [], [], []
    same, seen = 0, set[str]()
    for one in offers:
        if one.external_id in seen:
            twice.append(one.external_id)
            continue
        seen.add(one.external_id)
        unreadable += [(one.external_id, p.uri, p.reason) for p in one.photos if p.reason]
        if one.external_id not in known:
            new.append(one)
            continue
        digest, gone = known[one.external_id]
        if gone is not None:
            back.append(one)
        elif digest != one.hash:
            changed.append(one)
        else:
            same += 1
    left = () if keep else sorted(k for k, v in known.items() if v[1] is None and k not in seen)
    return Plan(
        tuple(new), tuple(changed), tuple(back), same, tuple(left), tuple(twice), tuple(unreadable)
    )


def carry_out(catalog: Catalog, planned: Plan, *, progress: Progress = silent) -> None:
    """Write what was planned, a batch at a time; each batch is written whole or not at all.

    Killed in between, the same import goes on: what was written is then as before.
    """
    total = sum(len(each) for each in (planned.new, planned.changed, planned.back, planned.gone))
    done = 0
    for batch in _batches(planned.new):
        with catalog.writing() as connection:
            _insert(connection, batch)
        progress("import", done := done + len(batch), total)
    for batch in _batches((*planned.changed, *planned.back)):
        with catalog.writing() as connection:
            _update(connection, batch)
        progress("import", done := done + len(batch), total)
    for names in _batches(planned.gone):
        with catalog.writing() as connection:
            _mark_gone(connection, names)
        progress("import", done := done + len(names), total)


def remembered_root(root: Path, place: Path) -> str:
    """A path as the catalogue keeps it: relative to its own folder where it lies below that."""
    whole = place.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()


def _insert(connection: Connection, offers: Sequence[Offer]) -> None:
    # Another process may have imported them since this was planned.
    there = _ids(connection, [one.external_id for one in offers])
    if there:
        _update(connection, [one for one in offers if one.external_id in there])
        offers = [one for one in offers if one.external_id not in there]
    if not offers:
        return
    rows = [{**one.facts, "feed_hash": one.hash} for one in offers]
    connection.execute(item.insert(), rows)
    ids = _ids(connection, [one.external_id for one in offers])
    _put_photos(connection, offers, ids)
    _changed(connection, ids.values(), "imported")
    words.renew(connection, list(ids.values()))


def _update(connection: Connection, offers: Sequence[Offer]) -> None:
    ids = _ids(connection, [one.external_id for one in offers])
    rows = [
        {**one.facts, "feed_hash": one.hash, "deleted_at": None, "row": ids[one.external_id]}
        for one in offers
    ]
    names = [name for name in rows[0] if name != "row"]
    connection.execute(
        update(item).where(item.c.id == bindparam("row")).values({n: bindparam(n) for n in names}),
        rows,
    )
    had = _hashes(connection, ids.values())
    moved = [one for one in offers if had.get(ids[one.external_id], []) != _offered(one)]
    again = [ids[one.external_id] for one in moved]
    # A model's word on other photos is no word on these.
    mine = select(photo.c.id).where(photo.c.item.in_(again))
    connection.execute(delete(embedding).where(embedding.c.picture.in_(mine)))
    connection.execute(delete(photo).where(photo.c.item.in_(again)))
    connection.execute(delete(suggestion).where(suggestion.c.item.in_(again)))
    _put_photos(connection, moved, ids)
    _renew_reasons(connection, offers, ids)
    _changed(connection, ids.values(), "changed")
    words.renew(connection, list(ids.values()))


def _renew_reasons(connection: Connection, offers: Sequence[Offer], ids: Mapping[str, int]) -> None:
    """Why a photo cannot be used may be another reason now, which changes no tag."""
    rows = [
        {"owner": ids[one.external_id], "place": position, "why": each.reason}
        for one in offers
        for position, each in enumerate(one.photos)
        if each.reason
    ]
    if rows:
        its = (photo.c.item == bindparam("owner"), photo.c.position == bindparam("place"))
        connection.execute(update(photo).where(*its).values(reason=bindparam("why")), rows)


def _mark_gone(connection: Connection, names: Sequence[str]) -> None:
    ids = _ids(connection, names)
    connection.execute(update(item).where(item.c.id.in_(ids.values())).values(deleted_at=now()))
    _changed(connection, ids.values(), "deleted")


def _put_photos(connection: Connection, offers: Sequence[Offer], ids: Mapping[str, int]) -> None:
    rows = [
        {
            "item": ids[one.external_id],
            "position": position,
            "uri": each.uri,
            "sha256": each.sha256,
            "content": each.content,
            "reason": each.reason,
        }
        for one in offers
        for position, each in enumerate(one.photos)
    ]
    if rows:
        connection.execute(photo.insert(), rows)


def _hashes(connection: Connection, numbers: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """Path and digest of each photo of these items, in their order."""
    rows = connection.execute(
        select(photo.c.item, photo.c.uri, photo.c.sha256)
        .where(photo.c.item.in_(numbers))
        .order_by(photo.c.item, photo.c.position)
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for owner, uri, digest in rows:
        found.setdefault(owner, []).append((uri, digest))
    return found


def _offered(one: Offer) -> list[tuple[str, str]]:
    return [(each.uri, each.sha256) for each in one.photos]


def _ids(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        select(item.c.external_id, item.c.id).where(item.c.external_id.in_(names))
    )
    found = {name: int(number) for name, number in rows}
    return {name: found[name] for name in names if name in found}


def _changed(connection: Connection, numbers: Iterable[int], what: str) -> None:
    at = now()
    connection.execute(change.insert(), [{"item": n, "what": what, "at": at} for n in numbers])


def counted(catalog: Catalog) -> dict[str, int]:
    """How many items, photos and changes there are."""
    live = item.c.deleted_at.is_(None)
    usable = photo.join(item).select().where(live, photo.c.reason == "").subquery()
    bad = photo.join(item).select().where(live, photo.c.reason != "").subquery()
    asked = {
        "items": select(func.count()).select_from(item).where(live),
        "deleted": select(func.count()).select_from(item).where(~live),
        "pictures": select(func.count()).select_from(usable),
        "unreadable": select(func.count()).select_from(bad),
        "changes": select(func.coalesce(func.max(change.c.n), 0)),
    }
    with catalog.reading() as connection:
        return {name: int(connection.execute(one).scalar_one()) for name, one in asked.items()}


def _batches(whole: Sequence[Any]) -> Iterator[list[Any]]:
    waiting = iter(whole)
    while batch := list(islice(waiting, BATCH)):
        yield batch
