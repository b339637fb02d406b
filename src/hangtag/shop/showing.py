"""A folder of photos becomes a small shop, as the demonstration ends: tagged, and asked once."""

from __future__ import annotations

from pathlib import Path

from hangtag.progress import Progress
from hangtag.records import Classifier, LoadOptions
from hangtag.requests import SearchRequest, TagCatalogRequest
from hangtag.rooms import catalog as room
from hangtag.rooms import load as load_room
from hangtag.rooms.catalog import Catalog, Found
from hangtag.shop import colors, searching, tagging

LOOKED_AT = (32, 32)
"""Size at which the folder is looked through; photos are tagged from their files."""


def small_shop(
    place: Path, folder: Path, model: Classifier, question: Path, progress: Progress
) -> Found:
    """Put a folder of photos into a catalogue, tag it, and look for what is like one of them.

    Done again it goes on with the catalogue that is there, where nothing changes.

    Args:
        place: Of the catalogue.
        folder: The folder.
        model: What tags and embeds.
        question: A photo.
        progress: Told how far it is.

    Raises:
        FormatError: Something else is at `place`.
    """
    catalog = opened_or_made(place)
    images = load_room.load(folder, options=LoadOptions(size=LOOKED_AT), progress=progress)
    room.carry_out(catalog, room.plan(catalog, room.offers_of(catalog, images)))
    asked = TagCatalogRequest(use=True)
    tagging.by_model(catalog, asked, model, progress)
    colors.beside(catalog, asked, progress)
    seen = searching.opened(catalog)
    pixels = load_room.one_image(question, model.preprocessing)
    points = model.embeddings(pixels[None])
    found = searching.by_points(catalog, seen, points, SearchRequest(k=5, everything=True))
    catalog.close()
    return found


def opened_or_made(place: Path) -> Catalog:
    """The catalogue at `place`, made if there is none."""
    return room.open_catalog(place) if place.exists() else room.create(place)


def in_words(question: Path, found: Found) -> str:
    """What is like a photo, in one line."""
    others = [
        f"{one.external_id} ({cosine:.2f})"
        for one, cosine in zip(found.items, found.cosines, strict=True)
        if cosine is not None and one.external_id != question.name
    ]
    return f"most like {question.name}: {', '.join(others[:4])}"
