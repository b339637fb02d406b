"""Tables of a study in, CSV out."""

from __future__ import annotations

import csv
import io

from hangtag.records import StudyTable


def as_csv(table: StudyTable) -> str:
    """A heading and one line per row; nothing stands for None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.header)
    writer.writerows([["" if cell is None else cell for cell in row] for row in table.rows])
    return text.getvalue()
