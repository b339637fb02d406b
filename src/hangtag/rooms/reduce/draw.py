"""Figures of a map: a Projection goes in, the bytes of an SVG or PNG file come out.

Nothing is computed here but which points are shown, and that is said on the figure. To add a
figure: one function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangtag.drawing import MUTED, canvas, mark, png, short, svg
from hangtag.errors import OptionError
from hangtag.records import ImageSet, Projection
from hangtag.rooms.reduce.thumbnails import thumbnails

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 1000  # drawn unless told otherwise, as the studies do
_IMAGE = 0.042  # side of a thumbnail, as a proportion of the longer side of the map


def scatter(
    chart: Projection,
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    points: int | None = POINTS,
    seed: int = 0,
) -> bytes:
    """Points on a map, coloured by class or cluster.

    Args:
        chart: The map, of two dimensions.
        labels: ``(n,)`` a class or cluster for each point of the map; -1 for none.
        class_names: Their names.
        points: Drawn at most, a sample by the seed; the title says so. None for all.
        seed: Of the sample.

    Returns:
        An SVG file of up to 5,000 points, a PNG file of more.

    Raises:
        OptionError: The map has not two dimensions, or not as many points as labels.
    """
    shown = _shown(chart, labels, points, seed)
    with canvas(7.4, 5.4) as (figure, panels):
        axes = panels[0, 0]
        _points(axes, chart, labels, class_names, shown)
        _describe(axes, chart, len(shown))
        _legend(figure, axes)
        return svg(figure) if len(shown) <= 5000 else png(figure)


def with_thumbnails(
    chart: Projection,
    images: ImageSet,
    *,
    points: int | None = POINTS,
    seed: int = 0,
) -> bytes:
    """The same with thumbnails where they do not overlap, each framed in its class's colour.

    Args:
        chart: The map, of two dimensions, of images of this set.
        images: The set.
        points: Drawn at most, a sample by the seed; the title says so. None for all.
        seed: Of the sample, and of which thumbnails are shown.

    Returns:
        A PNG file.

    Raises:
        OptionError: The map has not two dimensions.
    """
    labels = images.labels[chart.indices]
    shown = _shown(chart, labels, points, seed)
    with_images = shown[thumbnails(chart.points[shown], size=_IMAGE * 1.12, seed=seed)]
    with canvas(9.4, 7.6) as (figure, panels):
        axes = panels[0, 0]
        _points(axes, chart, labels, images.class_names, shown)
        side = float(np.ptp(chart.points[shown], axis=0).max()) * _IMAGE or 1.0
        for row in with_images.tolist():
            colour = mark(int(labels[row]))[0] if labels[row] >= 0 else MUTED
            _thumbnail(axes, images.images[chart.indices[row]], chart.points[row], side, colour)
        axes.set_aspect("equal")
        axes.margins(0.03)
        axes.autoscale()
        _describe(axes, chart, len(shown), len(with_images))
        _legend(figure, axes)
        return png(figure)


def _shown(
    chart: Projection, labels: NDArray[np.int64], points: int | None, seed: int
) -> NDArray[np.int64]:
    if chart.points.shape[1] != 2:
        raise OptionError(f"a figure has 2 dimensions; the map has {chart.points.shape[1]}")
    if len(labels) != len(chart):
        raise OptionError(f"the map has {len(chart)} points; got {len(labels)} labels")
    if points is None or points >= len(chart):
        return np.arange(len(chart))
    return np.sort(np.random.default_rng(seed).permutation(len(chart))[:points])


def _points(
    axes: Axes,
    chart: Projection,
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    shown: NDArray[np.int64],
) -> None:
    size = float(np.clip(9000 / max(len(shown), 1), 1.5, 16))
    for label in np.unique(labels[shown]).tolist():
        some = shown[labels[shown] == label]
        colour, marker = mark(label) if label >= 0 else (MUTED, ".")
        name = short(class_names[label]) if label >= 0 else "none"
        across, up = chart.points[some].T
        axes.scatter(across, up, s=size, c=colour, marker=marker, linewidths=0, label=name)


def _legend(figure: Figure, axes: Axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles,
        names,
        loc="outside right upper",
        fontsize=8.5,
        ncols=1 + (len(names) - 1) // 20,
        handletextpad=0.2,
        columnspacing=0.8,
        markerscale=1.7,
    )


def _describe(axes: Axes, chart: Projection, drawn: int, with_images: int | None = None) -> None:
    count = f"{drawn:,} of {len(chart):,} points" if drawn < len(chart) else f"{drawn:,} points"
    if with_images is not None:
        count += f", {with_images} as images"
    measured = [
        f"{name.replace('_', ' ')} {value:.3f}"
        for name, value in chart.quality.items()
        if name in ("trustworthiness", "class_agreement", "stress")
    ]
    axes.set_title(f"{chart.method}: {count}\n{', '.join(measured)}", fontsize=9.5)
    axes.set_xlabel(chart.axes[0])
    axes.set_ylabel(chart.axes[1])
    if chart.method != "pca":  # only there do the numbers on the axes mean something
        axes.set_xticks([])
        axes.set_yticks([])


def _thumbnail(
    axes: Axes, pixels: NDArray[np.uint8], at: NDArray[np.float32], side: float, colour: str
) -> None:
    from matplotlib.patches import Rectangle

    height, width = pixels.shape[:2]
    half_high, half_wide = (side / 2 * part / max(height, width) for part in (height, width))
    left, right, low, high = (
        at[0] - half_wide,
        at[0] + half_wide,
        at[1] - half_high,
        at[1] + half_high,
    )
    axes.imshow(
        pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
        cmap="gray",
        vmin=0,
        vmax=255,
        extent=(left, right, low, high),
        zorder=3,
    )
    frame = Rectangle(
        (left, low), right - left, high - low, fill=False, edgecolor=colour, linewidth=1.1, zorder=4
    )
    axes.add_patch(frame)
