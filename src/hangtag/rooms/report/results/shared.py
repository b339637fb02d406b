"""What the results of all verbs share: rows become tables, files get their captions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from hangtag.records import StudyFigure, StudyTable

Captions = Mapping[str, tuple[str, str]]
"""For a figure's file, by its name without ending, what stands above it and what it shows."""


def table(
    name: str,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    best: Iterable[tuple[int, str]] = (),
    note: str = "",
) -> StudyTable:
    """A table of rows.

    Args:
        name: File name without ending.
        title: What stands above it.
        rows: Heading to cell; a column that a row does not have stays empty in it.
        best: Row, from 0, and heading of each cell to be highlighted.
        note: What stands below it.
    """
    heads = tuple(dict.fromkeys(head for row in rows for head in row))
    cells = tuple(tuple(row.get(head) for head in heads) for row in rows)
    marked = tuple((row, heads.index(head)) for row, head in best)
    return StudyTable(name, title, heads, cells, marked, note)


def figures(captions: Captions, files: Iterable[str], of: str = "") -> tuple[StudyFigure, ...]:
    """The figures that files hold, by the captions of their verb.

    Args:
        captions: Of the verb.
        files: Where they are, relative to the step's folder.
        of: What they are all of, such as a variant: it is put after every title.
    """
    made = []
    for file in files:
        title, caption = captions.get(PurePosixPath(file).stem, (PurePosixPath(file).stem, ""))
        made.append(StudyFigure(file, f"{title}: {of}" if of else title, caption))
    return tuple(made)


def by_variant(found: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Values of every variant as VARIANT.VALUE; of a single one by their own names, too."""
    values = {f"{name}.{key}": one for name, own in found.items() for key, one in own.items()}
    return values | dict(next(iter(found.values()))) if len(found) == 1 else values
