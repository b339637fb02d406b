"""A shop's catalogue told: how many of its items got a tag, and how many the right one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hangtag.records import Outcome
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.words import percent, plural


@dataclass(frozen=True)
class Tagged:
    """What came of one class of items.

    Attributes:
        items: How many there are.
        tagged: How many got a tag; the others are unknown.
        right: How many of these got the right one.
    """

    items: int
    tagged: int
    right: int


def told(found: Mapping[str, Tagged]) -> Outcome:
    """Tell of a catalogue that a model tagged.

    Args:
        found: By class of the items.
    """
    items, tagged, right = (
        sum(getattr(one, name) for one in found.values()) for name in ("items", "tagged", "right")
    )
    rows = [
        {
            "class": name,
            "items": one.items,
            "tagged": one.tagged,
            "unknown": one.items - one.tagged,
            "right of the tagged": one.right / one.tagged if one.tagged else None,
        }
        for name, one in found.items()
    ]
    words = (
        f"The test images are the products of a shop: {plural(items, 'item')} in a catalogue. "
        f"The model gives {percent(tagged / items)} of them a tag, and {items - tagged:,} are "
        f"'unknown' and wait for a person. "
        + (f"Of the tags {percent(right / tagged)} are right." if tagged else "No item got a tag."),
    )
    return Outcome(
        name="",
        verb="catalog",
        title="A shop's catalogue, tagged",
        values={
            "items": items,
            "tagged": tagged,
            "unknown": items - tagged,
            "answered": tagged / items,
            "right_of_tagged": right / tagged if tagged else None,
        },
        words=words,
        tables=(table("tagged", "Items by class", rows),),
    )
