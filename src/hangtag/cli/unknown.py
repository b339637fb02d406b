"""When a tagger says "unknown", in words that the commands that train, test and tag share."""

from __future__ import annotations

from hangtag.cli.console import note
from hangtag.records import Tag
from hangtag.records.tagging import STRANGE, UNSURE

NONE = (
    "the model has no threshold: validation pictures do not show that its answers would be right "
    "often enough at any confidence"
)


def tell_unknown(tags: list[Tag], threshold: float | None) -> None:
    """Say how many pictures are ``unknown``, by reason, and what changes it.

    Args:
        tags: Of all pictures.
        threshold: Confidence below which the tag is ``unknown``; None where the model has none.
    """
    if unsure := sum(one.reason == UNSURE for one in tags):
        why = NONE if threshold is None else f"the model is less than {threshold:.2f} sure of them"
        note(f"{unsure} are 'unknown': {why} (--threshold 0 forces a tag)")
    if strange := sum(one.reason == STRANGE for one in tags):
        note(f"{strange} are 'unknown': they are unlike anything seen in training")


def caution_without(threshold: float | None, *, quiet: bool = False) -> None:
    """Say what a model will do that has no threshold; nothing of one that has."""
    if threshold is None:
        said = f"{NONE}, so `hangtag tag` says 'unknown' to all unless --threshold is given"
        note(f"caution: {said}", quiet=quiet)
