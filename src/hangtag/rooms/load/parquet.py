"""Parquet files: Hugging Face's ``image`` and ``label`` columns, or one column for each pixel.

A file or a folder of them comes in, pictures and labels go out. The stated rules:

* the picture is a column of encoded pictures (``image`` as ``{bytes, path}`` or bytes), of lists
  of pixel values, or, if there is none, one column for each pixel as in `csv.py`.
* names of classes are those that Hugging Face's features in the file say; its -1 is no label.
* parts are told by the names of files (``train-00000-of-00002.parquet``) or of their folders.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import arrays, columns, tables
from hangtag.rooms.load.base import Claim, LoadRequest, Member, Method
from hangtag.rooms.load.labels import to_codes
from hangtag.rooms.load.parts import part_in, part_rank, ranges
from hangtag.rooms.load.raw import Raw, check_memory

if TYPE_CHECKING:
    import polars

MAGIC = b"PAR1"
PICTURE_NAMES = ("image", "img", "images", "picture", "jpg", "png", "webp", "bytes", "pixels")
_NESTED = 4
"""Lists in lists in lists, and the pictures themselves."""


@dataclass(frozen=True)
class _Chosen:
    """Which columns of a file are what: its picture column, or pixel columns; its label."""

    picture: str | None
    pixels: tuple[str, ...]
    shape: tuple[int, int, int] | None
    label: str | None


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a Parquet source, or None when it is not."""
    if path.is_file():
        with path.open("rb") as file:
            return Claim("it begins like a Parquet file") if file.read(4) == MAGIC else None
    found = _files(path)
    return Claim(f"the folder holds {found[0].relative_to(path).as_posix()}") if found else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every file of a source.

    Raises:
        FormatError: A file is damaged, or has no pictures in a form that is known.
    """
    files = [path] if path.is_file() else _files(path)
    found = [_Part(file, _part(file, path), options) for file in files]
    found.sort(key=lambda one: part_rank(one.part))
    encoded = [one for one in found if one.is_encoded]
    if encoded and len(encoded) < len(found):
        raise FormatError(
            f"{path.name} mixes files of encoded pictures with files of pixels",
            "load them one by one",
        )
    raw = _gathered(found, options, path) if encoded else _stacked(found, path)
    names = next((one.class_names for one in found if one.class_names), {})
    if not names or raw.codes is None or raw.codes.dtype.kind != "i":
        return raw
    unlabelled = raw.codes < 0
    if raw.unlabelled is not None:
        unlabelled |= raw.unlabelled
    return replace(
        raw,
        class_names=names,
        all_codes=tuple(names),
        unlabelled=unlabelled if unlabelled.any() else None,
    )


class _Part:
    """One file: which part it is, and its columns as polars reads them."""

    def __init__(self, file: Path, part: str, options: LoadRequest) -> None:
        self.file = file
        self.part = part
        with _polars_errors(file):
            self._schema = _schema(file)
            self.chosen = _choose(self._schema, options, file)
            self.class_names = _class_names(file, self.chosen.label)
            wanted = [self.chosen.picture or "", self.chosen.label or "", *self.chosen.pixels]
            self.frame = _frame(file, [name for name in wanted if name])

    @property
    def is_encoded(self) -> bool:
        """Whether the pictures are encoded files and not pixel values."""
        import polars

        if self.chosen.picture is None:
            return False
        kind = self._schema[self.chosen.picture]
        return kind == polars.Binary or isinstance(kind, polars.Struct)

    def labels(self) -> list[str | None]:
        """One label per row, as text."""
        if self.chosen.label is None:
            return [None] * len(self.frame)
        import polars

        with _polars_errors(self.file):
            return self.frame[self.chosen.label].cast(polars.String).to_list()

    def encoded(self) -> list[bytes | None]:
        """The encoded pictures."""
        import polars

        assert self.chosen.picture is not None
        column = self.frame[self.chosen.picture]
        with _polars_errors(self.file):
            if isinstance(column.dtype, polars.Struct):
                column = column.struct.field("bytes")
            return column.to_list()

    def pixels(self) -> NDArray[np.uint8]:
        """The pictures that are stored as values, ``(n, height, width, channels)``."""
        if self.chosen.picture is not None:
            with _polars_errors(self.file):
                values = _nested(self.frame[self.chosen.picture], self.file)
            return arrays.to_pictures(values, f"{self.chosen.picture} in {self.file.name}")[0]
        assert self.chosen.shape is not None
        with _polars_errors(self.file):
            values = self.frame.select(self.chosen.pixels).to_numpy()
        return arrays.to_bytes(values, self.file.name)[0].reshape(-1, *self.chosen.shape)


def _gathered(found: list[_Part], options: LoadRequest, path: Path) -> Raw:
    from hangtag.rooms.load import gathering

    members: list[Member] = []
    bad: list[Unreadable] = []
    numbers: dict[str, int] = {}
    for one in found:
        for content, label in zip(one.encoded(), one.labels(), strict=True):
            number = numbers.get(one.part, 0)
            numbers[one.part] = number + 1
            identity = f"{one.part}/{number:05d}"
            if content is None:
                bad.append(Unreadable(identity, "holds no bytes, only a path"))
            else:
                members.append(Member(identity, one.part, label, partial(bytes, content)))
    return gathering.gather(members, options, str(path), unreadable=bad)


def _stacked(found: list[_Part], path: Path) -> Raw:
    pieces = [one.pixels() for one in found]
    if len({piece.shape[1:] for piece in pieces}) > 1:
        raise FormatError(f"{path.name} holds pictures of different shapes", "load them one by one")
    sizes: dict[str, int] = {}
    for one, piece in zip(found, pieces, strict=True):
        sizes[one.part] = sizes.get(one.part, 0) + len(piece)
    codes, unlabelled, _ = to_codes([label for one in found for label in one.labels()])
    images = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
    return Raw(images=images, codes=codes, unlabelled=unlabelled, parts=ranges(sizes))


def _choose(schema: Mapping[str, Any], options: LoadRequest, file: Path) -> _Chosen:
    lower = {name.lower(): name for name in schema}
    label = _label(lower, options, file)
    picture = next((lower[name] for name in PICTURE_NAMES if name in lower), None)
    if picture is not None:
        return _Chosen(picture, (), None, label)
    names = tuple(schema)
    table = tables.Table(",", names, (tuple("0" for _ in names),), 0)
    layout = columns.arrange(table, label, options, file)
    at = None if layout.label is None else names[layout.label]
    return _Chosen(None, tuple(names[one] for one in layout.pixels), layout.shape, at)


def _label(lower: Mapping[str, str], options: LoadRequest, file: Path) -> str | None:
    if options.label is not None:
        if options.label.lower() not in lower:
            raise FormatError(
                f"{file.name} has no column '{options.label}'",
                f"its columns begin with {', '.join(list(lower.values())[:8])}",
            )
        return lower[options.label.lower()]
    named = next((lower[name] for name in tables.LABEL_NAMES if name in lower), None)
    ending = [lower[name] for name in lower if name.endswith(("_label", "_class"))]
    return named or (ending[0] if len(ending) == 1 else None)


def _nested(column: polars.Series, file: Path) -> NDArray[Any]:
    """Lists in lists of values as one array.

    Raises:
        FormatError: The lists are not of one length.
    """
    import polars

    shape = [len(column)]
    for _ in range(_NESTED):
        if not isinstance(column.dtype, polars.List | polars.Array):
            break
        if isinstance(column.dtype, polars.Array):
            column = column.arr.to_list()
        lengths = column.list.len().unique()
        if len(lengths) != 1 or not lengths[0]:
            raise FormatError(
                f"{file.name} holds pictures of {len(lengths)} different lengths",
                "store them encoded, or all in one size",
            )
        shape.append(int(lengths[0]))
        column = column.explode()
    if column.null_count() or not column.dtype.is_numeric():
        raise FormatError(
            f"{file.name} has a column '{column.name}' of {column.dtype}, which is no picture",
            "pictures are encoded bytes or lists of pixel values",
        )
    return column.to_numpy().reshape(shape)


def _class_names(file: Path, label: str | None) -> dict[int, str]:
    """The names that Hugging Face's features give the codes of a column."""
    import polars

    said = polars.read_parquet_metadata(file).get("huggingface", "")
    try:
        names = json.loads(said)["info"]["features"][label]["names"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    fits = isinstance(names, list) and all(isinstance(one, str) for one in names)
    return dict(enumerate(names)) if fits else {}


def _schema(file: Path) -> Mapping[str, Any]:
    import polars

    return polars.read_parquet_schema(file)


def _frame(file: Path, names: list[str]) -> polars.DataFrame:
    import polars

    # Encoded pictures unpack to about their size in the file; values may unpack to many times it.
    check_memory(file.stat().st_size, file.name)
    return polars.read_parquet(file, columns=names, use_statistics=False)


@contextmanager
def _panics_unprinted() -> Iterator[None]:
    """Keep back what polars' threads print when they panic over a damaged file.

    They write to the standard error of the process past Python; anything else that was written
    there meanwhile is passed on at the end.
    """
    from polars.exceptions import PanicException

    try:
        stderr = os.dup(2)
    except OSError:  # there is no standard error to keep anything from
        yield
        return
    with TemporaryFile() as kept:
        sys.stderr.flush()
        os.dup2(kept.fileno(), 2)
        panicked = False
        try:
            yield
        except PanicException:
            panicked = True
            raise
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            if not panicked:
                kept.seek(0)
                os.write(2, kept.read())


@contextmanager
def _polars_errors(file: Path) -> Iterator[None]:
    """Turn whatever polars makes of a damaged file into a sentence."""
    from polars.exceptions import PanicException, PolarsError

    try:
        with _panics_unprinted():
            yield
    except (PolarsError, PanicException, OSError, ValueError) as error:
        first = str(error).split("\n")[0][:200]
        raise FormatError(
            f"{file.name} is damaged or cut off ({first})", "fetch or write the file again"
        ) from None


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for pattern in ("*.parquet", "*/*.parquet"):
        found = found or sorted(one for one in folder.glob(pattern) if one.is_file())
    return found


def _part(file: Path, source: Path) -> str:
    folder = part_in(file.parent.name) if file.parent != source else None
    return part_in(file.stem) or folder or "all"


METHOD = Method("parquet", look, read)
