"""Tables with all pixels of an image in one field: ``emotion,pixels,Usage`` of fer2013.

The field holds numbers with spaces or commas between them, perhaps in brackets; the column is
found by that and not by its name. What the other columns mean is told by `content.py`.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import arrays, content, encodings, rows, tables
from hangtag.rooms.load.columns import FEWEST_UNNAMED
from hangtag.rooms.load.growable import GrowableArray
from hangtag.rooms.load.tabled import Part

_BETWEEN = str.maketrans(",;[](){}\t\n", "          ")
_LARGEST = 1 << 24
"""Beyond this a row of a table is no small image."""


def find(table: tables.Table) -> int | None:
    """The column whose every field holds the numbers of an image; None without one."""
    for at in range(table.n_columns):
        fields = [row[at] for row in table.first if at < len(row)]
        counts = [len(field.translate(_BETWEEN).split()) for field in fields]
        many = [n for n in counts if n >= FEWEST_UNNAMED]
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)
            if 2 * len(many) > len(counts) and _values(fields[counts.index(many[0])]) is not None:
                return at
    return None


def read(
    file: Path,
    table: tables.Table,
    at: int,
    options: LoadOptions,
    unreadable: list[Unreadable],
    tell: Callable[[int], None],
) -> Part:
    """Read the images in column `at`.

    Raises:
        FormatError: They are of no size that can be told, or the packing is damaged.
        AmbiguousError: The labels may be in several columns.
    """
    shape: tuple[int, int, int] | None = None
    pixels = GrowableArray()
    others = [one for one in range(table.n_columns) if one != at]
    texts: dict[int, list[str | None]] = {one: [] for one in others}
    with warnings.catch_warnings():
        # What numpy says of text in which something is no number.
        warnings.simplefilter("error", DeprecationWarning)
        for number, fields in _rows(file, table, tell):
            values = _values(fields[at]) if len(fields) == table.n_columns else None
            if shape is None and values is not None:
                shape = arrays.shape_of(len(values), options.size)
            problem = _problem(fields, values, table, shape)
            if problem or values is None:
                unreadable.append(Unreadable(f"{file.name} row {number}", problem))
                continue
            pixels.append(values[None])
            for one in others:
                texts[one].append(fields[one].strip())
    if shape is None:
        raise FormatError(
            f"the images in '{table.name(at)}' of {file.name} are not square",
            "say their size, such as --size 14x28",
        )
    meaning = content.understand(table, texts, options, file.name)
    return Part(file.name, pixels.finish(), shape, False, meaning, meaning.notes)


def _problem(
    fields: list[str],
    values: NDArray[np.float32] | None,
    table: tables.Table,
    shape: tuple[int, int, int] | None,
) -> str:
    """Why a row is no image; empty when it is one."""
    if len(fields) != table.n_columns:
        return f"has {len(fields)} fields, not {table.n_columns}"
    if values is None:
        return "has pixels that are not numbers"
    if shape is None or len(values) != shape[0] * shape[1] * shape[2]:
        return f"has {len(values)} pixels" + (f", not {'×'.join(map(str, shape))}" if shape else "")
    return ""


def _rows(
    file: Path, table: tables.Table, tell: Callable[[int], None]
) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number; one that is damaged has no field."""
    with encodings.opened(file, table.encoding) as stream:
        stream.read(table.header_bytes)

        def lines() -> Iterator[str]:
            rest = b""
            while block := stream.read(rows.BLOCK):
                *whole, rest = (rest + block).split(b"\n")
                tell(stream.position)
                yield from (line.decode("utf-8", "replace") + "\n" for line in whole)
                if len(rest) > _LARGEST:
                    raise FormatError(
                        f"{file.name} has a line of more than {_LARGEST} bytes",
                        "it is not a table of small images",
                    )
            yield rest.decode("utf-8", "replace")

        reader = csv.reader(lines(), delimiter=table.separator)
        number = 0
        while True:
            number += 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield number, []
                continue
            if fields:
                yield number, fields


def _values(field: str) -> NDArray[np.float32] | None:
    """The numbers of a field; None when it holds anything else."""
    try:
        found = np.fromstring(field.translate(_BETWEEN), np.float32, sep=" ")
    except (ValueError, DeprecationWarning):
        return None
    return found if len(found) == len(field.translate(_BETWEEN).split()) else None
