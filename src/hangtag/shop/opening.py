"""A catalogue is made or opened, however it is named."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Catalog

Shop: TypeAlias = str | Path | Catalog


def create_catalog(place: str | Path) -> Catalog:
    """Make an empty catalogue.

    Raises:
        UsageError: There is something already.

    Example:
        >>> shop = hangtag.create_catalog("shop.db")
    """
    return room.create(Path(place))


def open_catalog(place: Shop) -> Catalog:
    """Open a catalogue.

    Raises:
        SourceError: There is none.
        FormatError: It is no catalogue, is damaged, or of a newer version.
    """
    return place if isinstance(place, Catalog) else room.open_catalog(Path(place))
