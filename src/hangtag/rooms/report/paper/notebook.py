"""A paper in, a notebook out that shows the same when it is run, and has shown it already.

Its cells read the files beside it and train nothing, so that running all of them takes seconds;
the command that makes everything anew stands at its end.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from hangtag.rooms.report.paper.parts import Code, Figure, Heading, Paper, Part, Table, Words

HELPERS = """from html import escape
from IPython.display import HTML, SVG, Image, display


def table(header, rows):
    \"\"\"Show rows as a table.\"\"\"
    cells = lambda row, tag: "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in row)
    head = f"<thead><tr>{cells(header, 'th')}</tr></thead>" if any(header) else ""
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    display(HTML(f"<table>{head}<tbody>{body}</tbody></table>"))"""
Cell = dict[str, Any]
WIDE = 900
"""Pixels of a figure at most."""


def as_notebook(paper: Paper) -> str:
    """The paper as an ``.ipynb`` file of format 4, its outputs in it."""
    import nbformat

    cells = [_text(f"# {_marked(paper.title)}"), _code("\n".join([*paper.opening, "", HELPERS]))]
    numbers = {Figure: 0, Table: 0}
    for one in paper.parts:
        if isinstance(one, Figure | Table):
            numbers[type(one)] += 1
            cells += _numbered(one, numbers[type(one)])
        else:
            cells.append(_text(_worded(one)))
    made = {
        "cells": [{**cell, "id": f"cell-{place}"} for place, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    nbformat.validate(made)
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _worded(one: Part) -> str:
    if isinstance(one, Heading):
        return f"{'#' * (one.level + 1)} {_marked(one.text)}"
    if isinstance(one, Code):
        return f"```\n{one.text}\n```"
    assert isinstance(one, Words)
    return f"- {_marked(one.text)}" if one.item else _marked(one.text)


def _numbered(one: Figure | Table, number: int) -> Iterator[Cell]:
    kind = "Figure" if isinstance(one, Figure) else "Table"
    said = one.caption if isinstance(one, Figure) else one.note
    yield _text(f"**{kind} {number}.** {_marked(one.title)}")
    if isinstance(one, Figure):
        yield _shown(one)
    else:
        rows = ",\n    ".join(repr(row) for row in one.rows)
        lines = (
            f"table({one.header!r}, [\n    {rows},\n])"
            if one.rows
            else f"table({one.header!r}, [])"
        )
        yield _code(
            lines, {"text/html": _html(one), "text/plain": "<IPython.core.display.HTML object>"}
        )
    if said:
        yield _text(_marked(said))


def _shown(one: Figure) -> Cell:
    if one.drawn:
        output = {"image/svg+xml": one.data.decode("utf-8", "replace"), "text/plain": "<SVG>"}
        return _code(f"display(SVG({one.file!r}))", output)
    output = {"image/png": base64.b64encode(one.data).decode("ascii"), "text/plain": "<Image>"}
    return _code(f"display(Image({one.file!r}, width={WIDE}))", output)


def _html(one: Table) -> str:
    def cells(row: tuple[str, ...], tag: str) -> str:
        return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)

    head = f"<thead><tr>{cells(one.header, 'th')}</tr></thead>" if any(one.header) else ""
    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in one.rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _marked(text: str) -> str:
    """Words that Markdown takes as they are."""
    return re.sub(r"([\\`*_{}\[\]<>#|$])", r"\\\1", text)


def _text(source: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str, output: dict[str, str] | None = None) -> Cell:
    shown = {"output_type": "display_data", "metadata": {}, "data": output}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "source": source,
        "outputs": [shown] if output else [],
    }
