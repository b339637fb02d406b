"""Exploring: a set goes in, what is in it comes out, as numbers and as a page."""

from __future__ import annotations

from pathlib import Path

from hangtag import atomic, settings
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Split, Summary
from hangtag.rooms import explore as room
from hangtag.rooms import report as report_room


def explore(
    images: ImageSet,
    *,
    split: Split | None = None,
    per_class: int = 3,
    seed: int | None = None,
    progress: Progress = silent,
) -> Summary:
    """Look at what is in a set: classes, pixels, samples, and how many components hold it.

    Args:
        images: The set.
        split: Of that set; None takes the source's own parts.
        per_class: Samples of each class.
        seed: Draws samples and the pictures that are rebuilt.
        progress: Told how far it is.

    Raises:
        UsageError: There are no pictures.
        SplitError: The split is of another set.
        OptionError: Fewer than one sample of each class is asked for.

    Example:
        >>> print(hangtag.explore(images).classes.markdown())
    """
    number = settings.default_seed() if seed is None else seed
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
