"""A table with the path of a picture in each line: ``path,label`` and perhaps ``split``.

The table, or a folder with one, comes in; pictures with labels go out. Comma, semicolon, tab or
bar between fields; the columns are found by their names, and without a header by the first field
that is the name of a picture. Paths count from the folder of the table and must stay in it.
"""

from __future__ import annotations

from pathlib import Path

from hangtag.records import LoadOptions
from hangtag.rooms.load import paths, tables, trees
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Method
from hangtag.rooms.load.parts import part_in
from hangtag.rooms.load.raw import Raw


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a table of paths or a folder with one, or None when it is not."""
    if path.is_file():
        return Claim("it is a table with a column of paths") if _is_manifest(path) else None
    found = _manifests(path)
    return (
        Claim(f"the folder holds {found[0].name}, a table of paths", Evidence.CONTENT)
        if found
        else None
    )


def read(path: Path, options: LoadRequest) -> Raw:
    """Read the pictures that one table, or each table of a folder, names.

    Raises:
        FormatError: A table is damaged, or no picture can be read.
    """
    from hangtag.rooms.load import gathering

    files = [path] if path.is_file() else _manifests(path)
    source = path.parent if path.is_file() else path
    found, bad = [], []
    for file in files:
        part = part_in(tables.stem(file)) or "all"
        some, wrong = paths.members(file, source, paths.rows_of(file, options.label), part)
        found += some
        bad += wrong
    return gathering.gather(found, options, str(path), unreadable=bad)


def _manifests(folder: Path) -> list[Path]:
    return [file for file in tables.inside(folder) if _is_manifest(file)]


def _is_manifest(file: Path) -> bool:
    """Whether the first line names a picture, so that a table about something else is not taken."""
    table = tables.sniff(file)
    if table is None or not table.first:
        return False
    at = table.column(*paths.PATH_NAMES)
    named = table.first[0] if at is None else table.first[0][at : at + 1]
    return any(trees.is_picture(one.strip().replace("\\", "/").lstrip("./")) for one in named)


METHOD = Method("manifest", look, read)
