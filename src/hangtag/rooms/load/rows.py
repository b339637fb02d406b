"""The rows of a table of pixels: numbers of the pixel columns, text of all others, block by block.

Blocks are parsed at once where every line fits; a block with a line that does not is read line by
line, and that line is listed as unreadable. Pixels are read as bytes until more than one row in
twenty does not fit into them; then the table is read again as numbers of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from csv import Error as CsvError
from csv import reader
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import AmbiguousError, FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import arrays, encodings, tables
from hangtag.rooms.load.columns import FEWEST_UNNAMED, MOST_EXTRA, Layout
from hangtag.rooms.load.content import numbers
from hangtag.rooms.load.growable import GrowableArray

if TYPE_CHECKING:
    import polars

BLOCK = 1 << 20
"""Bytes of text parsed at a time: larger blocks are no faster and need memory."""

_FEW = 20
_ONE_IN = 20


@dataclass(frozen=True)
class Rows:
    """What was read.

    Attributes:
        pixels: ``(n, pixel columns)`` uint8 or float32.
        texts: The fields of every row, by column.
        unreadable: The lines that were left out.
    """

    pixels: NDArray[Any]
    texts: dict[int, list[str | None]]
    unreadable: list[Unreadable]


class _NotBytes(Exception):  # noqa: N818 - it is no error: the table is read in another way
    """Too many rows hold values that are no bytes."""


class _NotUtf8(Exception):  # noqa: N818 - as above
    """A block is not in UTF-8, and looks like Windows-1252."""


def read(file: Path, layout: Layout, tell: Callable[[int], None]) -> Rows:
    """Read all rows.

    Args:
        file: The table.
        layout: Which columns are pixels, and how they are written.
        tell: Told how many packed bytes have been read.

    Raises:
        FormatError: The packing is damaged, or a line never ends.
    """
    while True:
        reading = _Reading(file, layout)
        try:
            return reading.all(tell)
        except _NotBytes:
            # From the beginning: rows that were kept as bytes were rounded or left out by a rule
            # that turned out wrong.
            layout = replace(layout, floats=True)
        except _NotUtf8:
            table = replace(layout.table, encoding=encodings.WESTERN)
            layout = replace(layout, table=table)


def with_columns(
    pixels: NDArray[Any],
    texts: dict[int, list[str | None]] | Any,  # noqa: ANN401 - by column
    front: Sequence[int],
    back: Sequence[int],
) -> NDArray[Any]:
    """Put columns that were read as text before and behind the pixels."""
    if not front and not back:
        return pixels
    kind = pixels.dtype
    sides = [
        np.nan_to_num(np.column_stack([numbers(texts[at]) for at in some])).astype(kind)
        if some
        else np.empty((len(pixels), 0), kind)
        for some in (front, back)
    ]
    return np.concatenate([sides[0], pixels, sides[1]], axis=1)


OneHot = tuple[NDArray[Any], tuple[int, int, int], list[str | None]]


def without_one_hot(pixels: NDArray[Any], options: LoadOptions, where: str) -> OneHot | None:
    """Take the columns of a one-hot label off either end.

    Returns:
        The pixels, their shape, the labels; None when no columns at an end hold exactly one 1 in
        each row and leave an image.

    Raises:
        AmbiguousError: Several numbers of columns do.
    """
    n = pixels.shape[1]
    fitting: list[tuple[slice, slice, tuple[int, int, int]]] = []
    for extra in range(2, min(MOST_EXTRA, n - FEWEST_UNNAMED) + 1):
        shape = arrays.shape_of(n - extra, options.size)
        if shape is None:
            continue
        for hot, rest in ((slice(extra), slice(extra, n)), (slice(n - extra, n), slice(n - extra))):
            block = pixels[:, hot]
            # Exactly one 1 in every row of all rows: black borders of images hold zeros only, and
            # no random block keeps this for long.
            if block.max() == 1 and (block.sum(axis=1) == 1).all() and np.isin(block, (0, 1)).all():
                fitting.append((hot, rest, shape))
    fitting = [one for one in fitting if one[2][:2] == options.size] or fitting
    if len(fitting) > 1:  # a class that never occurs may as well be an edge that is always black
        fitting = [one for one in fitting if pixels[:, one[0]].any(axis=0).all()]
        if len(fitting) != 1:
            raise AmbiguousError(
                f"{where} has {n} columns of numbers without names, and how many of them are a"
                " one-hot label cannot be told",
                "give it a header, or say the size of the images, such as --size 28",
            )
    if not fitting:
        return None
    hot, rest, shape = fitting[0]
    labels: list[str | None] = [str(one) for one in pixels[:, hot].argmax(axis=1)]
    return np.ascontiguousarray(pixels[:, rest]), shape, labels


@dataclass
class _Reading:
    """One file on its way into a growing array."""

    file: Path
    layout: Layout
    pixels: GrowableArray = field(default_factory=GrowableArray)
    unreadable: list[Unreadable] = field(default_factory=list)
    row: int = 0
    odd: int = 0
    texts: list[polars.DataFrame] = field(default_factory=list)

    def all(self, tell: Callable[[int], None]) -> Rows:
        """Read block after block; tell the packed bytes read so far."""
        table = self.layout.table
        with encodings.opened(self.file, table.encoding) as stream:
            stream.read(table.header_bytes)
            rest = b""
            while block := stream.read(BLOCK):
                # A block ends at a line's end; what begins the next line waits for its rest.
                text, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    self._block(text + newline)
                # Without this a file without line breaks would be read into memory whole before it
                # is refused.
                elif len(rest) > tables.FIRST_BYTES * 4:
                    raise FormatError(
                        f"{self.file.name} has a line of more than {len(rest)} bytes",
                        "it is not a table of small images",
                    )
                tell(stream.position)
            if rest.strip():
                self._block(rest + b"\n")
        self._check_bytes(least=1)
        return Rows(self._finish(), self._texts(), self.unreadable)

    def _finish(self) -> NDArray[Any]:
        pixels = self.pixels.finish()
        return pixels if len(pixels) else np.empty((0, len(self.layout.pixels)), np.uint8)

    def _texts(self) -> dict[int, list[str | None]]:
        import polars

        if not self.texts:
            return {at: [] for at in self.layout.texts}
        every = polars.concat(self.texts)
        comma = self.layout.doubtful if self.layout.table.decimal_comma else ()
        return {at: _stripped(every[f"c{at}"], at in comma) for at in self.layout.texts}

    def _block(self, text: bytes) -> None:
        if not text.isascii() and self.layout.table.encoding == "utf-8":
            self._check_utf8(text)
        frame = _parse(text, self.layout)
        n_lines = text.count(b"\n")
        # polars drops blank lines and may join lines inside quotes: with another number of rows it
        # read something else than lines.
        if frame is None or len(frame) != n_lines:
            self._line_by_line(text)
            return
        pixels = frame.select(f"c{one}" for one in self.layout.pixels)
        self._keep(pixels.to_numpy(), frame.select(f"c{at}" for at in self.layout.texts))
        self.row += n_lines

    def _check_utf8(self, text: bytes) -> None:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            if encodings.is_western(text) and self.layout.texts:
                raise _NotUtf8 from None

    def _line_by_line(self, text: bytes) -> None:
        """The slow way through a block with lines that do not fit; keeps those that do."""
        import polars

        kept, texts = [], []
        for line in text.splitlines():
            self.row += 1
            if not line.strip():
                continue
            try:
                fields, values = _fields(line, self.layout)
            except FormatError as bad:
                # Only values that are no bytes count: rows that are damaged otherwise stay damaged
                # when read as floats.
                self.odd += _IS_NO_BYTE in bad.message
                self.unreadable.append(Unreadable(f"{self.file.name} row {self.row}", bad.message))
                self._check_bytes(least=_FEW)
                continue
            kept.append(values)
            texts.append(fields)
        if kept:
            names = [f"c{at}" for at in self.layout.texts]
            schema = dict.fromkeys(names, polars.String)
            self._keep(np.stack(kept), polars.DataFrame(texts, schema, orient="row"))

    def _check_bytes(self, least: int) -> None:
        """Give up reading bytes when that leaves too many rows out."""
        if not self.layout.floats and self.row >= least and self.odd * _ONE_IN > self.row:
            raise _NotBytes

    def _keep(self, pixels: NDArray[Any], texts: polars.DataFrame) -> None:
        self.pixels.append(pixels)
        self.texts.append(texts)


def _stripped(column: polars.Series, decimal_comma: bool) -> list[str | None]:
    column = column.str.strip_chars()
    return (column.str.replace(",", ".", literal=True) if decimal_comma else column).to_list()


_IS_NO_BYTE = "which is not a whole number from 0 to 255"


def _parse(text: bytes, layout: Layout) -> polars.DataFrame | None:
    """The lines as a frame; None when any of them does not fit."""
    import polars

    kind = polars.Float32 if layout.floats else polars.UInt8
    names = [f"c{at}" for at in range(layout.table.n_columns)]
    schema: dict[str, Any] = dict.fromkeys(names, polars.String)
    schema |= {f"c{at}": kind for at in layout.pixels}
    try:
        frame = polars.read_csv(
            text,
            has_header=False,
            separator=layout.table.separator,
            schema=schema,
            decimal_comma=layout.table.decimal_comma,
        )
    except polars.exceptions.PolarsError:
        return None
    pixels = frame.select(f"c{at}" for at in layout.pixels)
    return None if sum(pixels.null_count().row(0)) else frame


def _fields(line: bytes, layout: Layout) -> tuple[list[str], NDArray[Any]]:
    """Text fields and pixels of one line.

    Raises:
        FormatError: It is not one image.
    """
    try:
        fields = next(reader([line.decode()], delimiter=layout.table.separator, strict=True))
    except UnicodeDecodeError:
        raise FormatError("is not in UTF-8") from None
    except CsvError:
        raise FormatError("is not text with fields") from None
    if len(fields) != layout.table.n_columns:
        raise FormatError(f"has {len(fields)} fields, not {layout.table.n_columns}")
    values = np.array([_number(fields[at], layout.table.decimal_comma) for at in layout.pixels])
    texts = [fields[at].strip() for at in layout.texts]
    if layout.floats:
        return texts, values.astype(np.float32)
    if not ((values % 1 == 0) & (values >= 0) & (values <= 255)).all():
        bad = values[~((values % 1 == 0) & (values >= 0) & (values <= 255))][0]
        raise FormatError(f"has a pixel {bad:g}, {_IS_NO_BYTE}")
    return texts, values.astype(np.uint8)


def _number(field_text: str, decimal_comma: bool) -> float:
    plain = field_text.replace(",", ".") if decimal_comma else field_text
    if not tables.NUMBER.fullmatch(plain):
        raise FormatError(f"has a pixel {field_text[:20]!r}, which is not a number")
    return float(plain)
