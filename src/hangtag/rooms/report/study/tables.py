"""Tables of a step in, what their template shows out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hangtag.records import StudyTable
from hangtag.rooms.report.study.numbers import column

FOLDED = 25  # rows above which a table is folded on a screen
_BEST = 6  # rows with a best cell that stand before a folded table
_ENDS = 2  # of its first and of its last rows that do


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
    starred = [at for at, row in enumerate(cells) if any(cell["best"] for cell in row)]
    return {
        "name": table.name,
        "title": table.title,
        "note": table.note,
        "header": list(zip(table.header, (right for _, right in written), strict=True)),
        "rows": cells,
        "folded": folded,
        "excerpt": _excerpt(cells, starred) if folded else [],
        "marked": bool(starred) and "★" not in table.note,
        "total": len(table.rows),
    }


def _excerpt(rows: Sequence[Any], starred: Sequence[int]) -> list[Any]:
    """The rows that stand before a folded table; None where some are left out between two.

    The first and the last, and those with a best cell where they are few.
    """
    few = starred if len(starred) <= _BEST else []
    ends = (*range(_ENDS), *range(len(rows) - _ENDS, len(rows)))
    shown: list[Any] = []
    last = -1
    for at in sorted({*ends, *few}):
        shown += [rows[at]] if at == last + 1 else [None, rows[at]]
        last = at
    return shown
