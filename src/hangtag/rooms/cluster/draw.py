"""Sweeps, clusterings and galleries go in, figures come out as the bytes of an SVG or PNG file.

Charts are SVG, images of images are PNG. matplotlib is imported where something is drawn. To add
a figure: one function here that gets records, computes nothing they do not hold, and draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.drawing import COLOURS, INK, MUTED, canvas, image, mark, png, short, svg
from hangtag.errors import OptionError
from hangtag.records import (
    Agreement,
    Clustering,
    Gallery,
    ImageSet,
    MixtureSweep,
    NewPoints,
    Sweep,
)
from hangtag.records.clustering import check_same_set
from hangtag.rooms.cluster.methods import METHODS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_IMAGE = 0.62  # inches: a 28-pixel image at about twice its size
_STEP = 1.06  # of an image
_MOST = 4000  # images in a figure


def curves(sweep: Sweep | MixtureSweep) -> bytes:
    """Draw what was measured over the number of clusters, the chosen one marked.

    Args:
        sweep: Of any method, which says itself what is drawn.

    Returns:
        An SVG file.
    """
    method = METHODS[sweep.clustering.method]
    with canvas(7.6, 2.9, columns=2) as (figure, panels):
        k = [row.k for row in sweep.rows]
        for colour, (axes, (name, column)) in enumerate(zip(panels[0], method.curves, strict=True)):
            values = np.array([getattr(row, column) for row in sweep.rows])
            axes.plot(k, values, "o-", color=COLOURS[colour])
            if column == "silhouette":
                errors = [getattr(row, "silhouette_error", 0.0) for row in sweep.rows]
                _error_bars(axes, k, values, errors)
            axes.axvline(sweep.choice.k, color=MUTED, linewidth=1, linestyle=":")
            axes.set_title(name)
            axes.set_xlabel(method.units)
            axes.set_xticks(k)
            axes.grid(axis="y")
        figure.supxlabel(f"dotted: {sweep.choice.k}, by {sweep.choice.rule}", fontsize=9)
        return svg(figure)


def scatter(
    clustering: Clustering,
    places: NDArray[Any],
    *,
    axes_labels: Sequence[str] = ("", ""),
    n: int = 1000,
    seed: int = 0,
) -> bytes:
    """Draw clustered images as points on a map, coloured by cluster.

    Args:
        clustering: The clusters.
        places: ``(m, 2)`` where each clustered image is on the map, in the clustering's order.
        axes_labels: What the two axes mean.
        n: Points drawn at most; a random sample of that many when there are more.
        seed: Of the sample.

    Returns:
        An SVG file.

    Raises:
        OptionError: There is not one place per clustered image.
    """
    if places.shape != (len(clustering), 2):
        raise OptionError(
            f"{len(clustering)} images were clustered; got places of shape {places.shape}",
            "give two coordinates per clustered image, in their order",
        )
    shown = np.arange(len(places))
    if len(shown) > n:
        shown = np.sort(np.random.default_rng(seed).choice(shown, n, replace=False))
    with canvas(6.4, 4.6) as (figure, panels):
        axes = panels[0, 0]
        for cluster in range(clustering.k):
            some = shown[clustering.assignments[shown] == cluster]
            colour, marker = mark(cluster)
            across, up = places[some].T
            axes.scatter(across, up, s=9, c=colour, marker=marker, linewidths=0, label=str(cluster))
        axes.set_xlabel(axes_labels[0])
        axes.set_ylabel(axes_labels[1])
        axes.set_title(f"{len(shown):,} of {len(places):,} images by cluster")
        columns = 1 + (clustering.k - 1) // 20
        figure.legend(loc="outside right upper", ncols=columns, markerscale=2, fontsize=8)
        return svg(figure)


def gallery_grid(shown: Gallery, images: ImageSet, *, per_row: int = 20) -> bytes:
    """Draw a few images of every cluster with their classes, clusters one below the other.

    Args:
        shown: Which images.
        images: The set its indices count in.
        per_row: Images of a cluster at most.

    Returns:
        A PNG file.

    Raises:
        OptionError: `images` is another set.
    """
    check_same_set(shown.fingerprint, images)
    rows = [
        (
            f"{cluster}",
            [
                (pixels, caption)
                for pixels, caption in zip(
                    shown.pictures(images, cluster)[:per_row],
                    shown.captions(images, cluster),
                    strict=False,
                )
            ],
        )
        for cluster in range(len(shown.indices))
    ]
    return _grid(rows)


def centres(clustering: Clustering, middles: NDArray[Any], *, per_row: int = 10) -> bytes:
    """Draw the middle of every cluster as an image, with its size.

    Args:
        clustering: The clusters.
        middles: ``(k, height, width, channels)`` the centres as pixels from 0 to 255.
        per_row: Images in a row.

    Returns:
        A PNG file.
    """
    sizes = clustering.sizes
    cells = [(_pixels(middles[one]), f"{one}: {sizes[one]:,}") for one in range(clustering.k)]
    rows = [("", cells[start : start + per_row]) for start in range(0, len(cells), per_row)]
    return _grid(rows)


def new_images(drawn: NewPoints, pixels: NDArray[Any], images: ImageSet) -> bytes:
    """Draw new images, each above the nearest real one and how far away that is.

    Args:
        drawn: The new points.
        pixels: ``(n, height, width, channels)`` the same as pixels from 0 to 255.
        images: The set its `nearest` counts in.

    Returns:
        A PNG file.

    Raises:
        OptionError: `images` is another set.
    """
    check_same_set(drawn.fingerprint, images)
    rows = []
    for start in range(0, len(drawn), 10):
        some = range(start, min(start + 10, len(drawn)))
        rows.append(("new", [(_pixels(pixels[one]), "") for one in some]))
        nearest = [
            (images.images[drawn.nearest[one]], f"{drawn.distances[one] / drawn.usual:.1f}×")
            for one in some
        ]
        rows.append(("nearest", nearest))
    return _grid(rows)


def agreement_table(found: Agreement) -> bytes:
    """Draw how many images of each class are in each cluster.

    Returns:
        An SVG file.
    """
    k, classes = found.table.shape
    width, height = 2.2 + 0.42 * classes, 1.6 + 0.27 * k
    with canvas(max(width, 4.5), max(height, 2.5)) as (figure, panels):
        axes = panels[0, 0]
        most = max(int(found.table.max()), 1)
        axes.imshow(found.table, cmap="Blues", vmin=0, vmax=most, aspect="auto")
        for cluster, one in zip(*np.nonzero(found.table), strict=True):
            count = int(found.table[cluster, one])
            colour = "white" if count > 0.6 * most else INK
            axes.text(one, cluster, f"{count}", ha="center", va="center", fontsize=7, color=colour)
        axes.set_xticks(
            range(classes), [short(name, 12) for name in found.class_names], rotation=60
        )
        axes.set_yticks(range(k))
        axes.set_ylabel("cluster")
        axes.set_title(
            f"ARI {found.ari:.3f}   NMI {found.nmi:.3f}   purity {found.purity:.3f}   "
            f"matched {found.accuracy:.3f}",
            fontsize=9.5,
        )
        return svg(figure)


def _error_bars(
    axes: Axes, k: Sequence[int], values: NDArray[np.float64], errors: Sequence[float]
) -> None:
    if any(errors):
        axes.errorbar(k, values, yerr=2 * np.array(errors), fmt="none", color=MUTED, linewidth=1)
        axes.set_title("mean silhouette, ± 2 standard errors")


def _grid(rows: Sequence[tuple[str, Sequence[tuple[NDArray[np.uint8], str]]]]) -> bytes:
    """Rows of captioned images, each row with a name before it."""
    count = sum(len(cells) for _, cells in rows)
    if count > _MOST:
        raise OptionError(f"a figure of {count} images was asked for", f"at most {_MOST}")
    columns = max((len(cells) for _, cells in rows), default=0)
    named = 1.0 if any(name for name, _ in rows) else 0.0
    down = 1.28 if any(text for _, cells in rows for _, text in cells) else _STEP
    width, height = max(columns * _STEP + named + 0.1, 1), max(len(rows) * down + 0.1, 1)
    with canvas(width * _IMAGE, height * _IMAGE) as (figure, panels):
        axes = panels[0, 0]
        figure.set_layout_engine("none")
        axes.set_position((0, 0, 1, 1))
        axes.set_axis_off()
        for place, (name, cells) in enumerate(rows):
            top = place * down + down - 1.04
            axes.text(named - 0.1, top + 0.5, name, ha="right", va="center", fontsize=8)
            for column, (pixels, caption) in enumerate(cells):
                left = named + column * _STEP + 0.05
                image(axes, pixels, left, top)
                text = short(caption, 12)
                axes.text(left + 0.5, top - 0.03, text, ha="center", va="bottom", fontsize=5.5)
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        return png(figure)


def _pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return pixels
