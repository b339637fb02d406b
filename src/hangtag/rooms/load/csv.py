"""Tables with one picture a line (``label,pixel1,pixel2,…``), plain, .gz, .xz or .zip.

A file or a folder of them comes in, pictures and labels go out. The stated rules:

* a header is a first line of which most fields are not numbers.
* the label is the column called ``label``, ``class``, ``target``, … ; without a header the
  first column, or the last if the first never changes and the last does.
* columns called ``id``, ``index``, ``usage``, ``split`` or not at all are passed over.
* what is left are pixels, in the order of the numbers in their names if each has one; their
  count must be a square, or three times one, or fit the ``size`` asked for.
* pixels are whole numbers 0–255, or floats in [0, 1]. A line that breaks this is listed as
  unreadable and left out.

The file streams through in blocks: memory is the pictures plus a few megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from csv import Error as CsvError
from csv import reader
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import arrays, streams, tables, trees
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.columns import Layout, has_pixels, plan
from hangtag.rooms.load.growing import Growing
from hangtag.rooms.load.labels import to_codes
from hangtag.rooms.load.parts import part_in, part_rank, ranges
from hangtag.rooms.load.raw import Raw

if TYPE_CHECKING:
    import polars

BLOCK = 1 << 20
"""Bytes of text parsed at a time: larger blocks are no faster and need memory."""


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a pixel table or a folder with some, or None when it is not."""
    if path.is_dir():
        found = [one.name for one in _files(path)]
        return Claim(f"the folder holds {found[0]}, which has pixels in columns") if found else None
    table = tables.sniff(path) if streams.packing(path) or _is_text(path) else None
    if table is None or not has_pixels(table):
        return None
    return Claim(f"it is a table with {table.n_columns} columns of numbers")


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every table of a source into one array.

    Raises:
        FormatError: A table is damaged, or its columns are not a picture.
    """
    files = _by_part([path] if path.is_file() else _files(path))
    total = sum(file.stat().st_size for file in files.values())
    pixels = Growing()
    labels: list[polars.Series] = []
    sizes: dict[str, int] = {}
    notes: dict[str, None] = {}
    unreadable: list[Unreadable] = []
    shape: tuple[int, int, int] | None = None
    done = 0
    for part, file in files.items():
        layout = plan(file, options)
        shape = _same_shape(shape, layout.shape, file)
        notes.update(dict.fromkeys(layout.notes))
        before = len(pixels)
        one = _Reading(file, layout, pixels, unreadable)
        for read_bytes in one.blocks():
            options.progress("load", done + read_bytes, total, part)
        done += file.stat().st_size
        sizes[part] = len(pixels) - before
        labels += one.labels
    assert shape is not None
    images, said = arrays.to_bytes(pixels.finish(), str(path))
    parts = ranges(sizes)
    codes, unlabelled, _ = to_codes([one for series in labels for one in series.to_list()])
    return Raw(
        images=images.reshape(-1, *shape),
        codes=codes,
        unlabelled=unlabelled,
        parts=parts,
        notes=(*notes, *said),
        unreadable=tuple(unreadable),
    )


@dataclass
class _Reading:
    """One file on its way into the growing array."""

    file: Path
    layout: Layout
    pixels: Growing
    unreadable: list[Unreadable]
    row: int = 0
    labels: list[polars.Series] = field(default_factory=list)

    def blocks(self) -> Iterator[int]:
        """Read block after block; give the packed bytes read so far."""
        with streams.unpacked(self.file) as stream:
            stream.read(self.layout.table.header_bytes)
            rest = b""
            while block := stream.read(BLOCK):
                text, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    self._block(text + newline)
                elif len(rest) > tables.FIRST_BYTES * 4:
                    raise FormatError(
                        f"{self.file.name} has a line of more than {len(rest)} bytes",
                        "it is not a table of small pictures",
                    )
                yield stream.position
            if rest.strip():
                self._block(rest + b"\n")

    def _block(self, text: bytes) -> None:
        frame = _parse(text, self.layout)
        n_lines = text.count(b"\n")
        if frame is None or len(frame) != n_lines:
            self._line_by_line(text)
            return
        pixels = frame.select(f"c{one}" for one in self.layout.pixels)
        self._keep(pixels.to_numpy(), self._label_series(frame))
        self.row += n_lines

    def _line_by_line(self, text: bytes) -> None:
        """The slow way through a block with lines that do not fit; keeps those that do."""
        import polars

        kept, labels = [], []
        for line in text.splitlines():
            self.row += 1
            if not line.strip():
                continue
            try:
                label, values = _fields(line, self.layout)
            except FormatError as bad:
                self.unreadable.append(Unreadable(f"{self.file.name} row {self.row}", bad.message))
                continue
            kept.append(values)
            labels.append(label)
        if kept:
            self._keep(np.stack(kept), polars.Series("label", labels, polars.String))

    def _label_series(self, frame: polars.DataFrame) -> polars.Series:
        import polars

        if self.layout.label is None:
            return polars.Series("label", [None] * len(frame), polars.String)
        return frame[f"c{self.layout.label}"].alias("label")

    def _keep(self, pixels: NDArray[Any], labels: polars.Series) -> None:
        self.pixels.append(pixels)
        self.labels.append(labels)


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
        )
    except polars.exceptions.PolarsError:
        return None
    pixels = frame.select(f"c{at}" for at in layout.pixels)
    return None if sum(pixels.null_count().row(0)) else frame


def _fields(line: bytes, layout: Layout) -> tuple[str | None, NDArray[Any]]:
    """Label and pixels of one line.

    Raises:
        FormatError: It is not one picture.
    """
    try:
        fields = next(reader([line.decode()], delimiter=layout.table.separator, strict=True))
    except (UnicodeDecodeError, CsvError):
        raise FormatError("is not text with fields") from None
    if len(fields) != layout.table.n_columns:
        raise FormatError(f"has {len(fields)} fields, not {layout.table.n_columns}")
    values = np.array([_number(fields[at]) for at in layout.pixels])
    label = None if layout.label is None else fields[layout.label].strip()
    if layout.floats:
        return label, values.astype(np.float32)
    if not ((values % 1 == 0) & (values >= 0) & (values <= 255)).all():
        bad = values[~((values % 1 == 0) & (values >= 0) & (values <= 255))][0]
        raise FormatError(f"has a pixel {bad:g}, which is not a whole number from 0 to 255")
    return label, values.astype(np.uint8)


def _number(field_text: str) -> float:
    if not tables.NUMBER.fullmatch(field_text):
        raise FormatError(f"has a pixel {field_text[:20]!r}, which is not a number")
    return float(field_text)


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" not in file.read(4096)


def _files(folder: Path) -> list[Path]:
    """The pixel tables in a folder, or, if it holds none itself, one folder deeper.

    A table without a line that is called like a part belongs to them, so that a damaged test part
    is an error and not a set without one.
    """
    for level in ([folder], trees.subfolders(folder)):
        here = {file: tables.sniff(file) for place in level for file in tables.inside(place)}
        if any(table and has_pixels(table) for table in here.values()):
            return [
                one
                for one, table in here.items()
                if (has_pixels(table) if table and table.first else part_in(tables.stem(one)))
            ]
    return []


def _by_part(files: list[Path]) -> dict[str, Path]:
    """Part to file, train first.

    Raises:
        FormatError: Two files claim one part.
    """
    found: dict[str, Path] = {}
    for file in files:
        part = part_in(tables.stem(file)) or ("all" if len(files) == 1 else tables.stem(file))
        if part in found and tables.stem(found[part]) != tables.stem(file):
            raise FormatError(
                f"{found[part].name} and {file.name} both seem to be the {part} part",
                "give one of the files, or put each set into a folder of its own",
            )
        found.setdefault(part, file)
    return dict(sorted(found.items(), key=lambda item: part_rank(item[0])))


def _same_shape(
    known: tuple[int, int, int] | None, shape: tuple[int, int, int], file: Path
) -> tuple[int, int, int]:
    if known is not None and known != shape:
        raise FormatError(
            f"{file.name} has pictures of {shape}, the file before it {known}",
            "load the files one by one",
        )
    return shape


METHOD = Method("csv", look, read)
