"""A feed's file goes in; its items are compared with the catalogue, their photos fetched before.

Nothing is fetched unless that is asked for; what was fetched once is used from then on.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from hangtag.errors import OptionError
from hangtag.progress import Progress
from hangtag.requests import ImportRequest
from hangtag.rooms import catalog as room
from hangtag.rooms import fetch as fetch_room
from hangtag.rooms.catalog import Catalog, Plan, feeds, fetched

NETWORK: fetch_room.Network | None = None
"""What may be asked for photos: None for public servers alone; set by tests, which have none."""


def from_feed(
    catalog: Catalog, asked: ImportRequest, table: Path, write: bool, progress: Progress
) -> Plan | None:
    """What an import of a feed would change; None if the file is no feed.

    Args:
        catalog: The catalogue.
        asked: What is asked.
        table: The file.
        write: Whether photos are fetched and the feed is kept, or nothing is written at all.
        progress: Told how many photos were fetched.

    Raises:
        OptionError: Photos shall be fetched, and it is no feed; or it has no taxonomy.
    """
    kept = feeds.read(table, asked.feed)
    if kept is None:
        if asked.fetch:
            raise OptionError("a source that is no feed names no addresses", "leave --fetch out")
        return None
    kind, cells, data = kept
    if asked.taxonomy is not None:
        room.taxonomy.check(asked.taxonomy, kind.title, kind.taxonomy)
    root = (asked.root or table.parent).expanduser()
    # What could not be fetched before is so still where nobody tries again.
    why_not: Mapping[str, str] = room.fetched.reasons(catalog)
    if asked.fetch and write:
        said = [one.uri for offer in kind.offers(cells, _named) for one in offer.photos]
        why_not = _fetched(catalog, asked, said, progress)
    offers = kind.offers(cells, partial(room.look, catalog, root, why_not))
    planned = room.plan(catalog, offers, keep=asked.keep)
    if write:
        room.keep_feed(catalog, table.name, kind.name, data, asked.taxonomy)
    return planned


def _named(said: str) -> room.OfferedPhoto:
    return room.OfferedPhoto(said, "")


def _fetched(
    catalog: Catalog, asked: ImportRequest, said: list[str], progress: Progress
) -> dict[str, str]:
    wanted = {one: fetched.place_of(catalog, one) for one in said if fetched.is_address(one)}
    limits = fetch_room.Limits(asked.fetch_pictures, asked.fetch_gigabytes * 1e9)
    from hangtag.rooms.load.decoding import facts  # which brings Pillow, and only fetching needs it

    folder = fetched.folder_of(catalog)
    with warnings.catch_warnings():  # of Pillow, about odd files
        warnings.simplefilter("ignore")
        return fetch_room.fetch(
            wanted, folder, facts, limits=limits, network=NETWORK, progress=progress
        )
