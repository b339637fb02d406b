"""Tables beside images whose cells name the files, such as ``labels.csv`` and ``styles.csv``.

A table, or a folder with some, comes in; images with labels go out. A table is taken if a column
names image files, with or without suffix, in at least half of its rows, and another column, or
the name of the table, says a class or a part; other tables are passed over and named. Tables lie in
the folder itself, in the folders of its parts, or in one called ``annotations`` and the like.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hangtag.errors import AmbiguousError, FormatError, UsageError
from hangtag.records import LoadOptions
from hangtag.rooms.load import class_lists, label_columns, listings, paths, sheets, tables, trees
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Method
from hangtag.rooms.load.image_index import ImageIndex
from hangtag.rooms.load.parts import SILENT_WORDS, part_name, words_of
from hangtag.rooms.load.raw import Raw

ABOUT = frozenset(
    {"annotation", "annotations", "ann", "anns", "label", "labels", "gt", "meta", "metadata"}
    | {"csv", "csvs", "table", "tables", "list", "lists", "split", "splits", "imagesets"}
    | {"info", "data"}
)
"""Words in the names of folders that hold tables and no classes."""

COUNTS = frozenset({"count", "counts", "weights", "stats", "statistics", "distribution"})
"""Words in the names of tables about classes as a whole."""

SPREADSHEETS = (".xlsx", ".xls", ".ods")

WIDEST = 200
"""A table with more columns is looked at by its first rows alone: it holds pixels or features."""

FIRST_COLUMNS = 3
"""Of those, names of files without suffix are looked for in the first few columns."""


@dataclass(frozen=True)
class _Found:
    """The tables of a source: those that name images, and the names of the others."""

    tables: list[paths.Examined]
    others: list[str]
    index: ImageIndex
    problem: FormatError | None = None

    @property
    def n_named(self) -> int:
        """Images that a row names."""
        return len({one for table in self.tables for one in table.named.files if one})


def look(path: Path, options: LoadOptions) -> Claim | None:
    """Say why `path` is a table of paths or a folder with some, or None when it is not."""
    if path.is_file():
        table = _examined(path, ImageIndex(path.parent), options)
        return Claim("a column of it names image files") if table else None
    found = _find(path, options)
    if not found.tables:
        return Claim("the folder holds a table", Evidence.SHAPE) if found.problem else None
    names = " and ".join(dict.fromkeys(table.file.name for table in found.tables))
    return Claim(
        f"the folder holds {names}, with names of {found.n_named} of its"
        f" {len(found.index.files)} images",
        Evidence.CONTENT,
    )


def read(path: Path, options: LoadRequest) -> Raw:
    """Read the images that one table, or the tables of a folder, name.

    Raises:
        FormatError: A table is damaged, or no image can be read.
        AmbiguousError: Columns, tables or folders give several readings.
    """
    if path.is_file():
        index = ImageIndex(path.parent)
        table = paths.examine(path, index, options)
        if table is None:
            raise FormatError(
                f"{path.name} has no column of paths", f"call it {paths.PATH_NAMES[0]}"
            )
        raw = listings.read([table], index, options, path)
        note = f"{path.name} has a column as a model's answers have: its labels may be guesses"
        return replace(raw, notes=(*raw.notes, *[note] * paths.is_guess(table)))
    found = _find(path, options)
    if found.problem:
        raise found.problem
    _check_folders(path, found, options)
    raw = listings.read(found.tables, found.index, options, path)
    note = f"passed over: {', '.join(found.others)}"
    return replace(raw, notes=(*raw.notes, *[note] * bool(found.others)))


def _find(folder: Path, options: LoadOptions) -> _Found:
    """The tables that give classes, and those that divide the same images or others into parts."""
    files = [file for place in _places(folder) for file in _sheets(place)]
    index = ImageIndex(folder) if files or _spreadsheets(folder) else ImageIndex(folder, {})
    looked_at = [table for file in files if (table := _examined(file, index, options))]
    guesses = [table for table in looked_at if paths.is_guess(table)]
    looked_at = [table for table in looked_at if table not in guesses and _is_said(table)]
    labelled = [one for one in looked_at if label_columns.may_be_chosen(one.columns, options.label)]
    if options.label and any(label_columns.has(one.columns, options.label) for one in labelled):
        labelled = [one for one in labelled if label_columns.has(one.columns, options.label)]
    kept = [one for one in looked_at if one in labelled or one.divides]
    if any(one.divides for one in kept):  # of the others, lists of the classes with an icon each
        kept = [one for one in kept if one.divides or not label_columns.all_differ(one.columns)]
    said = [one.file.name for one in guesses]
    left = [file for file in files if file not in [one.file for one in kept]]
    others = [one.name for one in left if one.suffix.lower() not in (".txt", ".json")]
    others = [f"{one} (a model's answers)" if one in said else one for one in others]
    found = _Found(kept, others, index)
    if kept or not index.files or _classes(found):
        return found
    # Nothing else says the classes: then this is an error, and no set without them.
    return replace(
        found, problem=_why_not(folder, [one for one in left if one.parent == folder], index)
    )


def _why_not(folder: Path, files: Sequence[Path], index: ImageIndex) -> FormatError | None:
    """Why something in the folder that seems to say classes cannot be used."""
    for file in files:
        names_labels = (ABOUT | class_lists.NAMES) & set(words_of(file.stem))
        if (file.suffix.lower() == ".json" and names_labels) or _is_plain_table(file):
            try:
                sheets.read(file)
            except FormatError as error:
                return error
        if class_lists.n_lines(file) == len(index.files):
            return FormatError(
                f"{file.name} has a line for each of the {len(index.files)} images, but does not"
                " say which is whose",
                "write the name of the image before its label, or give --as folder to go without",
            )
    spreadsheet = next(iter(_spreadsheets(folder)), None)
    if spreadsheet is None:
        return None
    return FormatError(
        f"{spreadsheet} is a spreadsheet, which is not read",
        "save it as CSV, or give --as folder to go without",
    )


def _is_plain_table(file: Path) -> bool:
    return tables.is_table(file) and file.suffix.lower() != ".txt"


def _classes(found: _Found) -> list[str]:
    """Classes that the folders of all images would give, if there are several."""
    return sorted({one for one in paths.folder_labels(list(found.index.files), None) if one})


def _is_said(table: paths.Examined) -> bool:
    """Whether a text without columns names files that are there: a letter may mention some."""
    is_list = table.file.suffix.lower() not in (".txt", ".json")
    return is_list or table.named.n * 2 >= len(table.rows)


def _examined(file: Path, index: ImageIndex, options: LoadOptions) -> paths.Examined | None:
    """A table looked at; None for what is none, or is too wide to be one of paths."""
    if not _may_name_images(file, index):
        return None
    try:
        return paths.examine(file, index, options)
    except AmbiguousError:
        raise
    except UsageError:
        return None


def _may_name_images(file: Path, index: ImageIndex) -> bool:
    """Whether the first rows leave it open: tables of pixels are too long to read in vain."""
    if class_lists.is_list(file) or COUNTS & set(words_of(file.name)):
        return False
    if not tables.is_table(file):
        return sheets.is_sheet(file.name) and bool(index.files)
    first = tables.sniff(file)
    if first is None:
        return False
    rows = [*first.first, first.header or ()]
    if index.files and first.n_columns <= WIDEST:
        return True
    names = [cell for row in first.first for cell in row[:FIRST_COLUMNS]]
    if index.files and index.resolve(names, "", [None] * len(names)).n * 2 > len(first.first):
        return True
    return any(paths.is_path(cell) or paths.is_address(cell) for row in rows for cell in row)


def _check_folders(path: Path, found: _Found, options: LoadOptions) -> None:
    """Ask where tables name few of the images and folders would give classes to all."""
    if options.format or found.n_named * 2 >= len(found.index.files):
        return
    classes = _classes(found)
    if len(classes) > 1:
        raise AmbiguousError(
            f"{found.tables[0].file.name} in {path} names {found.n_named} of the"
            f" {len(found.index.files)} images, and their folders give {len(classes)} classes:"
            f" {', '.join(classes[:5])}",
            "say which counts: --as manifest or --as folder",
        )


def _places(folder: Path) -> Iterator[Path]:
    """The folder and those of its folders that hold a part, or tables, or all images."""
    yield folder
    inside = trees.subfolders(folder)
    for one in inside:
        words = set(words_of(one.name))
        if part_name(one.name) or ABOUT & words or words <= SILENT_WORDS or len(inside) == 1:
            yield one


def _sheets(folder: Path) -> list[Path]:
    """Tables, lists and JSON documents directly in a folder, in the order of their names."""
    names = sorted(name for name in os.listdir(folder) if sheets.is_sheet(name))  # noqa: PTH208
    return [file for name in names if (file := folder / name).is_file()]


def _spreadsheets(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.lower().endswith(SPREADSHEETS)]  # noqa: PTH208


METHOD = Method("manifest", look, read)
