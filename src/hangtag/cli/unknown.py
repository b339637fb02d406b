"""When a tagger says "unknown", in words that the commands that train, test and tag share."""

from __future__ import annotations

from hangtag.cli.console import note

NONE = (
    "the model has no threshold: validation pictures do not show that its answers would be right "
    "often enough at any confidence"
)


def why_unknown(threshold: float | None) -> str:
    """Why pictures are tagged ``unknown``, and the option that changes it.

    Args:
        threshold: Confidence below which the tag is ``unknown``; None where the model has none.
    """
    why = NONE if threshold is None else f"the model is less than {threshold:.2f} sure of them"
    return f"{why} (--threshold 0 forces a tag)"


def caution_without(threshold: float | None, *, quiet: bool = False) -> None:
    """Say what a model will do that has no threshold; nothing of one that has."""
    if threshold is None:
        said = f"{NONE}, so `hangtag tag` says 'unknown' to all unless --threshold is given"
        note(f"caution: {said}", quiet=quiet)
