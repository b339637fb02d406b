"""A paper in, a document for word processors out (Office Open XML, by python-docx)."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from hangtag.rooms.report.paper.parts import Code, Figure, Heading, Paper, Part, Table, Words
from hangtag.rooms.report.paper.raster import as_png
from hangtag.rooms.report.study.drawings import width

if TYPE_CHECKING:
    from docx.document import Document

BROAD, HIGH = 6.3, 7.0
"""Inches that a figure may take."""
SCREEN, PRINTED, LARGER = 96, 150, 1.2
"""Dots an inch of a drawing and of an image; drawings are made a little larger than on a page."""
LONGEST = 255
"""Signs of the title among a document's properties."""
TINY, TIMES = 240, 4
"""Pixels: an image so small is pixels of the data themselves, which are shown enlarged."""


def as_docx(paper: Paper) -> bytes:
    """The paper as ``.docx``: headings in levels, captions with numbers, tables as tables."""
    import docx
    from docx.shared import Cm

    document = docx.Document()
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
        section.top_margin = section.bottom_margin = Cm(2.3)
    document.core_properties.title = _plain(paper.title)[:LONGEST]
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.add_heading(_plain(paper.title), 0)
    numbers = {Figure: 0, Table: 0}
    for one in paper.parts:
        if isinstance(one, Figure | Table):
            numbers[type(one)] += 1
            _numbered(document, one, numbers[type(one)])
        else:
            _worded(document, one)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _worded(document: Document, one: Part) -> None:
    from docx.shared import Pt

    if isinstance(one, Heading):
        document.add_heading(_plain(one.text), one.level)
    elif isinstance(one, Words):
        document.add_paragraph(_plain(one.text), style="List Bullet" if one.item else None)
    elif isinstance(one, Code):
        run = document.add_paragraph().add_run(_plain(one.text))
        run.font.name, run.font.size = "Consolas", Pt(9)


def _numbered(document: Document, one: Figure | Table, number: int) -> None:
    kind = "Figure" if isinstance(one, Figure) else "Table"
    caption = document.add_paragraph(style="Caption")
    caption.paragraph_format.keep_with_next = True
    caption.add_run(f"{kind} {number}. {_plain(one.title)}")
    if isinstance(one, Figure):
        _image(document, one)
        said = one.caption
    else:
        _table(document, one)
        said = one.note
    if said:
        document.add_paragraph(_plain(said))


def _image(document: Document, one: Figure) -> None:
    from docx.shared import Inches
    from PIL import Image

    try:
        data = as_png(one.data) if one.drawn else one.data
        with Image.open(BytesIO(data)) as image:
            wide, high = image.size
            if wide <= TINY:
                wide, high = wide * TIMES, high * TIMES
                file = BytesIO()
                image.resize((wide, high), Image.Resampling.NEAREST).save(file, "PNG")
                data = file.getvalue()
    except (ValueError, OSError):
        document.add_paragraph(f"(The file {one.file} cannot be drawn here.)")
        return
    natural = LARGER * (width(one.data.decode("utf-8", "replace")) or 0) / SCREEN
    inches = min(BROAD, natural or wide / PRINTED, HIGH * wide / high)
    shape = document.add_picture(BytesIO(data), width=Inches(inches))
    # What a screen reader says of it.
    shape._inline.docPr.set("descr", _plain(one.caption or one.title))  # noqa: SLF001 - there is no public way


def _table(document: Document, one: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    headed = any(one.header)
    rows = [one.header, *one.rows] if headed else list(one.rows)
    if not rows:
        return
    made = document.add_table(len(rows), len(one.header), style="Light Grid Accent 1")
    # All cells at once: python-docx looks through the whole table for each that is asked for alone.
    cells: list[Any] = made._cells  # noqa: SLF001
    for place, cell in enumerate(cells):
        row, at = divmod(place, len(one.header))
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(_plain(rows[row][at]))
        run.font.size = Pt(9)
        if one.right[at]:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _plain(text: str) -> str:
    """Text without the signs that no XML has."""
    return _NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)
