"""A search by image told: what is found, what is held back, and what strangers find."""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.records import Outcome
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import percent, plural

FIGURES = {
    "search": (
        "A customer's image and what the shop has like it",
        "Left an image that the shop does not have, right of it the items most like it to the "
        "model; over each its class.",
    )
}


@dataclass(frozen=True)
class Searched:
    """What a search by image came to.

    Attributes:
        asked: Images that were looked for, none of them in the catalogue.
        items: Items they were looked for among.
        k: Items found for each.
        precision: Proportion of the k nearest that are of the image's class, averaged.
        pixels: The same, where raw pixels are compared.
        shown: Proportion of the images for which something is called close.
        precision_shown: As `precision`, of the items that are called close; None if none is.
        strangers: Proportion of the same images inverted for which nothing is called close.
    """

    asked: int
    items: int
    k: int
    precision: float
    pixels: float
    shown: float
    precision_shown: float | None
    strangers: float


def told(found: Searched) -> Outcome:
    """Tell of a search by image."""
    close = "" if found.precision_shown is None else f", {percent(found.precision_shown)} of these"
    words = (
        f"A customer shows an image: {plural(found.asked, 'validation image')}, none of which "
        f"is in the catalogue, were looked for among its {found.items:,} items. Of the {found.k} "
        f"items most like each {percent(found.precision)} are of its class; where raw pixels are "
        f"compared, {percent(found.pixels)}.",
        "What is close enough to be shown the catalogue's own items say, by how far each is from "
        f"its nearest. {percent(found.shown)} of the images find something close{close} of their "
        f"class. Of the same images with black and white exchanged, which show nothing the shop "
        f"has, {percent(found.strangers)} find nothing.",
    )
    rows = [
        {"compared": name, f"of {found.k} found, of the class": proportion}
        for name, proportion in (
            ("the model's embedding", found.precision),
            ("pixels", found.pixels),
        )
    ]
    return Outcome(
        name="",
        verb="search",
        title="Search by image",
        values={
            "asked": found.asked,
            "precision": found.precision,
            "pixels_precision": found.pixels,
            "shown": found.shown,
            "shown_precision": found.precision_shown,
            "strangers_held_back": found.strangers,
        },
        words=words,
        figures=figures(FIGURES, ["search.png"]),
        tables=(table("search", "What is compared", rows),),
    )
