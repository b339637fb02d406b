"""A CSV whose every byte is kept: text goes in, raw cells come out, and the same text again.

Exporting into somebody's feed must change the cells of tags and nothing else: not the quotes, not
the line ends, not an empty cell into ``""``. A csv module reads values and forgets how they stood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hangtag.errors import FormatError
from hangtag.sheets import harmless

BOM = "\ufeff"
DELIMITERS = (",", "\t", ";")


@dataclass(eq=False)
class Row:
    """A line, or several where a cell holds line ends.

    Attributes:
        cells: As they stand in the file, quotes included.
        end: What ends it: a line end, or nothing at the end of the file.
        number: Its first line in the file, from 1.
    """

    cells: list[str]
    end: str
    number: int


@dataclass(eq=False)
class Cells:
    """A feed's table.

    Attributes:
        header: Its first row.
        rows: The others.
        delimiter: Between cells.
        bom: Whether it begins with a byte order mark.
        blank: Rows without anything in them, after the row of that position.
    """

    header: Row
    rows: list[Row]
    delimiter: str
    bom: bool
    places: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Where each column stands, by its name."""
        for place, raw in enumerate(self.header.cells):
            self.places.setdefault(value_of(raw).strip(), place)

    def get(self, row: Row, name: str) -> str:
        """The value in a column; empty where the row has none."""
        place = self.places.get(name)
        return value_of(row.cells[place]) if place is not None and place < len(row.cells) else ""

    def put(self, row: Row, name: str, value: str) -> None:
        """Write a value, the column being there; quoted where the old one was or it must be."""
        place = self.places[name]
        row.cells += [""] * (place + 1 - len(row.cells))
        row.cells[place] = raw_of(harmless(value), self.delimiter, row.cells[place].startswith('"'))

    def add(self, name: str) -> None:
        """A further column at the end, empty."""
        self.places[name] = len(self.header.cells)
        self.header.cells.append(raw_of(name, self.delimiter))
        for row in self.rows:
            if not is_blank(row):
                row.cells += [""] * (len(self.header.cells) - len(row.cells))

    @property
    def text(self) -> str:
        """The file."""
        rows = (self.delimiter.join(row.cells) + row.end for row in (self.header, *self.rows))
        return BOM * self.bom + "".join(rows)


def decoded(name: str, data: bytes) -> str:
    """The text of a feed, its byte order mark included.

    Raises:
        FormatError: It is not UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name} is not UTF-8: byte {error.start:,} is no text", "save it as UTF-8"
        ) from None


def parse(name: str, data: bytes) -> Cells:
    """Read a table.

    Args:
        name: Of the file, for the error.
        data: UTF-8, with or without a byte order mark.

    Raises:
        FormatError: It is not UTF-8 or has no header.
    """
    text = decoded(name, data)
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM)
    delimiter = delimiter_of(text)
    rows = list(_rows(text, delimiter))
    if not rows or is_blank(rows[0]):
        raise FormatError(f"{name} has no header", "its first line names the columns")
    return Cells(rows[0], rows[1:], delimiter, bom)


def delimiter_of(text: str) -> str:
    """What stands between the cells of a table, by its first line."""
    return max(DELIMITERS, key=text.partition("\n")[0].count)


def value_of(raw: str) -> str:
    """What a raw cell says."""
    if len(raw) > 1 and raw.startswith('"') and raw.endswith('"'):
        return raw[1:-1].replace('""', '"')
    return raw


def raw_of(value: str, delimiter: str, quoted: bool = False) -> str:
    """A value as a raw cell."""
    if quoted or any(one in value for one in (delimiter, '"', "\r", "\n")):
        return '"' + value.replace('"', '""') + '"'
    return value


def is_blank(row: Row) -> bool:
    """Whether a row is an empty line."""
    return row.cells == [""]


def merged(cell: str, added: Iterable[str], removed: Iterable[str], between: str) -> str:
    """A cell of tags with some more and some fewer; what is there already stays as it stands.

    Args:
        cell: Such as ``summer, sale``.
        added: Tags that must be in it.
        removed: Tags that must not.
        between: What stands between two, such as ``", "``.
    """
    old = [one.strip() for one in cell.split(between.strip()) if one.strip()]
    out = {one.casefold() for one in removed} - {one.casefold() for one in added}
    kept = [one for one in old if one.casefold() not in out]
    have = {one.casefold() for one in kept}
    more = [one for one in dict.fromkeys(added) if one.casefold() not in have]
    return cell if kept == old and not more else between.join([*kept, *more])


def _rows(text: str, delimiter: str) -> Iterable[Row]:
    mark = re.escape(delimiter)
    plain = rf"[^{mark}\r\n]*"
    # A cell that begins with a quote and never ends it is read as plain text up to the delimiter.
    cell = re.compile(rf'("[^"]*(?:""[^"]*)*"{plain}|{plain})({mark}|\r\n|\n|\r|\Z)')
    cells: list[str] = []
    at, line, first = 0, 1, 1
    while at < len(text) or cells:
        found = cell.match(text, at)
        assert found is not None  # the second alternative is there at every place
        cells.append(found[1])
        at = found.end()
        line += found[0].count("\n") + (found[2] == "\r")
        if found[2] != delimiter:
            yield Row(cells, found[2], first)
            cells, first = [], line
