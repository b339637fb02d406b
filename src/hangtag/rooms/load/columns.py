"""Which column of a table of pixels is what: the first lines in, a Layout out.

The rules are in the opening of `csv.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hangtag.errors import FormatError
from hangtag.rooms.load import arrays, streams, tables
from hangtag.rooms.load.base import LoadRequest

PASSED_OVER = ("", "id", "index", "usage", "split", "unnamed: 0", "filename", "file_name")
"""Names of columns that are neither label nor pixel, in lower case."""

FEWEST_PIXELS = 4
_TRAILING_NUMBER = re.compile(r"\D*(\d+)")


@dataclass(frozen=True)
class Layout:
    """Which column is what.

    Attributes:
        table: How the text is written.
        label: Column of the label, or None.
        pixels: Columns of the pixels, in picture order.
        shape: ``(height, width, channels)``.
        floats: Whether pixels are written with a decimal point.
        notes: What was decided.
    """

    table: tables.Table
    label: int | None
    pixels: tuple[int, ...]
    shape: tuple[int, int, int]
    floats: bool
    notes: tuple[str, ...]


def plan(file: Path, options: LoadRequest) -> Layout:
    """Decide which column is what.

    Raises:
        FormatError: There is no text, or the columns are not a label and a picture.
    """
    table = tables.sniff(file)
    if table is None:
        streams.check(file)  # says why, if it is damaged
        raise FormatError(f"{file.name} holds no table of values", "see whether it is empty")
    if not table.first:
        raise FormatError(f"{file.name} has a header and no line after it", "add the pictures")
    return arrange(table, options.label, options, file)


def arrange(table: tables.Table, asked: str | None, options: LoadRequest, file: Path) -> Layout:
    """As :func:`plan`, of a table that has been looked at."""
    label = _label_column(table, asked, file)
    skipped = _skipped(table, label)
    others = [one for one in range(table.n_columns) if one != label and one not in skipped]
    pixels, reordered = _in_order(table, others)
    shape = _shape(len(pixels), options.size, file)
    notes = [f"columns {', '.join(map(_quoted, skipped.values()))} were passed over"] * bool(
        skipped
    )
    notes += ["pixel columns were put in the order of their numbers"] * reordered
    with_point = [any("." in row[at] for at in pixels if at < len(row)) for row in table.first]
    floats = sum(with_point) * 2 > len(with_point)
    return Layout(table, label, pixels, shape, floats, tuple(notes))


def has_pixels(table: tables.Table) -> bool:
    """Whether most fields of the first line with values are numbers, and enough of them."""
    if not table.first or table.n_columns < FEWEST_PIXELS:
        return False
    numbers = sum(bool(tables.NUMBER.fullmatch(field)) for field in table.first[0])
    return numbers >= max(FEWEST_PIXELS, 0.9 * len(table.first[0]) - 3)


def _label_column(table: tables.Table, asked: str | None, file: Path) -> int | None:
    if asked is not None:
        column = table.column(asked.lower())
        if column is None:
            raise FormatError(
                f"{file.name} has no column '{asked}'",
                f"its columns begin with {', '.join((table.header or ())[:8]) or 'no header'}",
            )
        return column
    named = table.column(*tables.LABEL_NAMES)
    if named is not None or arrays.side_of(table.n_columns - len(_skipped(table, None))):
        return named
    if table.header is not None:
        return _odd_one_out(table)
    firsts = {row[0] for row in table.first}
    lasts = {row[-1] for row in table.first}
    if not all(map(_may_be_pixel, firsts)) or not all(map(_may_be_pixel, lasts)):
        return 0 if all(map(_may_be_pixel, lasts)) else table.n_columns - 1
    return table.n_columns - 1 if len(firsts) == 1 < len(lasts) else 0


def _may_be_pixel(written: str) -> bool:
    return bool(tables.NUMBER.fullmatch(written)) and 0 <= float(written) <= 255


def _odd_one_out(table: tables.Table) -> int | None:
    """The only column whose name does not end with a number, if the others' names do."""
    skipped = _skipped(table, None)
    plain = [
        at
        for at, name in enumerate(table.header or ())
        if at not in skipped and not _TRAILING_NUMBER.fullmatch(name)
    ]
    return plain[0] if len(plain) == 1 else 0


def _skipped(table: tables.Table, label: int | None) -> dict[int, str]:
    return {
        at: name
        for at, name in enumerate(table.header or ())
        if at != label and name.lower() in PASSED_OVER
    }


def _in_order(table: tables.Table, columns: list[int]) -> tuple[tuple[int, ...], bool]:
    """Pixel columns by the numbers in their names; as they stand if any has none."""
    if table.header is None:
        return tuple(columns), False
    matches = [_TRAILING_NUMBER.fullmatch(table.header[at]) for at in columns]
    numbers = [int(match[1]) for match in matches if match]
    if len(numbers) < len(columns) or len(set(numbers)) < len(numbers):
        return tuple(columns), False
    ordered = [at for _, at in sorted(zip(numbers, columns, strict=True))]
    return tuple(ordered), ordered != columns


def _shape(n_pixels: int, size: tuple[int, int] | None, file: Path) -> tuple[int, int, int]:
    if size is not None and size[0] * size[1] in (n_pixels, n_pixels / 3):
        return *size, n_pixels // (size[0] * size[1])
    square = arrays.side_of(n_pixels)
    if square is None or n_pixels < FEWEST_PIXELS:
        raise FormatError(
            f"{file.name} has {n_pixels} pixel columns, which is no square picture",
            "say the size, such as size=(14, 28); or name the column of the label",
        )
    return square


def _quoted(name: str) -> str:
    return f"'{name}'"
