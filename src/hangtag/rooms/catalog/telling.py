"""What is known of items and models as rows of text, for whoever shows them."""

from __future__ import annotations

from collections.abc import Sequence

from hangtag.rooms.catalog.decisions import Decided
from hangtag.rooms.catalog.heads import Head
from hangtag.rooms.catalog.reading import Item
from hangtag.rooms.catalog.schema import PERSON
from hangtag.rooms.catalog.tagging import Tagging

Rows = list[tuple[str, ...]]


def item_rows(one: Item, past: Sequence[Decided]) -> tuple[Rows, list[str]]:
    """What the feed says of an item, and then what models and people say, in sentences."""
    price = "" if one.price is None else f"{one.price:g}"
    facts = [("id", one.external_id), ("title", one.title), ("price", price)]
    facts += [*one.attributes.items(), *(("photo", uri) for uri in one.photos)]
    said = [
        f"tag  {key} = {label}, by a person"
        if source == PERSON
        else f"tag  {key} = {label} {probability:.4f}, by a model"
        for key, (label, probability, source) in one.tags.items()
    ]
    said += [
        f"{each.at}  {each.who} {each.verdict} {each.label or ''} ({each.attribute})"
        for each in past
    ]
    return [row for row in facts if row[1]], said


def tagging_rows(found: Sequence[Tagging]) -> Rows:
    """Number, attribute, model, items, and which is in use."""
    return [
        (str(one.id), one.attribute, one.model, f"{one.items:,}", "in use" if one.in_use else "")
        for one in found
    ]


def head_lines(made: Head) -> list[str]:
    """What a head was learned from and what it is worth, in sentences."""
    facts = made.facts
    accuracy, low, high = facts["accuracy"]
    values = ", ".join(f"{label} {n:,}" for label, n in facts["values"].items())
    said = [
        f"learned {made.attribute} from {facts['examples']:,} items: {values}",
        f"accuracy {accuracy:.3f} [{low:.3f}, {high:.3f}] on items it had not seen "
        "(cross-validation)",
    ]
    if facts["left_out"]:
        few = ", ".join(f"{label} {n}" for label, n in facts["left_out"].items())
        said.append(f"too few items to learn: {few}")
    if made.threshold is None:
        return [
            *said,
            f"that does not show {facts['precision']:.0%} right answers at any threshold: all its "
            "tags are 'unknown' and wait in review; more decisions, or --threshold, change that",
        ]
    return [
        *said,
        f"answers {facts['answered']:.0%} of them, {facts['right_of_answered']:.1%} of these right;"
        f" 'unknown' below {made.threshold:.3f}",
    ]
