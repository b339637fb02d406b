"""Feeds of shops: a file goes in, items come out; tags go in, the same file with them comes out."""

from __future__ import annotations

from pathlib import Path

from hangtag.errors import FormatError, OptionError, nearest
from hangtag.rooms.catalog.feeds.base import Feed, Look, Tags
from hangtag.rooms.catalog.feeds.cells import Cells
from hangtag.rooms.catalog.feeds.cells import parse as parse_table
from hangtag.rooms.catalog.feeds.lines import SUFFIXES, parse_lines
from hangtag.rooms.catalog.feeds.merchant import MERCHANT
from hangtag.rooms.catalog.feeds.plain import JSONL, PLAIN
from hangtag.rooms.catalog.feeds.shopify import SHOPIFY
from hangtag.rooms.catalog.feeds.woocommerce import WOOCOMMERCE

FEEDS = {one.name: one for one in (SHOPIFY, WOOCOMMERCE, MERCHANT, PLAIN, JSONL)}
"""By name; the first whose columns are there reads a file."""

TABLES = (".csv", ".tsv", ".txt", *SUFFIXES)
"""How names of tables end."""

__all__ = ["FEEDS", "Cells", "Feed", "Look", "Tags", "named", "parse", "read", "told"]


def parse(name: str, data: bytes) -> Cells:
    """Read a table, or JSON lines where the name of the file says so.

    Raises:
        FormatError: It is neither.
    """
    return parse_lines(name, data) if name.lower().endswith(SUFFIXES) else parse_table(name, data)


def told(name: str, cells: Cells) -> Feed:
    """The kind of a feed by its columns.

    Raises:
        FormatError: It is none of them.
    """
    for one in [JSONL] if name.lower().endswith(SUFFIXES) else FEEDS.values():
        if one.fits(cells):
            return one
    columns = ", ".join(list(cells.places)[:8])
    raise FormatError(
        f"{name} has no column for an id and none for a photo; its columns are {columns}",
        "call them id and image",
    )


def named(name: str) -> Feed:
    """The kind that is called so.

    Raises:
        OptionError: There is none.
    """
    if name not in FEEDS:
        raise OptionError(f"there is no kind of feed '{name}'", nearest(name, FEEDS))
    return FEEDS[name]


def read(place: Path, kind: str | None = None) -> tuple[Feed, Cells, bytes] | None:
    """The feed in a file: its kind, its table, and the file as it is.

    Args:
        place: The file.
        kind: What it was said to be; None looks at its columns.

    Returns:
        None if it is no table, or nothing was said and it is one of another kind, such as of
        pixels.

    Raises:
        FormatError: It is no table.
        OptionError: It is not what it was said to be.
    """
    if place.suffix.lower() not in TABLES or not place.is_file():
        return None
    data = place.read_bytes()
    try:
        cells = parse(place.name, data)
        found = named(kind) if kind else told(place.name, cells)
    except FormatError:
        if kind is not None:
            raise
        return None
    if kind is not None and not any(one in cells.places for one in found.id):
        raise OptionError(
            f"{place.name} is no {found.title}: it has no column {' or '.join(found.id[:2])}",
            "leave --feed out, and it is told by its columns",
        )
    return found, cells, data
