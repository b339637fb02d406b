"""What was measured of photographs in; how it is spread, drawn, and which to look at first out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from hangtag.records import ImageSet, Photos
from hangtag.rooms.report.figures.drawn import FIRST, Drawn, canvas, finish, inline
from hangtag.rooms.report.images import small_uri
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.words import number, percent, plural

_SIDE, _SHOWN, _SHEET = 84, 10, 40
_BINS = 30


def block(images: ImageSet, found: Photos) -> Block:
    """The section: four distributions, the images at their ends, and a contact sheet."""
    figures = [inline(one) for one in drawn(found)]
    strips = [
        (title, [_card(images, found, at, said) for at in order[:_SHOWN].tolist()])
        for title, order, said in _ends(found)
    ]
    spread = np.unique(np.linspace(0, len(found.indices) - 1, _SHEET).astype(int))
    sheet = [_card(images, found, at, _size) for at in spread.tolist()]
    html = render(
        "look/photos.html", words=words(found), figures=figures, strips=strips, sheet=sheet
    )
    styles = ("verb_pages/verb_pages.css",)
    return Block("photos", "Sizes, brightness and sharpness", html, styles=styles)


def words(found: Photos) -> str:
    """What the distributions come to."""
    known = found.sizes[found.sizes[:, 0] > 0]
    if not len(known):
        return f"{plural(len(found.indices), 'image')} were measured."
    heights, widths = known.T
    wide, high = float((widths > heights).mean()), float((widths < heights).mean())
    least, most = known[known.prod(axis=1).argmin()], known[known.prod(axis=1).argmax()]
    several = len(np.unique(known, axis=0))
    sizes = (
        f"of one size, {least[0]} × {least[1]} pixels"
        if several == 1
        else f"of {number(several)} sizes, from {least[0]} × {least[1]} to {most[0]} × {most[1]}"
    )
    return (
        f"{plural(len(found.indices), 'image')} were measured: their files are {sizes}; "
        f"{percent(wide, 0)} are wider than high and {percent(high, 0)} higher than wide."
    )


def drawn(found: Photos) -> Iterator[Drawn]:
    """A histogram of each thing that was measured, of sizes and shapes where they are known."""
    known = found.sizes[found.sizes[:, 0] > 0].astype(float)
    if len(known):
        sides = known.max(axis=1)
        yield _histogram(sides, "sizes", "Longer side of the files", "pixels")
        shapes = known[:, 1] / known[:, 0]
        yield _histogram(shapes, "shapes", "Width by height", "above 1: wider than high")
    yield _histogram(found.brightness, "brightness", "Brightness", "mean gray level of 255")
    yield _histogram(
        np.log10(found.sharpness + 1), "sharpness", "Sharpness", "logarithm of the edges' variance"
    )


def _histogram(values: NDArray[np.float64], name: str, title: str, label: str) -> Drawn:
    with canvas(2.5, width=3.9) as (figure, axes):
        low, high = float(values.min()), float(values.max())
        spread = (low, high) if high > low else (low - 0.5, high + 0.5)
        axes.hist(values, bins=min(_BINS, 2 + len(values)), range=spread, color=FIRST)
        axes.set_xlabel(label)
        axes.set_ylabel("images")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.grid(visible=False, axis="x")
        middle = float(np.median(values))
        said = f"{title} of {len(values):,} images: from {low:.3g} to {high:.3g}, half of them "
        return finish(figure, f"photos-{name}", title, f"{said}below {middle:.3g}")


_Said = Callable[[Photos, int], str]


def _ends(found: Photos) -> Iterator[tuple[str, NDArray[np.int64], _Said]]:
    order = np.argsort(found.brightness, kind="stable")
    yield "The darkest", order, _brightness
    yield "The brightest", order[::-1], _brightness
    yield "The least sharp", np.argsort(found.sharpness, kind="stable"), _sharpness


def _brightness(found: Photos, at: int) -> str:
    return f"{found.brightness[at]:.0f}"


def _sharpness(found: Photos, at: int) -> str:
    return f"{found.sharpness[at]:.3g}"


def _size(found: Photos, at: int) -> str:
    height, width = found.sizes[at]
    return f"{height} × {width}" if height else ""


def _card(images: ImageSet, found: Photos, at: int, said: _Said) -> dict[str, Any]:
    index = int(found.indices[at])
    return {
        "uri": small_uri(images.images[index], _SIDE),
        "id": images.id_of(index),
        "said": said(found, at),
    }
