"""Exploring: a set goes in, what is in it comes out, as numbers and as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from hangtag import atomic, settings
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Split, Summary
from hangtag.rooms import explore as room
from hangtag.rooms import report as report_room
from hangtag.workbench.data import Data, as_images


def explore(
    data: Data,
    *,
    limit: int | None = None,
    split: Split | None = None,
    per_class: int = 3,
    seed: int | None = None,
    progress: Progress = silent,
) -> Summary:
    """Look at what is in a set: classes, pixels, samples, and how many components hold it.

    Args:
        data: What to look at: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        limit: Images per part at most, spread evenly; None for all.
        split: Of that set; None takes the source's own parts.
        per_class: Samples of each class.
        seed: Draws samples and the pictures that are rebuilt.
        progress: Told how far it is.

    Raises:
        UsageError: There are no pictures.
        SplitError: The split is of another set.
        OptionError: Fewer than one sample of each class is asked for.

    Example:
        >>> print(hangtag.explore("digits").classes.markdown())
    """
    number = settings.default_seed() if seed is None else seed
    images = as_images(data, limit=limit, progress=progress)
    return room.explore(images, split=split, per_class=per_class, seed=number, progress=progress)


def explore_page(images: ImageSet, summary: Summary, out: Path) -> Path:
    """Write what is in a set as one HTML page.

    Args:
        images: The set.
        summary: Of that set.
        out: The page to write.

    Raises:
        UsageError: The summary is of another set.
    """
    return atomic.write_text(out, report_room.explore_page(images, summary))


FIGURES = {
    "samples": "samples.png",
    "classes": "classes.svg",
    "variance": "variance.svg",
    "variants": "variants.png",
    "scaling": "scaling.png",
    "reconstructions": "reconstructions.png",
}
"""What can be drawn of a summary, and the file each goes to."""


def explore_figures(
    images: ImageSet, summary: Summary, folder: Path, *, show: Iterable[str] = tuple(FIGURES)
) -> dict[str, Path]:
    """Write what is in a set as figures.

    Args:
        images: The set.
        summary: Of that set.
        folder: Where the figures go.
        show: Which of :data:`FIGURES`; those that the set has nothing for are left out.

    Returns:
        The files written, by what they show.
    """
    from hangtag.rooms.explore import draw

    made: dict[str, Callable[[], bytes]] = {
        "samples": lambda: draw.sample_grid(summary, images),
        "classes": lambda: draw.class_chart(summary.classes),
        "variants": lambda: draw.variant_grid(summary.variants),
        "scaling": lambda: draw.before_after(summary, images),
    }
    curve, rebuilt = summary.variance, summary.reconstructions
    if curve is not None:
        made["variance"] = lambda: draw.variance_chart(curve)
    if rebuilt is not None:
        made["reconstructions"] = lambda: draw.reconstruction_grid(rebuilt, images)
    return {
        name: atomic.write_bytes(folder / FIGURES[name], made[name]())
        for name in show
        if name in made
    }
