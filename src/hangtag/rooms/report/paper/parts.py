"""What a paper is made of: headings, words, figures, tables and commands, one below the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hangtag.records import StudyTable
from hangtag.rooms.report.study.numbers import column
from hangtag.rooms.report.words import number

MOST_ROWS = 120
"""Rows of a table that are written out; all of them are in its file."""


@dataclass(frozen=True)
class Heading:
    """A heading of the first, second or third level."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Words:
    """A paragraph, or an item of a list."""

    text: str
    item: bool = False


@dataclass(frozen=True)
class Code:
    """Command lines."""

    text: str


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure.

    Attributes:
        title: What stands above it.
        caption: What it shows.
        file: Where its file is, relative to the paper.
        data: That file: SVG or PNG.
    """

    title: str
    caption: str
    file: str
    data: bytes

    @property
    def drawn(self) -> bool:
        """Whether it is a drawing (SVG) and no image."""
        return not self.data.startswith(b"\x89PNG")


@dataclass(frozen=True)
class Table:
    """A table, its cells written out.

    Attributes:
        title: What stands above it.
        header: One heading per column.
        rows: Texts.
        right: For each column whether it holds numbers.
        note: What stands below it.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    note: str = ""


Part = Heading | Words | Code | Figure | Table


@dataclass(frozen=True, eq=False)
class Paper:
    """A report as it is handed in.

    Attributes:
        title: Of all of it.
        opening: Lines of Python that open what it is about, where the paper is.
        parts: In order.
    """

    title: str
    opening: tuple[str, ...]
    parts: tuple[Part, ...]

    def files(self) -> Iterator[Figure]:
        """Figures whose files the paper needs beside it."""
        return (one for one in self.parts if isinstance(one, Figure))


def table(found: StudyTable, file: str = "") -> Table:
    """A table of results as it is written out.

    Args:
        found: The table.
        file: Where all of its rows are; empty where they are nowhere else.
    """
    width = len(found.header)
    rows = [(*row, *[None] * width)[:width] for row in found.rows[:MOST_ROWS]]
    written = [column([row[at] for row in rows]) for at in range(width)]
    best = set(found.best)
    texts = tuple(
        tuple(
            f"{written[at][0][row]} ★" if (row, at) in best else written[at][0][row]
            for at in range(width)
        )
        for row in range(len(rows))
    )
    note = found.note
    if len(found.rows) > MOST_ROWS:
        where = f"; all are in {file}" if file else ""
        note += f" The first {MOST_ROWS} of {number(len(found.rows))} rows{where}."
    right = tuple(right for _, right in written)
    return Table(found.title, found.header, texts, right, note.strip())


def facts_table(title: str, facts: Mapping[str, Any]) -> Table:
    """Labels and values as a table of two columns."""
    rows = tuple((str(name), number(value)) for name, value in facts.items())
    return Table(title, ("", ""), rows, (False, False))


def listed(sentences: Sequence[str]) -> list[Words]:
    """Sentences as a list."""
    return [Words(one, item=True) for one in sentences]
