"""A table of paths as rows of text: comma-separated, JSON lines, or a list with blanks between.

Nothing is decided here but how the text is written. What a column means is decided by
`label_columns.py` and `paths.py`, which look at all rows. JSON documents that are no lines, such as
exports of annotation tools, are read by `exports.py` into the same rows.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from hangtag.records import Unreadable
from hangtag.rooms.load import encodings, exports, tables, trees

MOST_BYTES = 1 << 30
"""A table of paths is not longer than this."""

_SAID = re.compile(r"(?i)sep=(.)\s*(\n|$)")
"""The first line in which spreadsheets say the separator."""

SAMPLE = 200
"""Lines that are looked at to tell the separator; a wrong one shows at once in all rows."""

SUFFIXES = re.compile(r"\.(csv|tsv|txt|lst|jsonl|ndjson|json)(\.(gz|xz|zip))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """Rows of one table.

    Attributes:
        name: Name of the file.
        names: Names of the columns where they are certain (JSON has keys), else None: the first
            row may be a header.
        rows: Number, counted from 1, and fields of each row; of a text table the header too.
        unreadable: Rows that are no rows.
        spoiled: Fields of those that have too many or too few.
        notes: How the text was read, where that was not plain.
        class_names: Names of label codes, where the file says them.
    """

    name: str
    names: tuple[str, ...] | None
    rows: list[tuple[int, list[str]]]
    unreadable: list[Unreadable] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    class_names: Mapping[str, str] = field(default_factory=dict)
    spoiled: tuple[list[str], ...] = ()


def is_sheet(name: str) -> bool:
    """Whether a file is a table, a list or a JSON document by its name."""
    return bool(SUFFIXES.search(name)) and not trees.is_hidden(name)


def read(file: Path) -> Sheet:
    """Read the rows of a table.

    Raises:
        FormatError: The file is damaged, too long, or no text.
    """
    text, encoding = tables.text_of(file, MOST_BYTES)
    notes = encodings.note(file.name, encoding)
    kind = SUFFIXES.search(file.name)
    suffix = kind.group(1).lower() if kind else ""
    if suffix == "json":
        names, records, class_names = exports.records(file.name, text)
        rows = [(at, [_cell(one) for one in record]) for at, record in enumerate(records, 1)]
        return Sheet(file.name, names, rows, notes=notes, class_names=class_names)
    if suffix in ("jsonl", "ndjson"):
        return _json_lines(file.name, text, notes)
    return _table(file.name, text, notes)


def _table(name: str, text: str, notes: tuple[str, ...]) -> Sheet:
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    separator = said.group(1) if said else _separator(text)
    if separator is None:
        return Sheet(name, None, _blank_separated(text), notes=notes)
    # "a, b" is two fields without the blank: Roboflow and people write it so.
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[tuple[int, list[str]]] = []
    bad: list[Unreadable] = []
    for number, fields in _numbered(reader):
        if isinstance(fields, csv.Error):
            bad.append(Unreadable(f"{name} row {number}", f"is damaged ({fields})"))
        elif any(fields) and (rows or not _is_comment(fields)):
            rows.append((number, [one.strip() for one in fields]))
    # An odd number of quotes: the last one may have taken all rows behind it into one cell.
    open_quote = rows[-1][0] if rows and text.count('"') % 2 else None
    return _of_one_length(Sheet(name, None, rows, bad, notes), open_quote)


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | csv.Error]]:
    number = 0
    while True:
        number += 1
        try:
            yield number, next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error


def _of_one_length(sheet: Sheet, open_quote: int | None) -> Sheet:
    """Set rows apart that have too many or too few fields: their cells may have moved."""
    if not sheet.rows:
        return sheet
    # The header says how many there are: where it has fewer fields than all rows have, every row
    # is listed, and the source is refused, since nobody knows which column lacks its name.
    sheet = replace(sheet, rows=_with_row_names(sheet.rows))
    header = sheet.rows[0][1]
    width = _end(header)
    if any(width < _end(fields) <= len(header) for _, fields in sheet.rows):
        width = len(header)  # the last columns have values and no name
    kept, spoiled, bad = [], [], list(sheet.unreadable)
    for number, written in sheet.rows:
        fields = written if _end(written) > width else written[:width]
        if len(fields) == width and not (number == open_quote and "\n" in "".join(fields)):
            kept.append((number, fields))
            continue
        spoiled.append(fields)
        why = f"has {'only ' * (len(fields) < width)}{len(fields)} fields"
        more = f", not {width}" if len(fields) > width else ""
        lines = sum(one.count("\n") for one in fields)
        quote = f", one of them over {lines + 1} lines: is a quote not closed?" if lines else ""
        bad.append(Unreadable(f"{sheet.name} row {number}", f"{why}{more}{quote}"))
    return Sheet(sheet.name, None, kept, bad, sheet.notes, spoiled=tuple(spoiled))


def _separator(text: str) -> str | None:
    """What stands between fields in the first line and most others; None for blanks, or nothing."""
    lines = [line for line in islice(StringIO(text), SAMPLE) if line.strip(" \r\n")]
    lines = [line for line in lines if not line.startswith("#")]
    if not lines:
        return None

    def steady(separator: str) -> tuple[float, int]:
        counts = Counter(line.count(separator) for line in lines)
        return counts[lines[0].count(separator)] / len(lines), lines[0].count(separator)

    there = [one for one in tables.SEPARATORS if one in lines[0]]
    return max(there, key=steady, default=None)


def _with_row_names(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """R gives the column of row names no title: told by all rows being numbered and one longer."""
    (number, header), *others = rows
    counted = [str(at) for at in range(1, len(others) + 1)]
    longer = all(len(fields) == len(header) + 1 for _, fields in others)
    if not others or not longer or [fields[0] for _, fields in others] != counted:
        return rows
    return [(number, ["", *header]), *others]


def _is_comment(fields: list[str]) -> bool:
    return fields[0].startswith("#")


def _end(fields: list[str]) -> int:
    """How many fields there are up to the last one that is not empty."""
    return next((at for at in range(len(fields), 0, -1) if fields[at - 1]), 0)


def _blank_separated(text: str) -> list[tuple[int, list[str]]]:
    """Lists as ``images/1.png 3``, or, if names have blanks in them, with the label at the end."""
    lines = [(at, line.strip()) for at, line in enumerate(text.split("\n"), 1)]
    lines = [(at, line) for at, line in lines if line and not line.startswith("#")]
    rows = [(at, line.split()) for at, line in lines]
    if len({len(fields) for _, fields in rows}) == 1:
        return rows
    return [(at, _last_apart(line)) for at, line in lines]


def _last_apart(line: str) -> list[str]:
    head, _, last = line.rpartition(" ")
    apart = head and trees.is_image(head.strip()) and not trees.is_image(last)
    return [head.strip(), last] if apart else [line]


def _json_lines(name: str, text: str, notes: tuple[str, ...]) -> Sheet:
    bad, found = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        if isinstance(record, dict):
            found.append((number, record))
        else:
            bad.append(Unreadable(f"{name} row {number}", "is not a JSON object with file_name"))
    names = tuple(dict.fromkeys(str(key) for _, record in found for key in record))
    rows = [(number, [_cell(record.get(key)) for key in names]) for number, record in found]
    return Sheet(name, names, rows, bad, notes)


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Text of a value; lists and objects stay JSON, so that a list of labels shows as one."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
