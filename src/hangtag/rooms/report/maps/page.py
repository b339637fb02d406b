"""Maps in, the page of these maps out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hangtag.records import Projection
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.maps.block import block, captioned, measure, sampled
from hangtag.rooms.report.maps.mapped import Mapped, title_of
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render
from hangtag.rooms.report.words import decimal, number, percent, plural

_BEST = ("trustworthiness", "class_agreement")
"""Measures of which more is better, and which mean the same on every map."""


def page(mapped: Mapped, reproduce: Mapping[str, Any]) -> str:
    """The page's HTML.

    Raises:
        UsageError: Maps, images and clusters do not fit together.
    """
    mapped.check()
    several = len(mapped.maps) > 1
    words = f"{len(mapped.maps)} maps" if several else "The map"
    blocks = (
        captioned(
            block(mapped, anchor="maps", title="Maps" if several else "Map"),
            f"{words} of {mapped.images.name}, a point for each image",
        ),
        _measures(mapped),
        Block("data", "Data", render("sections/data.html", data=set_facts(mapped.images))),
        _made(mapped, reproduce),
        Block("reading", "How to read this", render("maps/reading.html", methods=_methods(mapped))),
    )
    titles = ", ".join(title_of(one) for one in mapped.maps)
    heading = Heading(
        title=f"{titles} of {mapped.images.name}",
        verdict=verdict(mapped),
        kind="map",
        figures=_figures(mapped),
    )
    return assemble(heading, blocks)


def verdict(mapped: Mapped) -> str:
    """The one sentence a reader should take away."""
    name = mapped.images.name
    if len(mapped.maps) == 1:
        (one,) = mapped.maps
        return f"This {title_of(one)} map of {_images(mapped, one)} of {name}{_single(one)}."
    begin = f"Of {len(mapped.maps)} maps of {name}, "
    said = _champions(mapped)
    return f"{begin}{said}{_unequal(mapped)}." if said else f"{len(mapped.maps)} maps of {name}."


def _images(mapped: Mapped, one: Projection) -> str:
    if len(one) == len(mapped.images):
        return f"all {plural(len(one), 'image')}"
    return f"{number(len(one))} of the {plural(len(mapped.images), 'image')}"


def _single(one: Projection) -> str:
    said = []
    if "trustworthiness" in one.quality:
        value = decimal(one.quality["trustworthiness"])
        said.append(f"has a trustworthiness of {value}")
    if "class_agreement" in one.quality:
        proportion = percent(one.quality["class_agreement"])
        said.append(f"{proportion} of the neighbours on it are of one class")
    return f" {', and '.join(said)}" if said else " has not been measured"


def _champions(mapped: Mapped) -> str:
    """Which map is best by each measure."""
    neighbours = _best(mapped, "trustworthiness")
    classes = _best(mapped, "class_agreement")
    if neighbours is None:
        return ""
    trust = f"trustworthiness {decimal(neighbours.quality['trustworthiness'])}"
    if classes is None:
        return f"{title_of(neighbours)} keeps neighbours together best ({trust})"
    proportion = f"{percent(classes.quality['class_agreement'])} of neighbours are of one class"
    if neighbours is classes:
        both = f"both neighbours ({trust}) and classes ({proportion})"
        return f"{title_of(classes)} keeps {both} together best"
    return (
        f"{title_of(neighbours)} keeps neighbours together best ({trust}), "
        f"{title_of(classes)} classes ({proportion})"
    )


def _best(mapped: Mapped, key: str) -> Projection | None:
    known = [one for one in mapped.maps if key in one.quality]
    return max(known, key=lambda one: one.quality[key], default=None)


def _unequal(mapped: Mapped) -> str:
    if len({len(one) for one in mapped.maps}) == 1:
        return ""
    return "; they do not all show the same images"


def _figures(mapped: Mapped) -> tuple[Figure, ...]:
    best = max(
        mapped.maps, key=lambda one: one.quality.get("trustworthiness", 0.0)
    )  # the first of equals
    figures = [Figure("Images", number(len(mapped.indices)), f"of {number(len(mapped.images))}")]
    several = title_of(best) if len(mapped.maps) > 1 else ""
    if "trustworthiness" in best.quality:
        value = decimal(best.quality["trustworthiness"])
        figures.append(Figure("Trustworthiness", value, several))
    if "class_agreement" in best.quality:
        value = percent(best.quality["class_agreement"])
        figures.append(Figure("Neighbours of one class", value, several))
    return tuple(figures)


def _measures(mapped: Mapped) -> Block:
    names = list(dict.fromkeys(key for one in mapped.maps for key in one.quality))
    comparable = len({tuple(one.indices.tolist()) for one in mapped.maps}) == 1
    best = {
        key: max(one.quality[key] for one in mapped.maps if key in one.quality)
        for key in names
        if key in _BEST and comparable and len(mapped.maps) > 1
    }
    rows = [
        {
            "title": title_of(one),
            "sample": sampled(one, len(mapped.images)),
            "values": [
                (one.quality.get(key), key in best and one.quality.get(key) == best[key])
                for key in names
            ],
        }
        for one in mapped.maps
    ]
    html = render(
        "maps/measures.html",
        rows=rows,
        names=[measure(key) for key in names],
        comparable=comparable,
    )
    return Block("measures", "How far they can be trusted", html)


def _made(mapped: Mapped, reproduce: Mapping[str, Any]) -> Block:
    html = render(
        "maps/made.html",
        command=reproduce.get("command", ""),
        facts={key: value for key, value in reproduce.items() if key != "command"},
        maps=[(title_of(one), dict(one.options)) for one in mapped.maps],
    )
    return Block("made", "How they were made", html)


def _methods(mapped: Mapped) -> list[str]:
    return list(dict.fromkeys(one.method for one in mapped.maps))
