"""Exploring: a set goes in, what is in it comes out, as numbers and as a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hangtag import atomic
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Summary
from hangtag.requests import ExploreRequest, takes
from hangtag.rooms import explore as room
from hangtag.rooms import report as report_room
from hangtag.rooms.explore import draw
from hangtag.workbench.data import Data, as_images, divided, seed_of


@takes(ExploreRequest)
def explore(data: Data, asked: ExploreRequest, *, progress: Progress = silent) -> Summary:
    """Look at what is in a set: classes, pixels, samples, and how many components hold it.

    Args:
        data: What to look at: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options can be given by keyword.
        progress: Told how far it is.

    Raises:
        UsageError: There are no images.
        SplitError: The split is of another set.
        OptionError: An option cannot be that.

    Example:
        >>> print(hangtag.explore("digits", per_class=5).classes.markdown())
    """
    whole = as_images(data, limit=asked.limit, progress=progress)
    seed = seed_of(asked.seed)
    split = None if asked.split is None else divided(whole, asked.split, seed=seed)
    return room.explore(
        whole, split=split, per_class=asked.per_class, mark=asked.mark, seed=seed, progress=progress
    )


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


def explore_figures(
    images: ImageSet, summary: Summary, folder: Path, *, show: Iterable[str] = tuple(draw.FILES)
) -> dict[str, Path]:
    """Write what is in a set as figures.

    Args:
        images: The set.
        summary: Of that set.
        folder: Where the figures go.
        show: Which of ``draw.FILES``; those that the set has nothing for are left out.

    Returns:
        The files written, by what they show.
    """
    drawn = draw.figures(summary, images, show)
    return {
        name: atomic.write_bytes(folder / draw.FILES[name], data) for name, data in drawn.items()
    }
