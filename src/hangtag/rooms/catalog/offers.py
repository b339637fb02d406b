"""Images of a set, or a photo that a feed names, go in; what a catalogue is offered comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import SourceError
from hangtag.records import ImageSet
from hangtag.rooms.catalog import fetched
from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.items import Offer, OfferedPhoto, remembered_root


def offers_of(catalog: Catalog, images: ImageSet) -> Iterator[Offer]:
    """Each image of a set as an item, its class as what the source says."""
    for row in range(len(images)):
        label = images.class_of(row)
        name = images.id_of(row)
        yield Offer(
            name,
            (_offered(catalog, images, row, name),),
            title=Path(name).stem.replace("_", " ").replace("-", " "),
            attributes={"class": label} if label else {},
        )
    for bad in images.unreadable:
        yield Offer(bad.where, (OfferedPhoto(bad.where, "", reason=bad.reason),))


def _offered(catalog: Catalog, images: ImageSet, row: int, name: str) -> OfferedPhoto:
    openers = getattr(images.originals, "openers", None)
    if openers is not None:
        found = openers[row]()
        try:
            content = found if isinstance(found, bytes) else Path(found).read_bytes()
        except OSError:
            raise SourceError(f"{found} was there a moment ago", "import again") from None
        digest = hashlib.sha256(content).hexdigest()
        # What was unpacked from an archive is gone tomorrow, as what lies in a table has no path.
        if isinstance(found, bytes) or getattr(images.originals, "folder", None) is not None:
            return OfferedPhoto(name, digest, content)
        return OfferedPhoto(remembered_root(catalog.root, Path(found)), digest)
    content = _png(images.images[row])
    return OfferedPhoto(name, hashlib.sha256(images.images[row].tobytes()).hexdigest(), content)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(
        file, "PNG", compress_level=1
    )
    return file.getvalue()


def look(catalog: Catalog, root: Path, why_not: Mapping[str, str], said: str) -> OfferedPhoto:
    """A photo that a feed names, by its path or by an address that it was fetched from.

    Args:
        catalog: The catalogue.
        root: The folder that paths are below.
        why_not: Address to why its photo could not be fetched.
        said: What the feed names.
    """
    if fetched.is_address(said):
        place = fetched.place_of(catalog, said)
        if not place.is_file():
            return OfferedPhoto(said, "", reason=why_not.get(said, fetched.WHY_NOT))
    else:
        place = (root / said).resolve()
        if "://" in said:
            return OfferedPhoto(said, "", reason="is an address, and not of http or https")
        if not place.is_relative_to(root.resolve()):
            return OfferedPhoto(said, "", reason=f"lies outside of {root}")
    try:
        digest = hashlib.sha256(place.read_bytes()).hexdigest()
    except OSError as error:
        why = "is not there" if isinstance(error, FileNotFoundError) else str(error.strerror)
        return OfferedPhoto(remembered_root(catalog.root, place), "", reason=why)
    return OfferedPhoto(remembered_root(catalog.root, place), digest)
