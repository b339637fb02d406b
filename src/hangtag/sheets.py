"""Tables as text: rows go in; CSV that no spreadsheet runs, or lines to be read, come out.

A cell of text that begins like a formula is run when the file is opened, and names of files and
classes are anybody's. Source: OWASP, "CSV injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Sequence

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def as_csv(rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV, texts made harmless by :func:`harmless`, None as an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([harmless(c) if isinstance(c, str) else c for c in row] for row in rows)
    return text.getvalue()


def aligned(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, left: Container[int] = (0,)
) -> list[str]:
    """Write rows under their heads, a line each, for a screen.

    Args:
        heads: One for each column; none for a table without.
        rows: A cell for each column.
        left: Columns that begin under their head; the others end under it, as numbers should.
    """
    lines = [[str(cell) for cell in row] for row in ((heads, *rows) if heads else rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def harmless(text: str) -> str:
    r"""A text as a cell may show it: a quote before what begins like a formula, ``\n`` for a line.

    Numbers stay as they are; control characters, and what is no character, are written as Python
    writes them.
    """
    shown = visible(text)
    runs = _FORMULA.match(shown) and not _NUMBER.fullmatch(shown)
    return f"'{shown}" if runs else shown


def plain(cell: str) -> str:
    """A cell that :func:`harmless` wrote, without the quote it put before it."""
    return cell[1:] if cell[:1] == "'" and harmless(cell[1:]) == cell else cell


def visible(text: str) -> str:
    r"""A text with its control characters written out, such as ``\x1b`` for what colours terminals.

    Also what stands in for bytes of a file's name that are no UTF-8.
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
