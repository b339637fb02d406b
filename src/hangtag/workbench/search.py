"""Search in a catalogue: an image, words or both go in, the items nearest to them come out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import HangtagError, OptionError, UsageError
from hangtag.progress import Progress, silent
from hangtag.records import Classifier
from hangtag.requests import SearchRequest, takes
from hangtag.rooms import catalog as room
from hangtag.rooms import load as load_room
from hangtag.rooms.catalog import Embedded
from hangtag.shop import duplicates, searching
from hangtag.workbench.catalog import Shop, open_catalog
from hangtag.workbench.tag import open_bundle


@takes(SearchRequest)
def search(
    shop: Shop,
    asked: SearchRequest,
    *,
    picture: str | Path | NDArray[np.uint8] | None = None,
    model: Classifier | None = None,
    seen: Embedded | searching.Indexed | None = None,
    progress: Progress = silent,
) -> room.Found:
    """Find the items most like an image, or that words say, or both.

    Words are looked for in titles and tags, and among the images, where the encoder reads words.

    Args:
        shop: The catalogue or its file.
        asked: What is asked; its options can be given by keyword.
        picture: A file, or ``(height, width[, channels])`` uint8; None to search by words.
        model: What embeds the image; None opens the model that embedded the catalogue.
        seen: Embeddings that were read already; None reads them.
        progress: Told how far an index is, where a large catalogue has none that fits.

    Raises:
        OptionError: Neither an image nor words were given, or a condition cannot be read.
        UsageError: Nothing was embedded yet, or the model is not where it was.
        FormatError: The image cannot be read.

    Example:
        >>> hangtag.search("shop.db", picture="shirt.jpg", where="price<50").items
    """
    catalog = open_catalog(shop)
    if picture is None and not asked.text:
        raise OptionError("a search needs an image or --text", "give one of them, or both")
    if picture is None and not searching.reads_words(catalog, progress):
        return searching.by_words(catalog, asked)
    seen = seen or searching.opened(catalog, progress)
    searching.say_what_waits(catalog, seen, progress)
    classifier = model or _encoder(seen)
    points = None
    if picture is not None:
        pixels = load_room.one_image(picture, classifier.preprocessing)
        points = classifier.embeddings(pixels[None])
    return searching.answered(catalog, seen, classifier, points, asked)


@takes(SearchRequest)
def similar_items(
    shop: Shop,
    asked: SearchRequest,
    *,
    item: str,
    seen: Embedded | searching.Indexed | None = None,
    progress: Progress = silent,
) -> room.Found:
    """Find the items most like one of the catalogue; its own variants are left out.

    ``relations`` of what is found says which are the same item in another color, or a near copy.

    Args:
        shop: The catalogue or its file.
        asked: What is asked; its options can be given by keyword. Words are not looked at.
        item: What the shop calls the item.
        seen: Embeddings that were read already; None reads them.
        progress: As for :func:`search`.

    Raises:
        OptionError: There is no such item, or a condition cannot be read.
        UsageError: The item was not embedded yet.
    """
    catalog = open_catalog(shop)
    number = room.number_of(catalog, item)
    seen = seen or searching.opened(catalog, progress)
    own = np.flatnonzero(seen.items == number)
    if not len(own):
        raise UsageError(f"'{item}' has no embedding", "hangtag catalog tag, first")
    question, group = seen.direction(int(own[0])), int(seen.groups[own[0]])
    allowed = searching.allowed(catalog, asked)
    found = searching.nearest(catalog, seen, question, asked, allowed, without=group)
    return duplicates.told_apart(catalog, found, number)


def measure_search(shop: Shop, *, attribute: str = "class", k: int = 10) -> searching.Worth:
    """How good the search is: of the k items most like one, how many have its label.

    And how long a question takes, and what proportion of the nearest a large catalogue's index
    finds.

    Args:
        shop: The catalogue or its file.
        attribute: What the feed or source says of items, or an attribute of tags.
        k: How many are looked at.

    Raises:
        OptionError: No item has that attribute.
    """
    return searching.measured(open_catalog(shop), attribute, k)


def _encoder(seen: Embedded | searching.Indexed) -> Classifier:
    """The model that embedded the catalogue; another one's numbers mean something else."""
    try:
        found = open_bundle(seen.place)
    except HangtagError:
        raise UsageError(
            f"the model that embedded the catalog is not at {seen.place} any more",
            "bring it back, or hangtag catalog tag with another",
        ) from None
    if found.model_id != seen.encoder:
        raise UsageError(
            f"the model at {seen.place} is another one than that which embedded the catalog",
            "hangtag catalog tag with it, or bring the other one back",
        )
    return found
