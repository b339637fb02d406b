"""What one hands in: a report as a document for word processors and as a notebook that runs.

A report is made a :class:`~hangtag.rooms.report.paper.parts.Paper` first, words and tables and
figures one below the other (``of_run``, ``of_study``), and that is written as ``.docx``
(``document``) and ``.ipynb`` (``notebook``). Python-docx, nbformat and resvg come with the extra
``assignment`` and are imported by what writes.
"""

from __future__ import annotations

from pathlib import Path

from hangtag import atomic
from hangtag.rooms.report.paper.document import as_docx
from hangtag.rooms.report.paper.notebook import as_notebook
from hangtag.rooms.report.paper.of_run import of_run
from hangtag.rooms.report.paper.of_study import of_study
from hangtag.rooms.report.paper.parts import Paper

__all__ = ["Paper", "of_run", "of_study", "write"]


def write(paper: Paper, beside: Path) -> list[Path]:
    """Write a paper as a document and as a notebook.

    Args:
        paper: What it holds.
        beside: The page it is the same as: both get its name, and the notebook finds files of
            figures and tables from there.

    Returns:
        The files written: the document, the notebook, and those of figures that nobody had
        written before.
    """
    folder = beside.parent
    written = [
        atomic.write_bytes(beside.with_suffix(".docx"), as_docx(paper)),
        atomic.write_text(beside.with_suffix(".ipynb"), as_notebook(paper)),
    ]
    return written + [
        atomic.write_bytes(folder / one.file, one.data)
        for one in paper.files()
        if not (folder / one.file).is_file()
    ]
