"""What people should look at, as a table to edit in a spreadsheet, and back as decisions.

The most valuable first: where the model is least sure, one of each class in turn, so that the
first page is not a hundred times the same doubt.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from hangtag.errors import FormatError
from hangtag.rooms.catalog import schema
from hangtag.rooms.catalog.decisions import Decided
from hangtag.rooms.catalog.feeds.cells import delimiter_of
from hangtag.rooms.catalog.file import Catalog
from hangtag.sheets import as_csv, plain

COLUMNS = (
    *("item", "title", "picture", "attribute", "suggested", "probability"),
    *("alike", "decision", "value"),
)

WORDS = {
    "accept": schema.ACCEPTED,
    "accepted": schema.ACCEPTED,
    "yes": schema.ACCEPTED,
    "reject": schema.REJECTED,
    "rejected": schema.REJECTED,
    "no": schema.REJECTED,
    "correct": schema.CORRECTED,
    "corrected": schema.CORRECTED,
    "undo": schema.UNDONE,
    "undone": schema.UNDONE,
}
"""What may stand in the column of decisions."""


@dataclass(frozen=True)
class Doubt:
    """A suggestion that nobody has decided on.

    Attributes:
        item: What the shop calls the item.
        title: Of the item.
        picture: Its main photo.
        attribute: Such as ``category``.
        suggested: The most probable value, whether the model is sure of it or not.
        probability: Of that value.
        alike: Number of the group of items that look alike and are suggested the same, None for
            one that is alone or was not compared (:func:`hangtag.shop.alike.alike`).
    """

    item: str
    title: str
    picture: str
    attribute: str
    suggested: str
    probability: float
    alike: int | None = None


def doubts(
    catalog: Catalog,
    limit: int | None = None,
    *,
    attribute: str | None = None,
    suggested: str | None = None,
) -> list[Doubt]:
    """Suggestions in use that wait for a decision, the most valuable first.

    The least sure of each suggested value comes first, then the second of each, and so on.

    Args:
        catalog: The catalogue.
        limit: How many at most.
        attribute: Only of this one.
        suggested: Only where this value is suggested.
    """
    # Ordered where they lie: of 100,000 that wait, a page shows 200.
    asked = {"limit": -1 if limit is None else limit, "key": attribute, "label": suggested}
    with catalog.reading() as connection:
        return [Doubt(*row) for row in connection.execute(text(_WAITING), asked)]


def as_table(found: Sequence[Doubt]) -> str:
    """As CSV with two empty columns for the decision and the value it is corrected to."""
    rows = [
        [
            *(one.item, one.title, one.picture, one.attribute, one.suggested),
            *(f"{one.probability:.4f}", "" if one.alike is None else str(one.alike)),
        ]
        for one in found
    ]
    return as_csv([COLUMNS, *([*row, "", ""] for row in rows)])


def from_table(name: str, data: bytes, who: str) -> list[Decided]:
    """The decisions in a table that somebody has filled in.

    Args:
        name: Of the file, for the error.
        data: What is in it.
        who: Who decided.

    Raises:
        FormatError: It is not UTF-8, a column is missing, or a decision cannot be read; the line
            is named.
    """
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{name} is not UTF-8", "save it as CSV UTF-8") from None
    rows = csv.DictReader(io.StringIO(written), delimiter=delimiter_of(written))
    lacks = {"item", "attribute", "decision"} - set(rows.fieldnames or ())
    if lacks:
        raise FormatError(
            f"{name} has no column {', '.join(sorted(lacks))}",
            "hangtag catalog review --export makes such a table",
        )
    found = []
    for number, row in enumerate(rows, 2):
        said = (row["decision"] or "").strip().lower()
        value = (row.get("value") or "").strip()
        if not said and not value:
            continue
        if said and said not in WORDS:
            raise FormatError(
                f"line {number} of {name} decides '{said}'", "accept, reject, correct or undo"
            )
        verdict = WORDS[said] if said else schema.CORRECTED
        label = value or (row.get("suggested") or "").strip()
        if verdict == schema.CORRECTED and not value:
            raise FormatError(
                f"line {number} of {name} corrects to nothing", "put the right value into 'value'"
            )
        if verdict == schema.ACCEPTED and value and value != (row.get("suggested") or "").strip():
            verdict = schema.CORRECTED
        found.append(Decided(plain(row["item"]), row["attribute"], verdict, label or None, who))
    return found


_WAITING = """
    WITH waiting AS (
        SELECT g.item, r.attribute, g.value, g.probability,
               ROW_NUMBER() OVER turn AS place,
               FIRST_VALUE(g.probability) OVER turn AS least
        FROM suggestion AS g
        JOIN tagging AS r ON r.id = g.tagging AND r.in_use
        JOIN item ON item.id = g.item AND item.deleted_at IS NULL
        JOIN attribute AS a ON a.id = r.attribute AND (:key IS NULL OR a.key = :key)
        JOIN value AS v ON v.id = g.value AND (:label IS NULL OR v.label = :label)
        WHERE NOT EXISTS (SELECT 1 FROM standing AS s
                          WHERE s.item = g.item AND s.attribute = r.attribute)
        WINDOW turn AS (PARTITION BY r.attribute, g.value ORDER BY g.probability, g.item)
        ORDER BY place, least, r.attribute, g.value LIMIT :limit)
    SELECT item.external_id, item.title,
           COALESCE((SELECT p.uri FROM picture AS p
                     WHERE p.item = item.id ORDER BY p.position LIMIT 1), ''),
           a.key, v.label, waiting.probability
    FROM waiting JOIN item ON item.id = waiting.item
    JOIN attribute AS a ON a.id = waiting.attribute JOIN value AS v ON v.id = waiting.value
    ORDER BY waiting.place, waiting.least, waiting.attribute, waiting.value
"""
