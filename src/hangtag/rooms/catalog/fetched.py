"""Where photos lie that were fetched from addresses: in a folder beside the catalogue's file.

The place follows from the address alone, so that whoever has the address finds the file, and what
is there needs to be fetched no more.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath

from sqlalchemy import select

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import photo

FOLDER = "-pictures"
"""What follows the name of the catalogue's file in the folder's."""

WHY_NOT = "is an address: hangtag catalog import --fetch fetches it"

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
# A name that its address ends with is kept, since people look at such folders, too.
_SUFFIX = re.compile(r"\.(jpe?g|png|webp|gif|tiff?|bmp|avif|jp2|heic|heif)", re.IGNORECASE)


def is_address(said: str) -> bool:
    """Whether a feed names a photo by where it can be fetched."""
    return _ADDRESS.match(said) is not None


def folder_of(catalog: Catalog) -> Path:
    """Where fetched photos of a catalogue lie."""
    return catalog.root / f"{catalog.path.name}{FOLDER}"


def place_of(catalog: Catalog, address: str) -> Path:
    """The file that the photo of an address is, once it was fetched."""
    digest = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:40]
    suffix = PurePosixPath(address.partition("?")[0].partition("#")[0]).suffix
    ending = suffix.lower() if _SUFFIX.fullmatch(suffix) else ""
    return folder_of(catalog) / digest[:2] / f"{digest}{ending}"


def reasons(catalog: Catalog) -> dict[str, str]:
    """Why photos could not be fetched, by their addresses, as the last import found out."""
    asked = select(photo.c.uri, photo.c.reason).where(photo.c.reason != "")
    with catalog.reading() as connection:
        return {uri: why for uri, why in connection.execute(asked) if is_address(uri)}
