"""Figures of a Summary: records go in, the bytes of an SVG (charts) or PNG (images) come out.

Nothing is computed here that the records do not hold. To add a figure: a function, its
file in :data:`FILES`, its line in :func:`figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from hangtag.drawing import COLOURS, INK, MUTED, canvas, grid, png, short, svg
from hangtag.records import (
    ClassTable,
    ImageSet,
    Reconstructions,
    Summary,
    VarianceCurve,
    Variants,
)
from hangtag.rooms.explore.pixels import scaled, variants

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FILES = {
    "samples": "samples.png",
    "classes": "classes.svg",
    "variance": "variance.svg",
    "variants": "variants.png",
    "halves": "halves.png",
    "scaling": "scaling.png",
    "reconstructions": "reconstructions.png",
}
"""What can be drawn of a summary, and the file each goes to."""


def figures(summary: Summary, images: ImageSet, show: Iterable[str]) -> dict[str, bytes]:
    """Draw what is asked for.

    Args:
        summary: What is in a set.
        images: The set.
        show: Which of :data:`FILES`; those that the set has nothing for are left out.

    Returns:
        The files' contents, by what they show.
    """
    made: dict[str, Callable[[], bytes]] = {
        "samples": lambda: sample_grid(summary, images),
        "classes": lambda: class_chart(summary.classes),
        "variants": lambda: variant_grid(summary.variants),
        "halves": lambda: halves(summary, images),
        "scaling": lambda: before_after(summary, images),
    }
    curve, rebuilt = summary.variance, summary.reconstructions
    if curve is not None:
        made["variance"] = lambda: variance_chart(curve)
    if rebuilt is not None:
        made["reconstructions"] = lambda: reconstruction_grid(rebuilt, images)
    return {name: made[name]() for name in show if name in made}


def class_chart(table: ClassTable) -> bytes:
    """Bars of the images per class, one panel for each part.

    Returns:
        An SVG file.
    """
    names = [short(name) for name in table.class_names]
    parts = list(table.counts.items())
    height = 0.7 + 0.22 * len(names)
    with canvas(1.2 + 2.3 * len(parts), height, columns=max(len(parts), 1)) as (figure, panels):
        places = np.arange(len(names))
        for number, (axes, (part, counts)) in enumerate(zip(panels[0], parts, strict=False)):
            axes.barh(places, counts, color=COLOURS[0], height=0.7)
            most = max(int(counts.max(initial=0)), 1)
            for place, count in zip(places, counts.tolist(), strict=True):
                axes.text(
                    count + 0.02 * most, place, f"{count:,}", va="center", fontsize=8, color=MUTED
                )
            axes.set_xlim(0, 1.22 * most)
            axes.set_ylim(len(names) - 0.4, -0.6)
            axes.set_yticks(places, names if number == 0 else [""] * len(names))
            axes.tick_params(length=0)
            axes.set_xticks([])
            axes.spines[["left", "bottom"]].set_visible(False)
            axes.set_title(f"{part}: {int(counts.sum()):,} images")
        return svg(figure)


def sample_grid(summary: Summary, images: ImageSet) -> bytes:
    """Some training images of every class, a row per class.

    Returns:
        A PNG file.
    """
    rows = [
        (name, [images.images[index] for index in drawn if index >= 0])
        for name, drawn in zip(images.class_names, summary.samples.tolist(), strict=True)
    ]
    return grid(rows)


def variant_grid(shown: Variants, *, per_row: int = 5) -> bytes:
    """The same images in every variant, one block of rows per variant, blocks side by side.

    Args:
        shown: The variants.
        per_row: Images beside each other in a block.

    Returns:
        A PNG file.
    """
    with canvas(0.5 + len(shown.pictures) * 0.52 * per_row, 3.0, columns=len(shown.pictures)) as (
        figure,
        panels,
    ):
        tallest = 1.0
        for axes, (name, images) in zip(panels[0], shown.pictures.items(), strict=True):
            high, wide = images.shape[1] + 2, images.shape[2] + 2
            rows = -(-len(images) // per_row)
            sheet = np.full((rows * high, per_row * wide, images.shape[3]), 255, np.uint8)
            for number, pixels in enumerate(images):
                top, left = number // per_row * high + 1, number % per_row * wide + 1
                sheet[top : top + high - 2, left : left + wide - 2] = pixels
            grey = sheet[:, :, 0] if sheet.shape[2] == 1 else sheet
            axes.imshow(grey, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_axis_off()
            axes.set_anchor("N")
            height, width = images.shape[1:3]
            axes.set_title(f"{name}  ({height} × {width})")
            tallest = max(tallest, sheet.shape[0] / sheet.shape[1] * 0.5 * per_row)
        figure.set_figheight(tallest + 0.4)
        return png(figure)


def halves(summary: Summary, images: ImageSet) -> bytes:
    """The first training and the first test image in every crop, a row each.

    Returns:
        A PNG file.
    """
    firsts = {"first training image": summary.first}
    if summary.first_test is not None:
        firsts["first test image"] = summary.first_test
    cut = variants(images, np.fromiter(firsts.values(), np.int64)).pictures
    rows = [
        (name, [pixels[number] for pixels in cut.values()]) for number, name in enumerate(firsts)
    ]
    return grid(rows)


def before_after(summary: Summary, images: ImageSet) -> bytes:
    """The first training image as it is, scaled and standardised, each with its scale of levels.

    A colour image is not shown standardised: values below 0 have no colour.

    Returns:
        A PNG file.
    """
    before = images.images[summary.first : summary.first + 1]
    level = next(iter(summary.ranges.values()))
    shown = [
        (before[0], "before: whole numbers", 0.0, 255.0),
        (scaled(before)[0], "scaled: numbers in [0, 1]", 0.0, 1.0),
    ]
    if level.deviation and before.shape[3] == 1:
        ends = [(end - level.mean) / level.deviation for end in level.after]
        moved = (scaled(before)[0] - level.mean) / level.deviation
        shown.append((moved, "standardised: mean 0, deviation 1", ends[0], ends[1]))
    with canvas(3.2 * len(shown), 2.7, columns=len(shown)) as (figure, panels):
        for axes, (pixels, title, low, top) in zip(panels[0], shown, strict=True):
            drawn = axes.imshow(
                pixels[:, :, 0] if pixels.shape[2] == 1 else pixels,
                cmap="gray",
                vmin=low,
                vmax=top,
                interpolation="nearest",
            )
            axes.set_axis_off()
            axes.set_title(f"{title}\n{pixels.min():.3g} to {pixels.max():.3g}")
            if pixels.shape[2] == 1:
                figure.colorbar(drawn, ax=axes, shrink=0.8)
        return png(figure)


def variance_chart(curve: VarianceCurve, *, limit: int = 100) -> bytes:
    """The cumulative explained variance over the components, marked.

    Args:
        curve: The curve.
        limit: Components on the axis at least; marks beyond it are named in the margin.

    Returns:
        An SVG file.
    """
    count = min(max(limit, curve.recommended + 1, *curve.asked), len(curve.cumulative))
    with canvas(6.4, 3.9) as (figure, panels):
        axes = panels[0, 0]
        axes.plot(np.arange(1, count + 1), 100 * curve.cumulative[:count], color=COLOURS[0])
        beyond = []
        for proportion, needed in curve.marks.items():
            axes.axhline(100 * proportion, color=MUTED, linewidth=0.7, linestyle=(0, (1, 3)))
            if needed > count:
                beyond.append(f"{needed} hold {proportion:.0%}")
                continue
            axes.plot([needed], [100 * curve.cumulative[needed - 1]], "o", color=COLOURS[0], ms=5)
            axes.annotate(
                f"{needed} hold {proportion:.0%}",
                (needed, 100 * curve.cumulative[needed - 1]),
                xytext=(7, -12),
                textcoords="offset points",
                fontsize=8.5,
                color=INK,
            )
        elbow = 100 * curve.cumulative[curve.recommended - 1]
        axes.plot([curve.recommended], [elbow], "D", color=COLOURS[3], ms=7, zorder=3)
        axes.annotate(
            f"recommended: {curve.recommended} ({elbow:.1f} %)",
            (curve.recommended, elbow),
            xytext=(0.3, 0.42),
            textcoords="axes fraction",
            fontsize=9.5,
            color=COLOURS[3],
            arrowprops={"arrowstyle": "-", "color": COLOURS[3], "linewidth": 0.8},
        )
        for asked in curve.asked:
            _marked(axes, asked, 100 * curve.cumulative[asked - 1])
        axes.set_xlabel("components" + (f"   (not shown: {', '.join(beyond)})" if beyond else ""))
        axes.set_ylabel("variance explained, %")
        axes.set_title(f"principal components of {curve.n_images:,} training images")
        axes.set_xlim(0, count + 1)
        axes.set_ylim(0, 102)
        return svg(figure)


def _marked(axes: Axes, count: int, held: float) -> None:
    """A number of components that a reader wants to see, as a square on the curve."""
    axes.plot([count], [held], "s", color=COLOURS[2], ms=7, zorder=3)
    axes.annotate(
        f"marked: {count} ({held:.1f} %)",
        (count, held),
        xytext=(0.3, 0.3),
        textcoords="axes fraction",
        fontsize=9.5,
        color=COLOURS[2],
        arrowprops={"arrowstyle": "-", "color": COLOURS[2], "linewidth": 0.8},
    )


def reconstruction_grid(shown: Reconstructions, images: ImageSet) -> bytes:
    """Images, and below them what is left in fewer and fewer components.

    Returns:
        A PNG file.
    """
    rows = [("original", list(images.images[shown.indices]))]
    order = np.argsort(shown.components)[::-1]
    rows += [
        (
            f"{shown.components[row]} ({shown.shares[row]:.0%}), off by {shown.errors[row]:.0f}",
            list(shown.pictures[row]),
        )
        for row in order
    ]
    return grid(rows)
