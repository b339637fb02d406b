"""The first lines of a table of values: bytes in, separator, header, columns out.

Shared by `csv.py` (pixels in columns) and `manifest.py` (paths in a column).
"""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

from hangtag.errors import UsageError
from hangtag.rooms.load import streams

LABEL_NAMES = ("label", "labels", "class", "category", "target", "y", "class_name", "class_id")
"""Names of a column with labels, the most likely first; compared in lower case."""

SEPARATORS = ",;\t|"
FIRST_BYTES = 1 << 22
"""This much of a file is looked at to see its first lines."""

NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_SUFFIX = re.compile(r"\.(csv|tsv|txt)(\.(gz|xz|zip))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """How a table is written.

    Attributes:
        separator: Between fields.
        header: Names of the columns, or None when the first line holds values.
        first: The fields of the first lines that hold values.
        header_bytes: Length of the header line (with its newline, and a byte-order mark).
    """

    separator: str
    header: tuple[str, ...] | None
    first: tuple[tuple[str, ...], ...]
    header_bytes: int

    @property
    def n_columns(self) -> int:
        """Columns in the header, or else in the first line."""
        return len(self.header if self.header is not None else self.first[0])

    def column(self, *names: str) -> int | None:
        """The first column called by one of `names`, in lower case; None when none is."""
        lower = [name.strip().lower() for name in self.header or ()]
        return next((lower.index(name) for name in names if name in lower), None)


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name."""
    return bool(_SUFFIX.search(path.name)) and path.is_file()


def inside(folder: Path) -> list[Path]:
    """The tables directly in `folder`, in the order of their names."""
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if _SUFFIX.search(one.name) and one.is_file())
    return [folder / name for name in names]


def stem(path: Path) -> str:
    """The name of a table without its suffixes."""
    return _SUFFIX.sub("", path.name)


def sniff(path: Path) -> Table | None:
    """Look at the first lines; None when they are not text with at least two columns or one row."""
    try:
        with streams.unpacked(path) as stream:
            start = stream.read_lines(FIRST_BYTES, 20)
    except UsageError:
        return None
    return parse_start(start)


def parse_start(start: bytes) -> Table | None:
    """As :func:`sniff`, of the first bytes of a file, which end at a line's end."""
    if b"\0" in start:
        return None
    text = start.decode("utf-8-sig", "replace")
    line, _, _ = text.partition("\n")
    separator = max(SEPARATORS, key=line.count)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error:
        return None
    if not rows:
        return None
    named = sum(not NUMBER.fullmatch(field) for field in rows[0]) * 2 > len(rows[0])
    header_bytes = start.find(b"\n") + 1 or len(start)
    header = tuple(field.strip() for field in rows[0]) if named else None
    return Table(separator, header, tuple(rows[named:]), header_bytes if named else _mark(start))


def _mark(start: bytes) -> int:
    """Length of a byte-order mark."""
    return 3 if start.startswith(b"\xef\xbb\xbf") else 0
