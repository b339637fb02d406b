"""A shop: items go into a catalogue, a model tags them, people decide, tags go out again."""

from __future__ import annotations

from pathlib import Path

from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, LoadOptions, Source
from hangtag.requests import ImportRequest, TagCatalogRequest, takes
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Plan
from hangtag.runs import Run
from hangtag.shop import colors, importing, tagging
from hangtag.shop.deciding import decide as decide
from hangtag.shop.deciding import use_tagging as use_tagging
from hangtag.shop.opening import Shop as Shop
from hangtag.shop.opening import create_catalog as create_catalog
from hangtag.shop.opening import open_catalog as open_catalog
from hangtag.shop.showing import LOOKED_AT
from hangtag.workbench.data import Data, as_images
from hangtag.workbench.tag import Model, open_bundle


@takes(ImportRequest)
def import_items(
    shop: Shop,
    asked: ImportRequest,
    *,
    source: Data,
    write: bool = True,
    progress: Progress = silent,
) -> Plan:
    """Put the items of a source into a catalogue; the same source twice changes nothing.

    Args:
        shop: The catalogue or its file.
        asked: What is asked; its options can be given by keyword.
        source: A feed (CSV of Shopify, WooCommerce, Google Merchant, or with an id and an image
            a row), or anything that can be loaded: a folder of images, a known set, an ImageSet.
        write: Whether to carry it out; if not, only what would change is found out.
        progress: Told how many items are done.

    Returns:
        What changed, or would.

    Raises:
        FormatError: The feed cannot be read.
        SourceError: There is no such source.
        OptionError: Images shall be fetched, and the source is no feed.
    """
    catalog = open_catalog(shop)
    # The source may be the folder that the catalogue lies in. Whoever looks through it opens and
    # closes its file, too, which lets go of all locks that this process has there: so it has none.
    catalog.close()
    given = Source.of(source) if isinstance(source, str | Path | Source) else None
    table = Path() if given is None else Path(given.place)
    planned = importing.from_feed(catalog, asked, table, write, progress)
    if planned is None:
        images = _looked_at(source, given, progress)
        planned = room.plan(catalog, room.offers_of(catalog, images), keep=asked.keep)
    if write:
        room.carry_out(catalog, planned, progress=progress)
    return planned


@takes(TagCatalogRequest)
def tag_catalog(
    shop: Shop, asked: TagCatalogRequest, *, model: Model, progress: Progress = silent
) -> room.Tagging:
    """Let a model answer for every item that it has not answered for yet.

    Several images of an item give one answer: their probabilities are averaged. Ended at any
    moment, the same call goes on. The suggestions come into use if nothing is in use for the
    attribute yet or `use` asks for it; see :func:`use_tagging`.

    Args:
        shop: The catalogue or its file.
        asked: What is asked; its options can be given by keyword.
        model: A run, its folder, name or ``latest``, a bundle, any classifier, a head that was
            learned, such as ``head:pattern``, or ``colors`` to name those alone.
        progress: Told how many items are done.
    """
    catalog = open_catalog(shop)
    if isinstance(model, str) and model.startswith(room.HEAD):
        return tagging.by_head(catalog, asked, model.removeprefix(room.HEAD), progress)
    if model == room.swatches.WORD:
        return colors.alone(catalog, asked, progress)
    classifier = open_bundle(model) if isinstance(model, str | Path | Run) else model
    found = tagging.by_model(catalog, asked, classifier, progress)
    colors.beside(catalog, asked, progress)
    return found


def export_catalog(shop: Shop, *, feed: str | None = None, since: int | None = None) -> bytes:
    """A feed as it came, with the tags that hold; a table of all items where none came.

    Args:
        shop: The catalogue or its file.
        feed: Which; None for the only one.
        since: Only what changed after this change.

    Raises:
        OptionError: There is no such feed, or there are several.
    """
    return room.export(open_catalog(shop), feed, since)


def _looked_at(source: Data, given: Source | None, progress: Progress) -> ImageSet:
    """The images of a source; a folder's in small where they are tagged from their files."""
    if given is not None and Path(given.place).expanduser().is_dir() and not given.options.size:
        small = given.options.overridden(LoadOptions(size=LOOKED_AT))
        images = as_images(Source(given.place, small), progress=progress)
        if images.originals is not None:
            return images
    return as_images(source, progress=progress)
