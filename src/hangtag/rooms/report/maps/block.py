"""Maps in, a section in which one can walk through them out: it can stand on any page.

Its thumbnails take whatever room is left below the limit, and the section says how good they are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from hangtag.records import Projection
from hangtag.rooms.report.maps import figure
from hangtag.rooms.report.maps.island import island, names_fit, with_sheets
from hangtag.rooms.report.maps.mapped import NONE, Grouping, Mapped, title_of
from hangtag.rooms.report.maps.palette import OUTLINES, colour, shape, variables
from hangtag.rooms.report.maps.sheets import Sheets, sheets
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.words import decimal, number, plural, sentence

BUDGET = 9_600_000  # characters of the 10 MB a page may have; headings and style take the rest
_DPI = 100
_CONTROLS = 40_000  # characters of headings and legends; more only with hundreds of classes


@dataclass(frozen=True, eq=False)
class Prepared:
    """A section but for its thumbnails, which take what room is left.

    Attributes:
        mapped: What it shows, checked.
        anchor: Its id on the page; data and controls have ids that begin with it.
        drawn: Each map drawn, as an address.
        values: What its script needs.
    """

    mapped: Mapped
    anchor: str
    drawn: Sequence[str]
    values: Mapping[str, Any]

    @property
    def island(self) -> str:
        """Id of its data on the page."""
        return f"{self.anchor}-data"

    @property
    def taken(self) -> int:
        """Characters it takes."""
        return sum(map(len, self.drawn)) + len(json.dumps(self.values)) + _CONTROLS


def block(mapped: Mapped, *, anchor: str, title: str, budget: int = BUDGET) -> Block:
    """The section.

    Args:
        mapped: What it shows, checked.
        anchor: Its id on the page; data and controls have ids that begin with it.
        title: Its heading.
        budget: Characters it may take.
    """
    made = prepare(mapped, anchor)
    found = sheets(mapped.images.images[mapped.indices], budget - made.taken)
    return finish(made, title, found)


def captioned(made: Block, words: str) -> Block:
    """The section with a numbered caption, for pages that give it no number otherwise."""
    return replace(made, html=render("maps/captioned.html", words=words, inside=made.html))


def prepare(mapped: Mapped, anchor: str) -> Prepared:
    """Everything but the thumbnails; :func:`finish` adds those."""
    drawn = [_address(figure.drawing(mapped, at, dpi=_DPI)) for at in range(len(mapped.maps))]
    return Prepared(mapped, anchor, drawn, island(mapped))


def finish(made: Prepared, title: str, found: Sheets | None, *, held: str = "") -> Block:
    """The section.

    Args:
        made: What it shows.
        title: Its heading.
        found: Thumbnails of its images.
        held: Id of the data on the same page that hold these thumbnails; its own data when empty.
    """
    mapped = made.mapped
    html = render(
        "maps/maps.html",
        anchor=made.anchor,
        maps=[_map(one, made.drawn[at], len(mapped.images)) for at, one in enumerate(mapped.maps)],
        groupings=[_legend(one) for one in mapped.groupings],
        count=len(mapped.indices),
        about=_about(mapped, found),
    )
    values = {**made.values, "sheets": held} if held else with_sheets(dict(made.values), found)
    return Block(
        made.anchor,
        title,
        html,
        styles=("maps/maps.css", variables()),
        scripts=("maps/picked.js", "maps/maps.js"),
        islands={made.island: values},
    )


def _address(data: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(data).decode("ascii")


def _map(one: Projection, drawn: str, images: int) -> dict[str, Any]:
    axes = [*one.axes, "", ""][:2]
    return {
        "title": title_of(one),
        "drawn": drawn,
        "points": len(one),
        "axes": [axis for axis in axes if axis],
        "measures": [said(name, value) for name, value in one.quality.items()],
        "sample": sampled(one, images),
        # That it is a sample stands beside its title already.
        "notes": [sentence(note) for note in one.notes if not note.startswith("a sample of ")],
    }


def sampled(one: Projection, images: int) -> str:
    """How many images a map shows, of how many, and its seed."""
    whole = (
        f"all {number(images)} images"
        if len(one) == images
        else (f"{number(len(one))} of {number(images)} images")
    )
    seed = one.options.get("seed")
    return whole if seed is None else f"{whole}, seed {number(seed)}"


_MEASURES = {
    "trustworthiness": "trustworthiness",
    "class_agreement": "neighbours of one class",
    "stress": "stress",
    "divergence": "divergence",
}


def measure(name: str) -> str:
    """What a measure of quality is called."""
    return _MEASURES.get(name, name.replace("_", " "))


def said(name: str, value: float) -> str:
    """A measure of quality with its value."""
    return f"{measure(name)} {decimal(value) if abs(value) < 100 else number(value)}"


def _legend(one: Grouping) -> dict[str, Any]:
    groups = [
        {
            "number": group,
            "name": name,
            "count": one.counts[group],
            "colour": colour(group),
            "outline": Markup(OUTLINES[shape(group)]),  # noqa: S704 our own drawing
        }
        for group, name in enumerate(one.names)
        if one.counts[group]
    ]
    return {"title": one.title, "groups": groups, "without": one.counts[-1], "none": NONE}


def _about(mapped: Mapped, found: Sheets | None) -> list[str]:
    """What a reader should know of the thumbnails and names."""
    lines = []
    height, width, _ = mapped.images.shape
    images = plural(len(mapped.indices), "image")
    if found is None:
        lines.append(f"This page has no room for thumbnails of {images}.")
    elif found.quality is None and not found.resized:
        lines.append("The thumbnails are the images themselves, to the pixel.")
    elif found.quality is None:
        lines.append(
            f"The thumbnails are {found.width} × {found.height} pixels instead of "
            f"{width} × {height}."
        )
    else:
        size = f"{found.width} × {found.height} pixels"
        instead = f" instead of {width} × {height}" if found.resized else ""
        lines.append(
            f"To keep this page below 10 MB its {images} are shown at {size}{instead}, "
            f"compressed (WebP, quality {found.quality} of 100): fine detail is lost."
        )
    if not names_fit(mapped.images, mapped.indices):
        lines.append("There is no room for the images' names: they are called by their number.")
    return lines
