"""Tables of a study in, CSV out."""

from __future__ import annotations

from hangtag import sheets
from hangtag.records import StudyTable


def as_csv(table: StudyTable) -> str:
    """A heading and one line per row; nothing stands for None."""
    return sheets.as_csv([table.header, *table.rows])
