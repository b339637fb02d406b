"""What one would do next with a set of images: only what works on it is advised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.cli.console import command
from hangtag.errors import SplitError

if TYPE_CHECKING:
    from hangtag.records import ImageSet, Source

MAPPED = 10
"""A map of fewer images than this shows less than the images themselves."""


def after_looking(images: ImageSet, source: Source, limit: int | None) -> tuple[str, ...]:
    """The command lines to type after a set was looked at.

    Args:
        images: The set.
        source: What it was loaded from, as it was asked for.
        limit: Images per part that were asked for; None for all.

    Returns:
        Training, where the classes can be divided; else what needs no classes.
    """
    at_most = ("--limit", limit)
    if _trainable(images):
        return command("split", source, at_most), command("train", source, at_most)
    looks = ["explore"] if len(images) < MAPPED else ["explore", "reduce"]
    return tuple(command(verb, source, at_most) for verb in looks)


def _trainable(images: ImageSet) -> bool:
    import hangtag

    try:
        division = hangtag.split(images)
    except SplitError:
        return False
    return len(set(images.labels[division.train].tolist())) > 1
