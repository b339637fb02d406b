"""Parquet files: Hugging Face's ``image`` and ``label`` columns, or one column for each pixel.

A file or a folder of them comes in, images and labels go out. The stated rules:

* the image is a column of encoded images (``image`` as ``{bytes, path}`` or bytes), of lists
  of pixel values, or, if there is none, one column for each pixel, told as in `columns.py`; the
  label and the parts are told by the other columns of text and numbers as in `content.py`.
* names of classes are those that Hugging Face's features in the file say; its -1 is no label.
* parts are told by the names of files (``train-00000-of-00002.parquet``) or of their folders.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import arrays, columns, content, tabled, tables
from hangtag.rooms.load.base import Claim, LoadRequest, Member, Method
from hangtag.rooms.load.labels import is_missing
from hangtag.rooms.load.parquet_rows import Rows, polars_errors, rows_of, schema
from hangtag.rooms.load.parts import part_in, part_rank
from hangtag.rooms.load.plausible import check_pixels
from hangtag.rooms.load.raw import Raw, check_memory

if TYPE_CHECKING:
    import polars

MAGIC = b"PAR1"
IMAGE_NAMES = ("image", "img", "images", "picture", "jpg", "png", "webp", "bytes", "pixels")
_NESTED = 4
"""Lists in lists in lists, and the images themselves."""


@dataclass(frozen=True)
class _Chosen:
    """Which columns of a file are what: of images or pixels, and those that can be text.

    Attributes:
        images: The column of images, or the columns of pixels.
        texts: Other columns.
        layout: Of the pixels; None for a column of images.
        asked: Whether somebody has said which column has the labels.
    """

    images: list[str]
    texts: list[str]
    layout: columns.Layout | None
    asked: bool


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
        FormatError: A file is damaged, or has no images in a form that is known.
    """
    files = [path] if path.is_file() else _files(path)
    found = [_Part(file, _part(file, path), options) for file in files]
    found.sort(key=lambda one: part_rank(one.part))
    if "train" not in (parts := {one.part for one in found}) and len(parts) == 1:
        for one in found:
            one.part = "all"  # what lies alone is all there is, whatever it is called
    encoded = [one for one in found if one.is_encoded]
    if encoded and len(encoded) < len(found):
        raise FormatError(
            f"{path.name} mixes files of encoded images with files of pixels",
            "load them one by one",
        )
    raw = _gathered(found, options, path) if encoded else _stacked(found, options, path)
    names = next((one.class_names for one in found if one.class_names), {})
    if not names or raw.codes is None or raw.codes.dtype.kind != "i":
        return raw
    # Hugging Face writes -1 where a test set has no label.
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
        with polars_errors(file):
            self._schema = schema(file)
            table = _as_table(file, self._schema)
            self.chosen = _choose(table, self._schema, options, file)
            # Encoded images stay in the file until they are opened, however many there are;
            # values may unpack to many times their size in it.
            held = [] if self.is_encoded else self.chosen.images
            if held:
                check_memory(file.stat().st_size, file.name)
            self.frame = _frame(file, [*held, *self.chosen.texts])
            self.meaning = content.understand(
                table, self._texts(table), options, file.name, self._label_of_features(table)
            )
        self.class_names = self._class_names(table)

    def _texts(self, table: tables.Table) -> dict[int, list[str | None]]:
        import polars

        at = {name: number for number, name in enumerate(table.header or ())}
        return {
            at[name]: self.frame[name].cast(polars.String).to_list() for name in self.chosen.texts
        }

    def _label_of_features(self, table: tables.Table) -> int | None:
        """The only column that Hugging Face's features give names of classes to."""
        named = [at for at, name in enumerate(table.header or ()) if _names(self.file, name)]
        # Features name classes of several columns in sets with coarse and fine labels; then a
        # person has to say which.
        told = len(named) == 1 and table.name(named[0]) in self.chosen.texts
        return named[0] if told and not self.chosen.asked else None

    def _class_names(self, table: tables.Table) -> dict[int, str]:
        """The names that the features give the codes of the label's column."""
        for at, values in self._texts(table).items():
            if values == self.meaning.labels:
                return _names(self.file, table.name(at))
        return {}

    @property
    def is_encoded(self) -> bool:
        """Whether the images are encoded files and not pixel values."""
        import polars

        kind = self._schema[self.chosen.images[0]]
        return kind == polars.Binary or isinstance(kind, polars.Struct)

    def encoded(self) -> list[Callable[[], bytes]]:
        """What opens each of the encoded images."""
        with polars_errors(self.file):
            count = rows_of(self.file)
        rows = Rows(self.file, self.chosen.images[0], count)
        return [partial(rows.read, row) for row in range(count)]

    def tabled(self, options: LoadRequest) -> tabled.Part:
        """The images that are stored as values."""
        meaning, notes = self.meaning, self.meaning.notes
        with polars_errors(self.file):
            if self.chosen.layout is None:
                values = _nested(self.frame[self.chosen.images[0]], self.file)
            else:
                values = self.frame.select(self.chosen.images).to_numpy()
        if self.chosen.layout is None:
            where = f"{self.chosen.images[0]} in {self.file.name}"
            images, said = arrays.shape_up(values, where, options)
            shape = (images.shape[1], images.shape[2], images.shape[3])
            return tabled.Part(self.file.name, images, shape, True, meaning, (*said, *notes))
        layout = self.chosen.layout
        check_pixels(values, layout, self.file.name)
        assert layout.shape is not None
        notes = (*layout.notes, *notes)
        return tabled.Part(self.file.name, values, layout.shape, layout.interleaved, meaning, notes)


def _gathered(found: list[_Part], options: LoadRequest, path: Path) -> Raw:
    from hangtag.rooms.load import gathering

    members: list[Member] = []
    numbers: dict[str, int] = {}
    for one in found:
        encoded, predefined = one.encoded(), one.meaning.predefined
        labels = one.meaning.labels or [None] * len(encoded)
        parts = predefined.parts if predefined else [one.part] * len(encoded)
        together = one.meaning.groups or [None] * len(encoded)
        for image, label, part, group in zip(encoded, labels, parts, together, strict=True):
            # Numbered in each part over all files, so that a name stays the same however the set
            # was cut into files.
            number = numbers.get(part, 0)
            numbers[part] = number + 1
            written = None if is_missing(label) else label
            members.append(Member(f"{part}/{number:05d}", part, written, image, group))
    raw = gathering.gather(members, options, str(path))
    notes = dict.fromkeys(note for one in found for note in one.meaning.notes)
    return replace(raw, notes=(*notes, *raw.notes))


def _stacked(found: list[_Part], options: LoadRequest, path: Path) -> Raw:
    several: dict[str, tabled.Part] = {}
    for one in found:
        part = one.tabled(options)
        if one.part in several:
            part = several[one.part].followed_by(part)
        several[one.part] = part
    notes = dict.fromkeys(note for one in several.values() for note in one.notes)
    return tabled.join(several, list(notes), [], options, path.name)


def _as_table(file: Path, schema: Mapping[str, Any]) -> tables.Table:
    """Names and first rows as those of a table in text; what is no number is no pixel."""
    import polars

    plain = [name for name, kind in schema.items() if kind.is_numeric()]
    first = polars.read_parquet(file, columns=plain, n_rows=tables.FIRST_LINES)
    # As text, so that the same rules judge columns here as in a CSV of the same table.
    written = {name: first[name].cast(polars.String).fill_null("").to_list() for name in plain}
    names = tuple(schema)
    rows = tuple(
        tuple(written[name][row] if name in written else "text" for name in names)
        for row in range(len(first))
    )
    return tables.Table(",", names, rows or (("",) * len(names),), 0)


def _choose(
    table: tables.Table, schema: Mapping[str, Any], options: LoadRequest, file: Path
) -> _Chosen:
    """Which columns hold images, and which may say something about them.

    Raises:
        FormatError: No column holds images.
    """
    lower = {name.lower(): name for name in schema}
    image = next((lower[name] for name in IMAGE_NAMES if name in lower), None)
    texts = [name for name, kind in schema.items() if _is_plain(kind)]
    asked = options.label is not None
    if image is not None:
        return _Chosen([image], [one for one in texts if one != image], None, asked)
    layout = columns.arrange(table, options)
    if layout is None or layout.shape is None:
        n = len(layout.pixels) if layout else 0
        raise FormatError(
            f"{file.name} has {n} pixel columns, which is no square image"
            if n
            else f"{file.name} has no column of images or pixels by its names",
            "call it image, or the columns pixel0, pixel1, …; or say --as csv or --size",
        )
    pixels = [table.name(at) for at in layout.pixels]
    return _Chosen(pixels, [one for one in texts if one not in set(pixels)], layout, asked)


def _is_plain(kind: Any) -> bool:  # noqa: ANN401 - a polars type
    """Whether a column's values can be written as text: a label, a part, an id."""
    import polars

    return (
        kind.is_numeric()
        or kind in (polars.String, polars.Boolean, polars.Categorical)
        or (isinstance(kind, polars.Enum | polars.Categorical))
    )


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
        # polars makes lists of lists flat level by level; each level must be of one length to be an
        # axis.
        lengths = column.list.len().unique()
        if len(lengths) != 1 or not lengths[0]:
            raise FormatError(
                f"{file.name} holds images of {len(lengths)} different lengths",
                "store them encoded, or all in one size",
            )
        shape.append(int(lengths[0]))
        column = column.explode()
    if column.null_count() or not column.dtype.is_numeric():
        raise FormatError(
            f"{file.name} has a column '{column.name}' of {column.dtype}, which is no image",
            "images are encoded bytes or lists of pixel values",
        )
    return column.to_numpy().reshape(shape)


def _names(file: Path, label: str) -> dict[int, str]:
    """The names that Hugging Face's features give the codes of a column."""
    import polars

    # Features are JSON inside the file's own metadata; whatever does not look like them is as good
    # as none.
    said = polars.read_parquet_metadata(file).get("huggingface", "")
    try:
        names = json.loads(said)["info"]["features"][label]["names"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    fits = isinstance(names, list) and all(isinstance(one, str) for one in names)
    return dict(enumerate(names)) if fits else {}


def _frame(file: Path, names: list[str]) -> polars.DataFrame:
    import polars

    if not names:
        return polars.DataFrame()
    return polars.read_parquet(file, columns=names, use_statistics=False)


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for pattern in ("*.parquet", "*/*.parquet"):
        found = found or sorted(one for one in folder.glob(pattern) if one.is_file())
    return found


def _part(file: Path, source: Path) -> str:
    folder = part_in(file.parent.name) if file.parent != source else None
    return part_in(file.stem) or folder or "all"


METHOD = Method("parquet", look, read)
