"""A map in, a drawing of it for paper out: every point, its class in colour, some images on top.

The same drawing stands on a page for readers without scripts. Numbers come in, nothing is computed
here but where the ink goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from hangtag.drawing import written
from hangtag.records import Projection
from hangtag.rooms.report.figures.drawn import GRID, MUTED, canvas, short
from hangtag.rooms.report.maps.mapped import NONE, Grouping, Mapped, title_of
from hangtag.rooms.report.maps.palette import LIGHT, MARKERS, SHAPES, colour, shape

_NAMED = 30  # groups the legend has room for
_PIXELS = 40  # of a thumbnail's side: what it is drawn from
_LARGEST = 0.09  # of the map: a thumbnail where there is room for larger ones


def drawing(mapped: Mapped, number: int, *, with_thumbnails: bool = True, dpi: int = 150) -> bytes:
    """One map as a PNG, or WebP below 120 dots an inch.

    Args:
        mapped: What is shown.
        number: Which of its maps.
        with_thumbnails: Whether thumbnails are drawn, where it has any.
        dpi: Dots an inch; the drawing is 8 inches wide.
    """
    one = mapped.maps[number]
    places = one.points[:, :2].astype(np.float64)
    rows = np.searchsorted(mapped.indices, one.indices)
    grouping = mapped.groupings[0] if mapped.groupings else None
    with canvas(5.6, width=8) as (figure, axes):
        figure.set_facecolor("white")
        groups = np.full(len(rows), NONE, np.uint16) if grouping is None else grouping.groups[rows]
        _points(axes, places, groups)
        shown = mapped.thumbnails.get(number) if with_thumbnails else None
        if shown is not None and len(shown):
            _thumbnails(axes, mapped.images.images[one.indices[shown]], places[shown], places)
        _frame(axes, one, places)
        if grouping is not None:
            _legend(figure, grouping, groups)
        return _saved(figure, dpi)


def _points(axes: Axes, places: NDArray[np.float64], groups: NDArray[np.uint16]) -> None:
    # In a drawn order, so that no group lies on top of all others.
    order = np.random.default_rng(0).permutation(len(places))
    size = float(np.clip(40_000 / len(places), 0.9, 20))
    for marker, chosen, colours in _alike(order, groups):
        across, up = places[chosen].T
        axes.scatter(across, up, s=size, marker=marker, c=colours, lw=0, alpha=0.75)


def _alike(
    order: NDArray[np.int64], groups: NDArray[np.uint16]
) -> Iterator[tuple[str, NDArray[np.int64], list[str]]]:
    """Marker, points and their colours, for the points that share a marker."""
    nowhere = order[groups[order] == NONE]
    if len(nowhere):
        yield "o", nowhere, [GRID] * len(nowhere)
    for name in SHAPES:
        inside = [g for g in np.unique(groups).tolist() if g != NONE and shape(g) == name]
        chosen = order[np.isin(groups[order], inside)]
        if len(chosen):
            yield MARKERS[name], chosen, [LIGHT[colour(int(group))] for group in groups[chosen]]


def _thumbnails(
    axes: Axes,
    images: NDArray[np.uint8],
    middles: NDArray[np.float64],
    places: NDArray[np.float64],
) -> None:
    """Images at their places, all in one layer, as large as they can be without overlapping."""
    extent = float(np.ptp(places, axis=0).max()) or 1.0
    side = min(_gap(middles), _LARGEST * extent) * 0.96
    low = middles.min(axis=0) - side / 2
    cells = (middles.max(axis=0) + side / 2 - low) / side * _PIXELS
    width, height = (int(np.ceil(one)) for one in cells)
    layer = np.zeros((height, width, 4), np.uint8)
    for image, middle in zip(images, middles, strict=True):
        left, bottom = ((middle - low) / side * _PIXELS - _PIXELS / 2).round().astype(int)
        tile = _tile(image)
        left, bottom = min(left, width - _PIXELS), min(bottom, height - _PIXELS)
        layer[bottom : bottom + _PIXELS, left : left + _PIXELS] = tile
    far = low + np.array([width, height]) * side / _PIXELS
    axes.imshow(
        layer, extent=(low[0], far[0], low[1], far[1]), origin="lower", zorder=3, aspect="auto"
    )


def _gap(middles: NDArray[np.float64]) -> float:
    """How far the nearest two are apart, across or up, whichever is more."""
    if len(middles) < 2:
        return float("inf")
    nearest = float("inf")
    for number, one in enumerate(middles[:-1]):
        nearest = min(nearest, float(np.abs(middles[number + 1 :] - one).max(axis=1).min()))
    return nearest


def _tile(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image as RGBA of one side, the first row at the bottom, in a thin frame."""
    from PIL import Image

    flat = pixels[:, :, 0] if pixels.shape[2] == 1 else pixels
    image = Image.fromarray(np.ascontiguousarray(flat)).convert("RGBA")
    tile = np.array(image.resize((_PIXELS, _PIXELS), Image.Resampling.BILINEAR))[::-1]
    tile[[0, -1]] = tile[:, [0, -1]] = (160, 166, 172, 255)
    return tile


def _frame(axes: Axes, one: Projection, places: NDArray[np.float64]) -> None:
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.03 * max(float((high - low).max()), 1e-12)
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.set_xlabel(one.axes[0] if one.axes else "")
    axes.set_ylabel(one.axes[1] if len(one.axes) > 1 else "")
    axes.set_title(f"{title_of(one)} of {len(one):,} images")


def _legend(figure: Figure, grouping: Grouping, groups: NDArray[np.uint16]) -> None:
    present = [group for group in np.unique(groups).tolist() if group != NONE]
    handles: list[Any] = [
        Line2D(
            [],
            [],
            ls="",
            marker=MARKERS[shape(group)],
            color=LIGHT[colour(group)],
            markersize=6,
            label=short(grouping.names[group]),
        )
        for group in present[:_NAMED]
    ]
    if len(present) > _NAMED:
        rest = len(present) - _NAMED
        handles.append(Line2D([], [], ls="", color=MUTED, label=f"and {rest} more"))
    figure.legend(handles=handles, loc="outside right upper", handletextpad=0.2, fontsize=9)


def _saved(figure: Figure, dpi: int) -> bytes:
    if dpi < 120:
        return written(figure, "webp", dpi, pil_kwargs={"quality": 82, "method": 4})
    return written(figure, "png", dpi, metadata={"Software": None})
