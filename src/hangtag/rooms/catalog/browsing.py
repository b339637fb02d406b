"""Walking through a catalogue: a page of items at a time, and what to narrow it down by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, column, func, select, text

from hangtag.records import UNKNOWN
from hangtag.rooms.catalog import held
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.reading import matching
from hangtag.rooms.catalog.words import matching as worded

MOST_WORDS = 10_000
"""Items that words may find on their own."""

MOST_VALUES = 40
"""Values of a facet that are counted; a title has as many as there are items."""

DECIDED, WAITING = "decided", "waiting"


@dataclass(frozen=True)
class Facet:
    """What items can be narrowed down by.

    Attributes:
        key: The attribute, such as ``category``; what a condition calls it.
        values: Each value and how many of the items have it, the most first.
    """

    key: str
    values: tuple[tuple[str, int], ...]


def chosen(
    catalog: Catalog, where: str | None, words: str | None, state: str | None = None
) -> list[int]:
    """Numbers of the items that fit a condition and words, those that words fit best first.

    Args:
        catalog: The catalogue.
        where: A condition, see :func:`hangtag.rooms.catalog.reading.matching`.
        words: As a customer types them.
        state: ``decided`` for those that people decided on, ``waiting`` for the others.

    Raises:
        OptionError: The condition cannot be read.
    """
    fits = None if not where else matching(catalog, where)
    if words:
        # Words say how well an item fits, so their order is kept and the rest only leaves out.
        order = worded(catalog, words, MOST_WORDS)
    else:
        with catalog.reading() as connection:
            order = [int(one) for one in connection.execute(text(_LIVE)).scalars()]
    if state is not None:
        decided = held.decided(catalog)
        order = [one for one in order if (one in decided) == (state == DECIDED)]
    return order if fits is None else [one for one in order if one in fits]


def facets(catalog: Catalog, among: Collection[int]) -> list[Facet]:
    """What these items have, counted: every attribute of tags, and what feeds say of few kinds."""
    wanted, keys = set(among), held.keys(catalog)
    with catalog.reading() as connection:
        # Most look at all items, and counting these where they lie moves no row for each of them.
        whole = len(wanted) == connection.execute(text(_MANY)).scalar_one()
        among_them = None if whole else wanted
        tags = _tally(connection, _TAGS, among_them)
        said = _tally(connection, _SAID, among_them)
    # Attributes nobody has tagged yet are all unknown, which is worth seeing.
    counts: dict[str, dict[str, int]] = {key: {} for key in keys}
    for (key, label), n in tags.items():
        counts[key][label] = n
    for of in counts.values():
        # Unknown is what has no tag, so it is counted by what is missing.
        if missing := len(wanted) - sum(of.values()):
            of[UNKNOWN] = missing
    fed: dict[str, dict[str, int]] = {}
    for (key, label), n in said.items():
        if key not in counts:
            fed.setdefault(key, {})[label] = n
    # A title or a number has as many values as there are items, and narrows nothing down.
    few = {key: of for key, of in fed.items() if len(of) <= MOST_VALUES}
    return [
        Facet(key, tuple(sorted(of.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]))
        for key, of in {**counts, **few}.items()
    ]


def _tally(
    connection: Connection, of: str, wanted: Collection[int] | None
) -> dict[tuple[str, str], int]:
    """How many of the items have each value; of all of them where none are named."""
    if wanted is None:
        every = text(of).columns(column("item"), column("key"), column("label")).subquery()
        grouped = select(every.c.key, every.c.label, func.count())
        rows = connection.execute(grouped.group_by(every.c.key, every.c.label))
        return {(str(key), str(label)): n for key, label, n in rows}
    rows = connection.execute(text(of))
    return Counter((str(key), str(label)) for item, key, label in rows if item in wanted)


def progress(catalog: Catalog) -> tuple[int, int]:
    """How many suggestions in use people have decided on, and how many wait for them."""
    with catalog.reading() as connection:
        done, waiting = connection.execute(text(_PROGRESS)).one()
    return int(done or 0), int(waiting or 0)


def feed_names(catalog: Catalog) -> list[str]:
    """The names of the feeds that were imported, in their order."""
    with catalog.reading() as connection:
        return [str(one) for one in connection.execute(text(_FEEDS)).scalars()]


_FEEDS = "SELECT name FROM feed ORDER BY id"
_LIVE = "SELECT id FROM item WHERE deleted_at IS NULL ORDER BY id"
_MANY = "SELECT COUNT(*) FROM item WHERE deleted_at IS NULL"
_TAGS = """
    SELECT item.id AS item, a.key AS key, v.label AS label FROM tag AS t
    JOIN item ON item.id = t.item AND item.deleted_at IS NULL
    JOIN attribute AS a ON a.id = t.attribute JOIN value AS v ON v.id = t.value
"""
_SAID = """
    SELECT item.id AS item, said.key AS key, said.value AS label
    FROM item, json_each(item.attributes) AS said
    WHERE item.deleted_at IS NULL AND said.type = 'text'
"""
_PROGRESS = """
    SELECT SUM(decided), SUM(1 - decided) FROM (
        SELECT EXISTS (SELECT 1 FROM standing AS s
                       WHERE s.item = g.item AND s.attribute = r.attribute) AS decided
        FROM suggestion AS g JOIN tagging AS r ON r.id = g.tagging AND r.in_use
        JOIN item ON item.id = g.item AND item.deleted_at IS NULL
        WHERE g.value IS NOT NULL)
"""
