"""How a table of values is written: encoding, separator, decimal sign, header, first lines.

Shared by all that read tables: `csv.py` (pixels in columns), `pixelcolumn.py` (pixels in one
column) and `manifest.py` (paths in a column). Nothing is decided here about what columns mean.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hangtag.errors import FormatError, UsageError
from hangtag.rooms.load import encodings, headers, streams, trees

LABEL_NAMES = (
    *("label", "labels", "class", "category", "target", "y", "class_name", "class_id"),
    *("class_label", "classes", "targets", "categories", "labelname", "label_name", "classname"),
    *("label_id", "category_id", "category_name", "target_name", "emotion", "digit", "letter"),
)
"""Names of a column with labels, the most likely first; compared in lower case."""

PART_COLUMNS = (
    *("split", "usage", "part", "subset", "set", "partition", "fold", "kfold", "data_split"),
    *("dataset_split", "split_name", "is_train", "is_valid", "is_validation", "is_val", "is_test"),
)
"""Names of a column that says a predefined split, which `predefined_splits.py` reads."""

ID_NAMES = ("", "id", "ids", "index", "idx", "image_id", "imageid", "row", "row_id", "unnamed: 0")
"""Names of a column that numbers the rows; compared in lower case."""

SEPARATORS = ",;\t|"
FIRST_BYTES = 1 << 22
"""This much of a file is looked at to see its first lines."""

FIRST_LINES = 20

NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*", re.ASCII)
_COMMA_NUMBER = re.compile(r"\s*[-+]?\d+,\d+([eE][-+]?\d+)?\s*", re.ASCII)
_SUFFIX = re.compile(r"\.(csv|tsv|txt)(\.(gz|xz|zip))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """How a table is written.

    Attributes:
        separator: Between fields.
        header: Names of the columns, or None when the first line holds values.
        first: The fields of the first lines that hold values.
        header_bytes: Length of the header line in UTF-8 (with its newline, and a byte-order mark).
        encoding: Of the text, such as ``utf-8`` or ``utf-16-le``; see `encodings.py`.
        decimal_comma: Whether numbers are written ``0,5``.
        lost_row: Whether there is no header but the values of a row, as pandas writes them when
            it has taken the first row for the names of columns; that row's values are gone.
    """

    separator: str
    header: tuple[str, ...] | None
    first: tuple[tuple[str, ...], ...]
    header_bytes: int
    encoding: str = "utf-8"
    decimal_comma: bool = False
    lost_row: bool = False

    @property
    def n_columns(self) -> int:
        """Columns in the header, or else in the first line."""
        return len(self.header if self.header is not None else self.first[0])

    def column(self, *names: str) -> int | None:
        """The first column called by one of `names`, in lower case; None when none is."""
        lower = [name.strip().lower() for name in self.header or ()]
        return next((lower.index(name) for name in names if name in lower), None)

    def name(self, column: int) -> str:
        """What a column is called, or else its number, counted from 1."""
        return self.header[column] if self.header is not None else f"column {column + 1}"


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name."""
    return bool(_SUFFIX.search(path.name)) and path.is_file()


def inside(folder: Path) -> list[Path]:
    """The tables directly in `folder`, in the order of their names."""
    return [folder / name for name in trees.files(folder, _SUFFIX) if not name.startswith(".")]


def stem(path: Path) -> str:
    """The name of a table without its suffixes."""
    return _SUFFIX.sub("", path.name)


def sniff(path: Path, header: bool | None = None) -> Table | None:
    """Look at the first lines of a table.

    Args:
        path: The file.
        header: Whether the first row names the columns, where somebody has said so.

    Returns:
        None when they are not text with at least one row.
    """
    try:
        with streams.unpacked(path) as stream:
            start = stream.read_lines(FIRST_BYTES, FIRST_LINES)
    except UsageError:
        return None
    return parse_start(start, header)


def parse_start(start: bytes, header: bool | None = None) -> Table | None:
    """As :func:`sniff`, of the first bytes of a file, which end at a line's end."""
    # The first bytes alone: a table of gigabytes must be recognized, or passed over, in a moment.
    encoding = encodings.guess(start)
    if encoding is None:
        return None
    text = encodings.decode_start(start, encoding)
    lines = [line for line in text.splitlines()[:FIRST_LINES] if line.strip()]
    if not lines:
        return None
    separator = _separator(lines)
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error:
        return None
    # The last row, as the first may be a header; and never where the comma divides fields already.
    comma = separator != "," and any(map(_COMMA_NUMBER.fullmatch, rows[-1]))
    plain = [tuple(_with_point(field) for field in row) for row in rows] if comma else rows
    said = headers.judge(plain, (*LABEL_NAMES, *PART_COLUMNS, *filter(None, ID_NAMES)))
    named = said is not headers.Header.NONE if header is None else header
    # pandas writes such a header when it was told of none: values of an image stand where names
    # belong.
    lost = named and said is headers.Header.LOST_ROW
    return Table(
        separator,
        tuple(field.strip() for field in rows[0]) if named and not lost else None,
        tuple(plain[named:]),
        _first_line(text, encoding) if named else _mark(encoding),
        encoding,
        comma,
        lost,
    )


def text_of(path: Path, most_bytes: int) -> tuple[str, str]:
    """The whole text of a table, and how it was encoded.

    Raises:
        FormatError: It is longer than `most_bytes`, damaged, or in an encoding that cannot be told.
    """
    with streams.unpacked(path) as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise FormatError(f"{path.name} is longer than {most_bytes >> 30} GiB", "split it up")
    return encodings.decode(content, path.name)


def _separator(lines: Sequence[str]) -> str:
    """The sign that divides every line into equally many fields; of several the most frequent.

    A comma inside of decimal numbers divides lines equally too, so another sign that leaves
    nothing but such numbers is preferred to it.
    """
    counted = {one: _fields_in_each(lines, one) for one in SEPARATORS}
    even: dict[str, int] = {one: n for one, n in counted.items() if n > 1}
    for other in (one for one in even if one != ","):
        fields = [field for line in lines[1:] or lines for field in line.split(other)]
        with_comma = [field for field in fields if "," in field]
        if with_comma and all(map(_COMMA_NUMBER.fullmatch, with_comma)):
            return other
    if even:
        return max(even.items(), key=lambda one: one[1])[0]
    found = max(SEPARATORS, key=lines[0].count)
    return found if found in lines[0] or " " not in lines[0].strip() else " "


def _fields_in_each(lines: Sequence[str], separator: str) -> int:
    """How many fields each line has; 0 when they differ."""
    try:
        counts = {len(row) for row in csv.reader(lines, delimiter=separator)}
    except csv.Error:
        return 0
    return counts.pop() if len(counts) == 1 else 0


def _with_point(field: str) -> str:
    return field.replace(",", ".") if _COMMA_NUMBER.fullmatch(field) else field


def _first_line(text: str, encoding: str) -> int:
    line = text.lstrip("\r\n").partition("\n")[0]
    skipped = len(text) - len(text.lstrip("\r\n"))
    length = len(line.encode("utf-8", "surrogateescape"))
    return int(_mark(encoding) + skipped + length + ("\n" in text[skipped:]))


def _mark(encoding: str) -> int:
    """Length of a byte-order mark in the text that is read."""
    return 3 if encoding == "utf-8-sig" else 0
