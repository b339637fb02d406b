"""Tables that name image files: which column names them, which row is of which part and class.

Shared by `manifest.py` and `imagefolder.py`, step by step: :func:`examine` looks at all rows of
one table, :func:`rows_of` takes parts and labels out of it, and `listings.py` puts the rows of
several tables together. A path must stay inside the folder; one that leads out of it is listed as
unreadable and not opened.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hangtag.errors import AmbiguousError
from hangtag.records import LoadOptions
from hangtag.rooms.load import label_columns, predefined_splits, sheets, tables, trees
from hangtag.rooms.load.image_index import ADDRESS, ImageIndex, Named
from hangtag.rooms.load.label_columns import LABEL_NAMES, plain
from hangtag.rooms.load.parts import SILENT_WORDS, part_in, part_name, words_of

PATH_NAMES = (
    "filename", "file", "path", "filepath", "imagepath", "image", "img", "imagefile", "imagename",
    "imgpath", "imgname", "picture", "photo", "relpath", "relativepath", "fname", "files", "paths",
)  # fmt: skip
"""Names of a column with paths, the most likely first; compared as :func:`plain` writes them."""

ID_NAMES = ("id", "imageid", "imgid", "imageids", "sku", "productid", "itemid", "code", "uid",
            "uuid", "name", "key", "isicid", "photoid", "pictureid", "asin")  # fmt: skip
"""Names of a column with the names of files without suffix."""

PART_COLUMNS = frozenset(plain(one) for one in tables.PART_COLUMNS)
SHARDS = frozenset({"part", "batch", "shard", "chunk", "fold", "dir", "volume", "vol"})
"""Words in the names of folders that divide a large set, and say nothing about its images."""

NEVER_IDS = frozenset({"epoch", "step", "iteration", "rank", "fold", "split"})
GUESSES = frozenset({"submission", "prediction", "predictions", "preds"})
"""Words in the name of a table with a model's answers, which are nobody's labels."""

GUESS_COLUMNS = frozenset(
    {"confidence", "probability", "predicted", "prediction", "predictedclass", "predictedlabel"}
)
"""Columns of such a table, as :func:`plain` writes them."""

SAMPLE = 40
"""Cells of a column, spread over all rows, of which one has to be like a path to look at all."""


@dataclass(frozen=True)
class Examined:
    """A table whose column of paths is known.

    Attributes:
        file: The table.
        root: The source's folder, from which files count.
        base: The table's folder inside it; empty for the source itself.
        sheet: What was read.
        rows: Numbers of the rows, without the header.
        paths: The cells that name files.
        named: The files they name.
        parts: The part of each row as the table says it; None where it does not.
        columns: The other columns.
        spoiled: Files named by rows that have too many or too few fields.
    """

    file: Path
    root: Path
    base: str
    sheet: sheets.Sheet
    rows: list[int]
    paths: list[str]
    named: Named
    parts: list[str | None]
    columns: label_columns.Columns
    spoiled: frozenset[str] = frozenset()

    @property
    def part(self) -> str | None:
        """The part that the name of the table speaks of."""
        return part_of(self.file, self.base)

    @property
    def divides(self) -> bool:
        """Whether it says which part an image is in."""
        return self.part is not None or any(self.parts)


@dataclass(frozen=True)
class Row:
    """One row of a table of paths.

    Attributes:
        table: The table inside the source.
        where: Table and number.
        path: As written.
        file: The file it names inside the source; None where it names none.
        problem: Why the row cannot be used; empty where it can.
        label: As written; None without one.
        part: The part it says itself, or its table; None where neither does.
        group: What it belongs to; None where nothing says it.
    """

    table: str
    where: str
    path: str
    file: str | None
    problem: str
    label: str | None
    part: str | None
    group: str | None = None

    def says(self, what: str) -> str | None:
        """Its ``class`` or ``part``."""
        return self.label if what == "class" else self.part


def examine(file: Path, index: ImageIndex, options: LoadOptions) -> Examined | None:
    """Look at a whole table for the column that names files; None when there is none.

    Raises:
        FormatError: The table is damaged.
        AmbiguousError: Several columns name different files.
    """
    base = "" if file.parent == index.root else trees.identity(file.parent, index.root)
    sheet = sheets.read(file)
    at = _path_column(sheet, index, base)
    if at is None:
        return None
    names, rows = _header(sheet, at, index, base, options)
    titles = _titles(names, len(rows[0][1]) if rows else 0)
    others = {title: [row[one] for _, row in rows] for one, title in enumerate(titles) if one != at}
    parts, notes = _divide(others, options) or ([None] * len(rows), ())
    # The name of a table speaks for rows that say no part themselves; a column of parts goes before
    # it.
    by_name = part_of(file, base)
    paths = [row[at] for _, row in rows]
    bad = [row[at] for row in sheet.spoiled if at < len(row)]
    spoiled = index.resolve(bad, base, [by_name] * len(bad)).files
    return Examined(
        file=file,
        root=index.root,
        base=base,
        sheet=replace(sheet, notes=(*sheet.notes, *notes)),
        rows=[number for number, _ in rows],
        paths=paths,
        named=_named(index, base, paths, [one or by_name for one in parts], others),
        parts=parts,
        columns=label_columns.Columns(sheet.name, others, names is not None),
        spoiled=frozenset(one for one in spoiled if one),
    )


def part_of(file: Path, base: str) -> str | None:
    """The part that a table's own name, or the name of its folder, speaks of."""
    return part_in(sheets.SUFFIXES.sub("", file.name)) or part_name(base.rpartition("/")[2])


def rows_of(
    table: Examined, options: LoadOptions, *, others_have: bool = False
) -> tuple[list[Row], label_columns.Labels]:
    """The rows of a table with their labels.

    Args:
        table: What was found.
        options: The column asked for, and whether parts count.
        others_have: Whether another table has that column.

    Raises:
        FormatError: It has no column that was asked for, or labels are lists.
        AmbiguousError: Several columns could be the labels.
    """
    by_folder = folder_level(options.label)
    # Beside the table with the column that was asked for, others only say parts.
    asked = options.label or ""
    # Asked for a folder, the columns have no say, however much one of them looks like labels.
    silent = by_folder or (others_have and not label_columns.has(table.columns, asked))
    columns = label_columns.without(table.columns, options.group)
    labels = label_columns.Labels(None) if silent else label_columns.choose(columns, options.label)
    said = labels.labels or [None] * len(table.rows)
    if labels.labels is None:
        said = folder_labels(table.named.files, by_folder)
    by_name = None if options.parts is False else table.part
    rows = [
        Row(
            trees.identity(table.file, table.root),
            f"{table.file.name} row {number}",
            table.paths[at],
            table.named.files[at],
            labels.problems.get(at, table.named.problems[at]),
            said[at],
            table.parts[at] or by_name,
        )
        for at, number in enumerate(table.rows)
    ]
    return rows, labels


def is_guess(table: Examined) -> bool:
    """Whether a table holds a model's answers, as ``tags.csv`` and submissions do."""
    titles = set(map(plain, table.columns.cells))
    return bool(GUESSES & set(words_of(table.file.name)) or GUESS_COLUMNS & titles)


def folder_labels(files: Sequence[str | None], level: int | None) -> list[str | None]:
    """The folder that tells images apart, as the label of each; all None when none does.

    Args:
        files: Paths inside the source.
        level: The level that was asked for, counted from 1 without parts; None for the first one
            at which there are several folders.
    """
    steps = [
        [step for step in file.split("/")[:-1] if not part_name(step)] if file else []
        for file in files
    ]
    if level is not None:
        return [one[level - 1] if len(one) >= level else None for one in steps]
    there = [one for file, one in zip(files, steps, strict=True) if file]
    shared = 0
    # Steps that all files share tell no image from another; the first that differs may be the
    # class.
    while there and all(len(one) > shared and one[shared] == there[0][shared] for one in there):
        shared += 1
    found = [one[shared] if len(one) > shared else None for one in steps]
    names = {one for one in found if one}
    return found if len(names) > 1 and not _are_shards(names) else [None] * len(files)


def _are_shards(names: Collection[str]) -> bool:
    """Whether folders only divide a large set, such as ``images_001`` and ``images_002``."""
    words = {tuple(word for word in words_of(name) if not word.isdigit()) for name in names}
    return len(words) == 1 and any(word in SHARDS or word in SILENT_WORDS for word in words.pop())


def folder_level(label: str | None) -> int | None:
    """The level of folders that ``folder:2`` names; None for another text."""
    level = re.fullmatch(r"folder:(\d+)", label or "")
    return int(level.group(1)) if level else None


def _path_column(sheet: sheets.Sheet, index: ImageIndex, base: str) -> int | None:
    """The column that names files; by suffixes, else by names without them, else addresses."""
    rows = [row for _, row in sheet.rows]
    if not rows:
        return None
    titles = [plain(one) for one in sheet.names or rows[0]]
    # A first row that may be a header must not decide what kind of cells a column has.
    body = rows if sheet.names or len(rows) == 1 else rows[1:]
    scored: dict[str, list[int]] = {"path": [], "id": [], "address": []}
    for at, title in enumerate(titles):
        kind = _kind_of([row[at] for row in body], title, index, base)
        if kind:
            scored[kind].append(at)
    for kind, known in (("path", PATH_NAMES), ("id", ID_NAMES), ("address", PATH_NAMES)):
        if found := scored[kind]:
            return _only(sheet.name, titles, found, known)
    return None


def _kind_of(cells: list[str], title: str, index: ImageIndex, base: str) -> str:
    """``path``, ``id`` or ``address`` if most cells of a column are that; else empty."""
    there = [one for one in cells if one]
    # Spread over all rows: the first rows of a sorted table are all of one kind.
    few = there[:: max(1, len(there) // SAMPLE)]
    if not any(is_path(one) or is_address(one) for one in few) and (
        title in NEVER_IDS or not index.resolve(few, base, [None] * len(few), by_number=True).n
    ):
        return ""
    if sum(is_address(one) for one in there) * 2 > len(there):
        return "address"
    # Half and not all: damaged rows are listed one by one, and do not make a column of paths
    # another.
    if sum(map(is_path, there)) * 2 >= len(there):
        return "path"
    nowhere = [None] * len(there)
    # A column of prices may name 12.jpg, too; only where its title says so do bare numbers count as
    # names of files.
    by_number = title in ID_NAMES or title in PATH_NAMES
    files = set(index.resolve(there, base, nowhere, by_number=by_number).files) - {None}
    return "id" if len(files) * 2 > len(there) else ""


def _only(table: str, titles: list[str], found: list[int], known: Sequence[str]) -> int:
    """The one column of several that is called as such columns are."""
    if len(found) == 1:
        return found[0]
    by_name = sorted((known.index(titles[at]), at) for at in found if titles[at] in known)
    if by_name:
        return by_name[0][1]
    raise AmbiguousError(
        f"{table} names images in {len(found)} columns: {', '.join(titles[at] for at in found)}",
        f"call the one that counts {PATH_NAMES[0]}, or leave the others out",
    )


def is_address(cell: str) -> bool:
    """Whether a cell is the address of a file somewhere else."""
    return bool(ADDRESS.match(cell))


def is_path(cell: str) -> bool:
    """Whether a cell is the path of an image file by its suffix."""
    name = cell.replace("\\", "/").rpartition("/")[2]
    return trees.is_image(name) and not is_address(cell)


def _header(
    sheet: sheets.Sheet, at: int, index: ImageIndex, base: str, options: LoadOptions
) -> tuple[tuple[str, ...] | None, list[tuple[int, list[str]]]]:
    """Names of the columns, if the first row holds them, and the other rows.

    The first row is none if it names a file like all others: by suffix, by being there, or by
    digits alone where all others have digits alone.
    """
    if sheet.names is not None or not sheet.rows:
        return sheet.names, sheet.rows
    first, others = sheet.rows[0][1], sheet.rows[1:]
    cell = first[at]
    is_row = plain(cell) not in (*PATH_NAMES, *ID_NAMES) and (
        is_path(cell)
        or "/" in cell
        or bool(index.resolve([cell], base, [None]).n)
        or (cell.isdigit() and all(row[at].isdigit() for _, row in others))
    )
    if is_row if options.header is None else not options.header:
        return None, sheet.rows
    return tuple(first), others


def _named(
    index: ImageIndex,
    base: str,
    paths: list[str],
    parts: list[str | None],
    others: Mapping[str, Sequence[str]],
) -> Named:
    """The files of a column, with the folders of another column where it takes both to tell."""
    named = index.resolve(paths, base, parts, by_number=True)
    if named.n * 2 >= len(paths):
        return named
    # Some tables keep folder and name apart; only both together lead to a file.
    both = [
        index.resolve(
            [f"{one}/{path}" for one, path in zip(cells, paths, strict=True)], base, parts
        )
        for cells in others.values()
    ]
    best = max(both, key=lambda one: one.n, default=named)
    return best if best.n * 2 >= len(paths) else named


def _titles(names: tuple[str, ...] | None, n: int) -> list[str]:
    """A title for each column, no two alike, so that every one can be asked for."""
    found: list[str] = []
    for at in range(n):
        name = names[at] if names and names[at] else f"column {at + 1}"
        # Numbered by its place, so that --label can ask for either of two columns of one name.
        found.append(name if name not in found else f"{name} {at + 1}")
    return found


def _divide(
    columns: dict[str, list[str]], options: LoadOptions
) -> tuple[list[str | None], tuple[str, ...]] | None:
    """The part of each row by the column that says it, which is taken out of `columns`."""
    if options.parts is False:
        return None
    for name, cells in list(columns.items()):
        # Another column is one of parts only if all its cells say so, and not as the classes do.
        words = len(set(cells)) > 1 and all(map(part_name, cells))
        if plain(name) not in PART_COLUMNS and (plain(name) in LABEL_NAMES or not words):
            continue
        if plain(name) == plain(options.label or ""):
            continue
        found = predefined_splits.read(name, cells, otherwise="")
        if found is not None:
            del columns[name]
            return [one or None for one in found.parts], (found.note,) if found.note else ()
    return None
