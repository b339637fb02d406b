"""Requests of a shop: what goes into a catalogue, how it is tagged, what is searched in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from hangtag.requests.base import Option, Request

FEED_KINDS = ("shopify", "woocommerce", "merchant", "csv", "jsonl")


@dataclass(frozen=True, kw_only=True)
class ImportRequest(Request):
    """Put items into a catalogue."""

    feed: Annotated[
        str | None,
        Option("What kind of feed a table is (default: told by its columns).", choices=FEED_KINDS),
    ] = None
    root: Annotated[
        Path | None,
        Option("Folder that paths of photos in a feed are below (default: the feed's own)."),
    ] = None
    keep: Annotated[
        bool, Option("Items that the source does not have stay; else they are marked as gone.")
    ] = False
    taxonomy: Annotated[
        str | None,
        Option("Release of the product taxonomy that a feed's categories are of, as 2025-06."),
    ] = None
    fetch: Annotated[
        bool, Option("Fetch photos that a feed names by http(s) addresses, from public servers.")
    ] = False
    fetch_pictures: Annotated[int, Option("Photos that are fetched at a time.", low=1)] = 100_000
    fetch_gigabytes: Annotated[float, Option("Gigabytes that are fetched at a time.", low=0)] = 20


@dataclass(frozen=True, kw_only=True)
class TagCatalogRequest(Request):
    """Let a model suggest a value of an attribute for every item."""

    attribute: Annotated[
        str | None,
        Option("What the model's classes say of an item (default: category; of a head its own)."),
    ] = None
    threshold: Annotated[
        float | None,
        Option("Confidence below which the tag is 'unknown' (default: the model's own).",
               low=0, high=1),
    ] = None  # fmt: skip
    colors: Annotated[
        bool,
        Option(
            "Name the color of each item, too, where photos have any.",
            flags="--colors/--no-colors",
        ),
    ] = True
    use: Annotated[
        bool, Option("Take its suggestions at once; else what would change is shown first.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class LearnRequest(Request):
    """Learn a head for an attribute from what people decided and what the feed says."""

    attribute: Annotated[str, Option("What it shall say of items, such as pattern.")]
    known: Annotated[
        str | None, Option("What the feed calls it (default: as the attribute is called).")
    ] = None
    precision: Annotated[
        float,
        Option("Proportion of its answers that must be right; else 'unknown'.", low=0, high=1),
    ] = 0.95


@dataclass(frozen=True, kw_only=True)
class SearchRequest(Request):
    """Find items."""

    k: Annotated[int, Option("Items at most.", low=1, high=1000, flags="-k")] = 12
    where: Annotated[
        str | None, Option("Only items that fit, such as 'category=dress and price<50'.")
    ] = None
    text: Annotated[
        str | None,
        Option("Words in titles and tags; of images, too, where the encoder reads words."),
    ] = None
    everything: Annotated[
        bool, Option("Also what is not close; else it is held back, and how much is said.")
    ] = False
