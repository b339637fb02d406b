"""Tags and a search for similar images told: how many are right, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hangtag.records import Outcome, StudyTable, Tag
from hangtag.rooms.report.results.shared import figures, table
from hangtag.rooms.report.words import listed, percent, plural

FIGURES = {
    "similar": (
        "Similar images",
        "Left a test image, right of it the training images most like it to the model; over "
        "each its class.",
    )
}


@dataclass(frozen=True)
class Shop:
    """What came of a shop's folder.

    Attributes:
        tags: One per file.
        foreign: How many images show other things than the model knows.
        refused: How many of these were called unknown.
        named: How many products got a tag.
        right: How many of these got the right one.
        queries: Images for which similar ones were looked for.
        nearest: How many for each.
        same_class: Proportion of the similar ones that are of the query's class.
        first_same_class: The same of the most similar one.
    """

    tags: Sequence[Tag]
    foreign: int
    refused: int
    named: int
    right: int
    queries: int
    nearest: int
    same_class: float
    first_same_class: float


def told(found: Shop) -> Outcome:
    """Tell of a shop's folder."""
    kinds = Counter(map(_kind, found.tags))
    return Outcome(
        name="",
        verb="tag",
        title="Tagging and finding similar images",
        values={
            "pictures": len(found.tags),
            **{kind: kinds[kind] for kind in ("tagged", "unknown", "unreadable")},
            "similar_same_class": found.same_class,
            "similar_first_same_class": found.first_same_class,
        },
        words=_words(found, kinds),
        figures=figures(FIGURES, ["similar.png"]),
        tables=(_table(found.tags),),
    )


def _kind(one: Tag) -> str:
    return "unreadable" if one.error else "unknown" if one.label == "unknown" else "tagged"


def _words(found: Shop, kinds: Counter[str]) -> tuple[str, ...]:
    own = len(found.tags) - kinds["unreadable"] - found.foreign
    return (
        f"A shop's folder was made of {plural(own, 'test image')}, "
        f"{plural(found.foreign, 'image')} of other things and one torn file. "
        f"{kinds['tagged']} got a tag, {kinds['unknown']} are 'unknown', {kinds['unreadable']} "
        f"could not be read. Of the {found.named} products that got a tag {found.right} got the "
        f"right one; {found.refused} of the {plural(found.foreign, 'foreign image')} were "
        "refused.",
        "To find similar images, the output of the layer before the last is compared by its "
        f"angle. Of the {found.nearest} training images most like each of "
        f"{plural(found.queries, 'test image')}, {percent(found.same_class)} are of its class; "
        f"the most similar one is in {percent(found.first_same_class)}.",
    )


def _table(tags: Sequence[Tag]) -> StudyTable:
    rows = [
        {
            "picture": one.id,
            "tag": one.label,
            "confidence": None if one.error else one.confidence,
            "most probable": listed(
                [f"{name} {percent(proportion, 0)}" for name, proportion in one.top]
            ),
            "error": one.error or "",
        }
        for one in tags
    ]
    return table("tags", "Every tag", rows)
