"""What one would do next with a set of images: only what works on it is advised."""

from __future__ import annotations

import hangtag
from hangtag.errors import SplitError
from hangtag.records import ImageSet
from hangtag.requests import Source, command_line

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
    looks = ("explore",) if len(images) < MAPPED else ("explore", "reduce")
    verbs = ("split", "train") if _trainable(images) else looks
    return tuple(command_line(verb, source, limit=limit) for verb in verbs)


def _trainable(images: ImageSet) -> bool:
    try:
        split = hangtag.split(images)
    except SplitError:
        return False
    return len(set(images.labels[split.train].tolist())) > 1
