"""Tables of a step in, what their template shows out."""

from __future__ import annotations

from typing import Any

from hangtag.records import StudyTable
from hangtag.rooms.report.study.numbers import column

FOLDED = 25  # rows above which a table is folded on a screen
_BEST = 6  # rows with a best cell that stand before a folded table


def shown(table: StudyTable, most: int) -> dict[str, Any]:
    """Variables of the template.

    Args:
        table: A table.
        most: Rows a page has room for; the others are in the table's file, and that is said.
    """
    width = len(table.header)
    rows = [(*row, *[None] * width)[:width] for row in table.rows[:most]]
    written = [column([row[at] for row in rows]) for at in range(width)]
    best = set(table.best)
    cells = [
        [
            {"text": texts[row], "right": right, "best": (row, at) in best}
            for at, (texts, right) in enumerate(written)
        ]
        for row in range(len(rows))
    ]
    folded = len(cells) > FOLDED
    starred = [row for row in cells if any(cell["best"] for cell in row)]
    return {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "header": list(zip(table.header, (right for _, right in written), strict=True)),
        "rows": cells,
        "folded": folded,
        "starred": starred if folded and len(starred) <= _BEST else [],
        "marked": bool(starred),
        "total": len(table.rows),
    }
