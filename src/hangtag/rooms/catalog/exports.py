"""Tags on their way out: into the feed that came in, byte for byte the same outside of them.

Where no feed came in (a folder of photos), a table of the items is made.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from sqlalchemy import delete, select

from hangtag.errors import OptionError, nearest
from hangtag.records import UNKNOWN
from hangtag.rooms.catalog import feeds, reading, taxonomy
from hangtag.rooms.catalog.file import Catalog, now
from hangtag.rooms.catalog.schema import exported, feed
from hangtag.rooms.catalog.schema import taxonomy as taxonomies
from hangtag.sheets import as_csv

PLAIN_COLUMNS = ("id", "title", "price", "picture")


@dataclass(frozen=True)
class KeptFeed:
    """A feed that was imported.

    Attributes:
        id: Its number.
        name: Of its file.
        kind: Such as ``shopify``.
        data: The file as it came.
    """

    id: int
    name: str
    kind: str
    data: bytes


def keep_feed(
    catalog: Catalog, name: str, kind: str, data: bytes, release: str | None = None
) -> None:
    """Keep a feed's file, in the place of an earlier one of its name.

    Args:
        catalog: The catalogue.
        name: Of the file.
        kind: Of the feed.
        data: The file.
        release: Of the taxonomy that its categories are of; None leaves what was said before.
    """
    digest = hashlib.sha256(data).hexdigest()
    row = {"kind": kind, "sha256": digest, "content": zlib.compress(data, 6), "at": now()}
    with catalog.writing() as connection:
        old = connection.execute(select(feed).where(feed.c.name == name)).first()
        if old is None:
            connection.execute(feed.insert().values(name=name, **row))
        elif old.sha256 != digest:
            connection.execute(feed.update().where(feed.c.id == old.id).values(**row))
        if release is not None:
            of = connection.execute(select(feed.c.id).where(feed.c.name == name)).scalar_one()
            connection.execute(delete(taxonomies).where(taxonomies.c.feed == of))
            said = {"name": feeds.named(kind).taxonomy, "release": release}
            connection.execute(taxonomies.insert().values(feed=of, **said))


def kept_feed(catalog: Catalog, name: str | None) -> KeptFeed | None:
    """The feed of that name; None for the only one, or if there is none.

    Raises:
        OptionError: There is no such feed, or there are several and none was named.
    """
    with catalog.reading() as connection:
        rows = connection.execute(select(feed).order_by(feed.c.id)).all()
    known = {row.name: row for row in rows}
    if name is None and len(rows) > 1:
        raise OptionError(
            f"{catalog.path} has {len(rows)} feeds", f"name one: --feed {' or '.join(known)}"
        )
    if name is not None and name not in known:
        raise OptionError(f"{catalog.path} has no feed '{name}'", nearest(name, known))
    if not rows:
        return None
    row = rows[0] if name is None else known[name]
    return KeptFeed(row.id, row.name, row.kind, zlib.decompress(row.content))


def export(catalog: Catalog, name: str | None = None, since: int | None = None) -> bytes:
    """A feed with the tags that hold, or a table of items where none came in.

    Args:
        catalog: The catalogue.
        name: Which feed.
        since: Only what changed after this change; rows of a feed that did not, stay as they are.
    """
    of = kept_feed(catalog, name)
    found = reading.items(catalog, reading.numbers(catalog, since=since))
    tags = {
        one.external_id: {key: label for key, (label, _, _) in sorted(one.tags.items())}
        for one in found.values()
    }
    if of is None:
        return _table(list(found.values())).encode()
    cells = feeds.parse(of.name, of.data)
    kind = feeds.named(of.kind)
    before = _exported(catalog, of.id)
    if since is not None:
        before = {item: then for item, then in before.items() if item in tags}
    tags = kind.sorted_in(cells, tags)
    kind.columns(cells, sorted({key for each in tags.values() for key in each}))
    wrote = kind.write(cells, tags, before)
    # Each category that was filled in says of which release it is, beside it.
    filled = [item for item, each in wrote.items() if taxonomy.PATH in each]
    if filled:
        said = {taxonomy.RELEASE: taxonomy.release_of(catalog, of.name, kind.taxonomy)}
        kind.columns(cells, list(said))
        for item, each in kind.write(cells, dict.fromkeys(filled, said), {}).items():
            wrote[item] |= each
    _note(catalog, of.id, wrote)
    return cells.text.encode()


def _table(found: list[reading.Item]) -> str:
    keys = sorted({key for one in found for key in one.tags})
    rows: list[list[object]] = [
        [
            *PLAIN_COLUMNS,
            *(name for key in keys for name in (key, f"{key}_probability", f"{key}_by")),
        ]
    ]
    for one in found:
        row: list[object] = [
            one.external_id,
            one.title,
            "" if one.price is None else one.price,
            one.photos[0] if one.photos else "",
        ]
        for key in keys:
            label, probability, source = one.tags.get(key, (UNKNOWN, None, ""))
            row += [label, "" if probability is None else f"{probability:.4f}", source]
        rows.append(row)
    return as_csv(rows)


def _exported(catalog: Catalog, of: int) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    with catalog.reading() as connection:
        for row in connection.execute(select(exported).where(exported.c.feed == of)):
            found.setdefault(row.item, {})[row.attribute] = row.label
    return found


def _note(catalog: Catalog, of: int, tags: dict[str, dict[str, str]]) -> None:
    rows = [
        {"feed": of, "item": item, "attribute": key, "label": label}
        for item, each in tags.items()
        for key, label in each.items()
    ]
    with catalog.writing() as connection:
        for start in range(0, len(tags), 1000):
            some = list(tags)[start : start + 1000]
            connection.execute(
                delete(exported).where(exported.c.feed == of, exported.c.item.in_(some))
            )
        if rows:
            connection.execute(exported.insert(), rows)
