"""Tables that name picture files: rows with a path in, members to gather out.

Shared by `manifest.py` and `imagefolder.py`. A path must stay inside the folder of its table;
one that leads out of it is listed as unreadable and not opened.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

from hangtag.errors import FormatError
from hangtag.records import Unreadable
from hangtag.rooms.load import streams, tables, trees
from hangtag.rooms.load.base import Member
from hangtag.rooms.load.parts import part_name

PATH_NAMES = (
    "file_name", "filename", "file", "path", "filepath", "file_path",
    "image_path", "image", "img", "image_file", "image_name", "picture",
)  # fmt: skip
"""Names of a column with paths, the most likely first; compared in lower case."""

PART_COLUMNS = ("split", "part", "subset", "set", "partition", "fold")
MOST_BYTES = 1 << 30
"""A table of paths is not longer than this."""


@dataclass(frozen=True)
class Row:
    """One line of a table of paths.

    Attributes:
        number: Line or record, counted from 1.
        path: As written.
        label: As written; None when the table has none.
        part: As written; None when the table has none.
    """

    number: int
    path: str
    label: str | None
    part: str | None


def rows_of(file: Path, label: str | None) -> Iterator[Row | Unreadable]:
    """The rows of a ``.csv`` or ``.jsonl`` table of paths; what is no row as unreadable.

    Raises:
        FormatError: The file is damaged, or has no column of paths or no column called `label`.
    """
    with streams.unpacked(file) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FormatError(f"{file.name} is longer than {MOST_BYTES >> 30} GiB", "split it up")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FormatError(f"{file.name} is not text in UTF-8", "save it as UTF-8") from None
    lines = _json_lines if ".json" in file.name.lower() else _table_lines
    return lines(file, text, label)


def members(
    file: Path, source: Path, rows: Iterator[Row | Unreadable], part: str
) -> tuple[list[Member], list[Unreadable]]:
    """Turn rows into pictures to read.

    Args:
        file: The table; its paths count from its folder.
        source: Folder that ids count from.
        rows: Of :func:`rows_of`.
        part: For rows that do not say their own.
    """
    root = file.parent.resolve()
    found, bad, seen = [], [], set()
    for row in rows:
        if isinstance(row, Unreadable):
            bad.append(row)
            continue
        problem = _problem(root, row.path)
        where = f"{file.name} row {row.number}"
        if problem or row.path in seen:
            bad.append(Unreadable(where, problem or f"names {row.path[:100]!r} a second time"))
            continue
        seen.add(row.path)
        picture = file.parent / row.path
        said = part_name(row.part) or row.part if row.part else part
        found.append(
            Member(trees.identity(picture, source), said, row.label, partial(str, picture))
        )
    return found, bad


def _problem(root: Path, written: str) -> str:
    """Why a path may not be followed; empty when it may."""
    if not written:
        return "names no file"
    if "\0" in written or len(written) > 4096:
        return "is no path"
    try:
        inside = (root / written).resolve().is_relative_to(root)
    except (OSError, RuntimeError, ValueError):
        inside = False
    return "" if inside else f"leads out of the folder of the table: {written[:100]!r}"


def _table_lines(file: Path, text: str, label: str | None) -> Iterator[Row | Unreadable]:
    table = tables.parse_start(text[: tables.FIRST_BYTES].encode())
    if table is None:
        raise FormatError(f"{file.name} holds no table", "see whether it is empty")
    path_at, label_at, part_at = columns(file, table, label)
    lines = csv.reader(StringIO(text, newline=""), delimiter=table.separator)
    return _csv_rows(file, lines, table.header is not None, (path_at, label_at, part_at))


def columns(
    file: Path, table: tables.Table, label: str | None
) -> tuple[int, int | None, int | None]:
    """Which columns hold the path, the label and the part.

    Raises:
        FormatError: There is no column of paths, or none called `label`.
    """
    path_at = table.column(*PATH_NAMES)
    if path_at is None:
        path_at = next((at for at, one in enumerate(_first(table)) if trees.is_picture(one)), None)
    if path_at is None:
        raise FormatError(f"{file.name} has no column of paths", f"call it {PATH_NAMES[0]}")
    if label is not None:
        label_at = table.column(label.lower())
        if label_at is None:
            raise FormatError(
                f"{file.name} has no column '{label}'",
                f"its columns are {', '.join(table.header or ())}",
            )
        return path_at, label_at, table.column(*PART_COLUMNS)
    if table.header is None:
        others = [at for at in range(table.n_columns) if at != path_at]
        return path_at, others[0] if others else None, None
    return path_at, table.column(*tables.LABEL_NAMES), table.column(*PART_COLUMNS)


def _first(table: tables.Table) -> tuple[str, ...]:
    return table.first[0] if table.first else ()


def _csv_rows(
    file: Path,
    lines: Iterator[list[str]],
    has_header: bool,
    at: tuple[int, int | None, int | None],
) -> Iterator[Row | Unreadable]:
    last = max(one for one in at if one is not None)
    number = 0
    while True:
        try:
            fields = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable(f"{file.name} row {number + 1}", f"is damaged ({error})")
            number += 1
            continue
        number += 1
        if not fields or (number == 1 and has_header):
            continue
        if len(fields) <= last:
            yield Unreadable(f"{file.name} row {number}", f"has only {len(fields)} fields")
            continue
        path, label, part = (None if one is None else fields[one].strip() for one in at)
        yield Row(number, path or "", label, part)


def _json_lines(file: Path, text: str, label: str | None) -> Iterator[Row | Unreadable]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            record = None
        path = _value(record, PATH_NAMES) if isinstance(record, Mapping) else None
        if path is None:
            yield Unreadable(f"{file.name} row {number}", "is not a JSON object with file_name")
            continue
        names = tables.LABEL_NAMES if label is None else (label.lower(),)
        yield Row(number, path, _value(record, names), _value(record, PART_COLUMNS))


def _value(record: Mapping[str, object], names: tuple[str, ...]) -> str | None:
    lower = {str(key).lower(): value for key, value in record.items()}
    found = next((lower[name] for name in names if name in lower), None)
    return str(found) if isinstance(found, str | int | float) else None
