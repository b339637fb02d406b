"""A summary and its images in, the page of what is in a set out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.records import ImageSet, ReportFacts, Summary
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.images import data_uri, shrunk
from hangtag.rooms.report.look import photos, variance
from hangtag.rooms.report.sections import classes, samples
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render
from hangtag.rooms.report.words import number, percent, plural, sentence

_SIDE = 64  # of images in grids: 70 of them, of noise in colour, take less than 2 MB


@dataclass(frozen=True, eq=False)
class Looked:
    """A set and what is in it."""

    images: ImageSet
    summary: Summary

    @cached_property
    def facts(self) -> ReportFacts:
        """What the sections that a report has, too, need to know."""
        table = self.summary.classes
        order = np.argsort(table.classes)
        chosen = [row[row >= 0] for row in self.summary.samples]
        return ReportFacts(
            title=self.images.name,
            class_names=self.images.class_names,
            counts={part: counts[order].tolist() for part, counts in table.counts.items()},
            samples=tuple(self.images.images[rows] for rows in chosen),
        )


def page(images: ImageSet, summary: Summary) -> str:
    """The page's HTML.

    Raises:
        UsageError: The summary is of another set.
    """
    if summary.fingerprint != images.fingerprint:
        raise UsageError(
            f"the summary is of set {summary.fingerprint[:12]}; got images of set "
            f"{images.fingerprint[:12]}",
            "give the set that was looked at",
        )
    looked = Looked(images, summary)
    made = (section(looked) for section in SECTIONS)
    heading = Heading(
        title=f"What is in {images.name}",
        verdict=verdict(looked),
        kind="look",
        figures=tuple(_figures(looked)),
    )
    return assemble(heading, [block for block in made if block is not None])


def verdict(looked: Looked) -> str:
    """The one sentence a reader should take away."""
    images, curve = looked.images, looked.summary.variance
    height, width, channels = images.shape
    said = (
        f"{images.name} holds {plural(len(images), 'image')} of {height} × {width} "
        f"{'grey' if channels == 1 else 'colour'} pixels {_in_classes(images)}"
    )
    if curve is None:
        return f"{said}."
    held = percent(float(curve.cumulative[curve.recommended - 1]))
    numbers = number(height * width * channels)
    return (
        f"{said}; {plural(curve.recommended, 'principal component')} hold {held} of the variance "
        f"of its {numbers} numbers an image."
    )


def _in_classes(images: ImageSet) -> str:
    if not images.n_classes:
        return "without classes"
    counts = images.counts()
    each = (
        f"{number(counts.min())} images each"
        if counts.min() == counts.max()
        else f"{number(counts.min())} to {number(counts.max())} images each"
    )
    return f"in {plural(images.n_classes, 'class', 'classes')} of {each}"


def _figures(looked: Looked) -> Iterator[Figure]:
    images, curve = looked.images, looked.summary.variance
    height, width, _ = images.shape
    yield Figure("Images", number(len(images)))
    yield Figure("Classes", number(images.n_classes))
    yield Figure("Pixels", f"{height} × {width}")
    if curve is not None:
        held = percent(float(curve.cumulative[curve.recommended - 1]))
        yield Figure("Components", number(curve.recommended), f"hold {held}")


def _data(looked: Looked) -> Block:
    facts = set_facts(looked.images) | {"seed of the samples": looked.summary.seed}
    if looked.summary.notes:
        facts["notes on this page"] = " ".join(sentence(one) for one in looked.summary.notes)
    return Block("data", "Data", render("sections/data.html", data=facts))


def _classes(looked: Looked) -> Block | None:
    if not looked.images.n_classes:
        return None
    html = render("look/classes.html", **(classes.SECTION.content(looked.facts) or {}))
    return Block("classes", "Classes", html)


def _pixels(looked: Looked) -> Block:
    first = looked.images.images[looked.summary.first]
    html = render(
        "look/pixels.html",
        ranges=looked.summary.ranges,
        uri=_uri(first),
        low=int(first.min()),
        high=int(first.max()),
        id=looked.images.id_of(looked.summary.first),
    )
    return Block("pixels", "Pixels, before and after scaling", html, styles=("look/look.css",))


def _samples(looked: Looked) -> Block | None:
    content = samples.SECTION.content(looked.facts)
    if content is None:
        return None
    return Block("samples", "Samples of each class", render("sections/samples.html", **content))


def _photos(looked: Looked) -> Block | None:
    found = looked.summary.photos
    return None if found is None else photos.block(looked.images, found)


def _variants(looked: Looked) -> Block:
    shown = looked.summary.variants
    variants = [
        {
            "name": name,
            "size": f"{images.shape[1]} × {images.shape[2]}",
            "uris": [_uri(one) for one in images],
        }
        for name, images in shown.pictures.items()
    ]
    html = render("look/variants.html", variants=variants, count=len(shown.indices))
    return Block("variants", "Variants side by side", html, styles=("look/look.css",))


def _variance(looked: Looked) -> Block | None:
    curve = looked.summary.variance
    if curve is None:
        return None
    html = render(
        "look/variance.html",
        figures=[inline(variance.draw(curve))],
        marks=list(curve.marks.items()),
        recommended=curve.recommended,
        held=float(curve.cumulative[curve.recommended - 1]),
        reason=curve.reason,
        images=curve.n_images,
        total=len(curve.cumulative),
    )
    return Block("variance", "How many components?", html)


def _reconstructions(looked: Looked) -> Block | None:
    shown = looked.summary.reconstructions
    if shown is None:
        return None
    rows: list[dict[str, Any]] = [
        {
            "components": shown.components[at],
            "share": float(shown.shares[at]),
            "error": float(shown.errors[at]),
            "uris": [_uri(one) for one in shown.pictures[at]],
        }
        for at in np.argsort(shown.components)[::-1].tolist()
    ]
    originals = [_uri(looked.images.images[index]) for index in shown.indices]
    html = render("look/reconstructions.html", rows=rows, originals=originals)
    return Block(
        "reconstructions", "Rebuilt from fewer components", html, styles=("look/look.css",)
    )


def _uri(image: NDArray[np.uint8]) -> str:
    return data_uri(shrunk(image[None], _SIDE)[0])


SECTIONS = (_data, _classes, _pixels, _samples, _photos, _variants, _variance, _reconstructions)
"""From what is looked at to a block, or None; in the order of the page."""
