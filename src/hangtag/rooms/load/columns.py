"""Which columns of a table hold pixels: told by their names, or by how many there are.

Names that only pixels have (``pixel0``, ``1x1``, ``0_0``, ``r17``) settle it. Names that number
the columns without a gap (``0,1,…,783``, ``V1,…,V784``) and tables without a header are pixels if
there are as many as an image of 8×8 or more has; then `content.py` compares the values of all
rows. Everything else is kept as text, for `content.py` to say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hangtag.errors import FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays, streams, tables

FEWEST_PIXELS = 4
"""Columns whose names say that they are pixels are believed from this many on."""

FEWEST_UNNAMED = 64
"""Columns whose names do not say so are pixels only of images of 8×8 or more."""

MOST_EXTRA = 100
"""A table without header has at most so many columns besides pixels: one-hot labels."""

DOUBTFUL = 2
"""With at most so many columns besides pixels, the outermost ones may be either."""

_WORDS = frozenset({"pixel", "pixels", "pix", "px", "p", "img", "image", "pixelvalue", "intensity"})
_CHANNELS = {"r": 0, "red": 0, "g": 1, "green": 1, "b": 2, "blue": 2}
_PIECES = re.compile(r"\d+|[^\W\d_]+")
_TEN_DIGITS = 9


@dataclass(frozen=True)
class Layout:
    """Which columns are what, as far as names and the first rows say.

    Attributes:
        table: How the text is written.
        pixels: Columns of numbers that are pixels, in image order.
        texts: All other columns.
        doubtful: Those of `texts` that may be pixels.
        shape: ``(height, width, channels)``; None when the content has to say it.
        sure: Whether names (or the person) say that the pixels are pixels.
        interleaved: Whether the names say in which order colours stand; then they stand so.
        floats: Whether pixels are not written as whole numbers from 0 to 255.
        notes: What was decided.
        missing: How many pixels the numbers in the names leave out.
    """

    table: tables.Table
    pixels: tuple[int, ...]
    texts: tuple[int, ...]
    doubtful: tuple[int, ...]
    shape: tuple[int, int, int] | None
    sure: bool
    interleaved: bool
    floats: bool
    notes: tuple[str, ...] = ()
    missing: int = 0


@dataclass(frozen=True)
class _Run:
    """Columns that are pixels by their names."""

    columns: tuple[int, ...]
    sure: bool
    grid: tuple[int, int] | None = None
    interleaved: bool = False
    missing: int = 0


def plan(file: Path, options: LoadOptions) -> Layout:
    """Say which columns may be what.

    Raises:
        FormatError: There is no text, or no columns that could be pixels.
    """
    table = tables.sniff(file, options.header)
    if table is None:
        streams.check(file)  # says why, if it is damaged
        raise FormatError(f"{file.name} holds no table of values", "see whether it is empty")
    if not table.first:
        raise FormatError(f"{file.name} has a header and no line after it", "add the images")
    layout = arrange(table, options)
    if layout is None:
        raise FormatError(
            f"{file.name} has no columns that are pixels by their names",
            "call them pixel0, pixel1, …; or say --as csv if all its columns of numbers are pixels",
        )
    if layout.shape is None and not layout.doubtful and layout.sure and table.header is not None:
        n = len(layout.pixels)
        out = f"the numbers in their names leave {layout.missing} out"
        raise FormatError(
            f"{file.name} has {n} pixel columns, "
            + (f"but {out}" if layout.missing else "which is no square image"),
            "say the size, such as --size 14x28; or name the column of the label",
        )
    return layout


def arrange(table: tables.Table, options: LoadOptions) -> Layout | None:
    """As :func:`plan`, of a table that has been looked at; None when it has no pixels."""
    if not table.first:
        return None
    numeric = _numeric(table)
    asked = asked_label(table, options.label)
    if table.header is None:
        return _unnamed(table, numeric, options)
    run = _named_run(table, numeric, asked)
    if run is None and options.format == "csv":
        named = (tables.LABEL_NAMES, tables.PART_COLUMNS, tuple(filter(None, tables.ID_NAMES)))
        others = {asked, *(table.column(*names) for names in named)}
        run = _Run(tuple(at for at in numeric if at not in others), sure=True)
    return None if run is None else _of_run(table, run, options)


def _of_run(table: tables.Table, run: _Run, options: LoadOptions) -> Layout | None:
    shape = (*run.grid, 1) if run.grid else arrays.shape_of(len(run.columns), options.size)
    if run.missing and options.size is None:
        shape = None  # that what is left happens to be a square says nothing
    if not run.sure and shape is None:  # 0,1,…,784: the label has been numbered too
        return _unnamed(table, sorted(run.columns), options)
    if len(run.columns) < (FEWEST_PIXELS if run.sure else FEWEST_UNNAMED):
        return None
    # pixel10 stands before pixel2 where a program sorted names as text; the numbers say where they
    # belong.
    ordered = run.columns != tuple(sorted(run.columns))
    note = ("pixel columns were put in the order of their numbers",) if ordered else ()
    layout = _layout(table, run.columns, (), shape, run.sure, run.interleaved, note)
    return replace(layout, missing=run.missing)


def asked_label(table: tables.Table, label: str | None) -> int | None:
    """The column that somebody said has the labels: by name, by number, ``first`` or ``last``."""
    if label is None:
        return None
    named = table.column(label.strip().lower())
    if named is not None or (table.header is not None and not label.isdecimal()):
        return named
    ends = {"first": 0, "last": table.n_columns - 1}
    number = ends.get(label.lower(), int(label) - 1 if label.isdecimal() and len(label) < 9 else -1)
    return number if 0 <= number < table.n_columns else None


def _numeric(table: tables.Table) -> list[int]:
    """Columns that hold nothing but numbers in the first rows; one odd field is an odd field."""
    # Rows of another length are damaged; they must not decide what a column is.
    rows = [row for row in table.first if len(row) == table.n_columns] or list(table.first)
    return [
        at
        for at in range(table.n_columns)
        if 2 * sum(at < len(row) and bool(tables.NUMBER.fullmatch(row[at])) for row in rows)
        > len(rows)
    ]


def _named_run(table: tables.Table, numeric: Sequence[int], asked: int | None) -> _Run | None:
    """The largest group of columns whose names are alike but for numbers."""
    groups: dict[tuple[str, ...], list[tuple[tuple[int, ...], int]]] = {}
    there = set(numeric)
    for at, name in enumerate(table.header or ()):
        pieces = _PIECES.findall(name.lower())
        numbers = [piece for piece in pieces if piece.isdecimal()]
        if at != asked and numbers and all(len(piece) <= _TEN_DIGITS for piece in numbers):
            # Names that differ in their numbers alone are one group, whatever word the numbers
            # stand behind.
            kind = tuple("#" if piece.isdecimal() else piece for piece in pieces)
            groups.setdefault(kind, []).append((tuple(map(int, numbers)), at))
    # A field that is no number in a column of numbers is a damaged row, not another column.
    groups = {
        kind: group
        for kind, group in groups.items()
        if 2 * sum(at in there for _, at in group) > len(group)
    }
    colour = _colour_run(groups)
    if colour is not None:
        return colour
    return max(
        (run for kind, group in groups.items() if (run := _run_of(kind, group))),
        key=lambda run: len(run.columns),
        default=None,
    )


def _run_of(kind: tuple[str, ...], group: list[tuple[tuple[int, ...], int]]) -> _Run | None:
    group = sorted(group)
    numbers = [one for one, _ in group]
    columns = tuple(at for _, at in group)
    words = {piece for piece in kind if piece not in ("#", "x")}
    # Two columns of one number cannot both be that pixel.
    if len(set(numbers)) < len(numbers):
        return None
    if kind.count("#") == 2:
        grid = _grid(numbers)
        # A grid of one row is a list with two numbers in each name, such as a version; it says
        # nothing of an image's shape.
        return _Run(columns, sure=True, grid=grid) if grid and min(grid) > 1 else None
    if kind.count("#") != 1:
        return None
    flat = [one[0] for one in numbers]
    unbroken = flat[-1] - flat[0] == len(flat) - 1
    if words and words <= _WORDS:
        return _Run(columns, sure=True, missing=flat[-1] - flat[0] + 1 - len(flat))
    return _Run(columns, sure=False) if unbroken and len(words) <= 1 else None


def _grid(numbers: Sequence[tuple[int, ...]]) -> tuple[int, int] | None:
    """Rows and columns, if the names say every pair of them once."""
    rows = {one[0] for one in numbers}
    columns = {one[1] for one in numbers}
    whole = max(rows) - min(rows) + 1 == len(rows) and max(columns) - min(columns) + 1 == len(
        columns
    )
    return (len(rows), len(columns)) if whole and len(rows) * len(columns) == len(numbers) else None


def _colour_run(groups: dict[tuple[str, ...], list[tuple[tuple[int, ...], int]]]) -> _Run | None:
    """Columns of three channels by their names, put in the order of pixels."""
    found: dict[tuple[str, ...], dict[int, list[tuple[tuple[int, ...], int]]]] = {}
    for kind, group in groups.items():
        said = [piece for piece in kind if piece in _CHANNELS]
        rest = tuple(piece for piece in kind if piece not in _CHANNELS)
        if len(said) == 1:
            found.setdefault(rest, {})[_CHANNELS[said[0]]] = sorted(group)
    for channels in found.values():
        numbers = [[one for one, _ in channels.get(one, [])] for one in range(3)]
        # All three channels with the same numbers, or it is a table that happens to have columns
        # called r and b.
        if numbers[0] and numbers[0] == numbers[1] == numbers[2]:
            planes = [[at for _, at in channels[one]] for one in range(3)]
            columns = tuple(at for pixel in zip(*planes, strict=True) for at in pixel)
            return _Run(columns, sure=True, interleaved=True)
    return None


def _unnamed(table: tables.Table, numeric: list[int], options: LoadOptions) -> Layout | None:
    """The columns of a table without header: pixels, but perhaps for some at the ends."""
    asked = asked_label(table, options.label)
    inner = [at for at in numeric if at != asked]
    forced = options.format == "csv"
    extra = next(
        (
            n
            for n in range(min(MOST_EXTRA, len(inner) - 1) + 1)
            if (shape := arrays.shape_of(len(inner) - n, options.size))
            and (forced or shape[0] * shape[1] * shape[2] >= FEWEST_UNNAMED)
        ),
        None,
    )
    if extra is None or len(inner) < FEWEST_PIXELS:
        return None
    if extra == 0:
        shape = arrays.shape_of(len(inner), options.size)
        settled = asked is not None or len(inner) < table.n_columns
        also_less = arrays.shape_of(len(inner) - 1, options.size) is not None
        doubtful = not settled and also_less and len(inner) > FEWEST_UNNAMED
        if not doubtful:
            return _layout(table, tuple(inner), (), shape, forced, False)
    # With more columns than that they are one-hot labels at one end, which `rows.without_one_hot`
    # finds by their values.
    n = DOUBTFUL if extra <= DOUBTFUL else 0
    ends = {*inner[:n], *inner[-n:]} if n else set()
    pixels = tuple(at for at in inner if at not in ends)
    return _layout(table, pixels, tuple(sorted(ends)), None, forced, False)


def _layout(
    table: tables.Table,
    pixels: tuple[int, ...],
    doubtful: tuple[int, ...],
    shape: tuple[int, int, int] | None,
    sure: bool,
    interleaved: bool,
    notes: tuple[str, ...] = (),
) -> Layout:
    inside = set(pixels)
    texts = tuple(at for at in range(table.n_columns) if at not in inside)
    wide = [_is_wide(table.first, at) for at in pixels]
    rows = sum(any(_fraction(row, at) for at in pixels) for row in table.first)
    # One value beyond a byte may be damage; several in a column, or fractions in most rows, are how
    # the table is written.
    floats = any(wide) or rows * 2 > len(table.first)
    return Layout(table, pixels, texts, doubtful, shape, sure, interleaved, floats, notes)


def _is_wide(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column goes beyond bytes in more than one of the first rows."""
    values = [float(row[at]) for row in rows if at < len(row) and tables.NUMBER.fullmatch(row[at])]
    return sum(not 0 <= one <= 255 for one in values) > max(1, len(values) // 10)


def _fraction(row: Sequence[str], at: int) -> bool:
    return at < len(row) and ("." in row[at] or "e" in row[at].lower())
