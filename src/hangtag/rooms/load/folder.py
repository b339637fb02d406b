"""Trees of pictures with a folder for each class, with or without parts above them.

A folder comes in; pictures with the names of their folders as labels go out. The stated rules:

* if any folder is called train, val, test, … (see `raw.py`), those are the parts and the folders
  inside them the classes; other folders beside them are passed over.
* else the folders are the classes and there is one part, ``all``.
* everything below a class folder belongs to it, at any depth.
* a part, or a source, with pictures and no class folder is loaded without labels.
* if all classes are called by whole numbers, those are the label codes.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from hangtag.records import LoadOptions
from hangtag.rooms.load import tables, trees
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Member, Method
from hangtag.rooms.load.parts import part_name
from hangtag.rooms.load.raw import Raw


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is a tree of pictures, or None when it is not."""
    if path.is_file():
        return None
    inside = trees.subfolders(path)
    parts = [one for one in inside if part_name(one.name) and _holds_pictures(one)]
    if parts:
        return Claim(f"the folder holds {_named(parts)} with pictures", Evidence.SHAPE)
    classes = [one for one in inside if trees.has_pictures(one)]
    if classes:
        return Claim(
            f"the folder holds {_named(classes)} with pictures, one for each class", Evidence.SHAPE
        )
    return Claim("the folder holds pictures", Evidence.SHAPE) if trees.has_pictures(path) else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read every picture of a tree.

    Raises:
        FormatError: None can be read.
    """
    from hangtag.rooms.load import gathering

    parts = [one for one in trees.subfolders(path) if part_name(one.name)]
    roots = [(part_name(one.name) or "", one) for one in parts] or [("all", path)]
    members = [one for part, root in roots for one in _members(path, root, part)]
    classes = {one.label for one in members if one.label}
    notes = _passed_over(path, parts or trees.subfolders(path)) if classes else ()
    return gathering.gather(members, options, str(path), named=classes, notes=notes)


def _members(source: Path, root: Path, part: str) -> list[Member]:
    """The pictures of one part; those below a folder carry its name."""
    found = trees.pictures(root)
    above = "" if root == source else f"{trees.identity(root, source)}/"
    labels = {name: name.partition("/")[0] if "/" in name else None for name in found}
    if any(labels.values()):  # pictures beside class folders belong to no class
        found = {name: path for name, path in found.items() if labels[name]}
    return [
        Member(f"{above}{name}", part, labels[name], partial(str, path))
        for name, path in found.items()
    ]


def _passed_over(path: Path, roots: list[Path]) -> tuple[str, ...]:
    """What lies beside the parts or classes and is not read: said, because it may be missed."""
    folders = [f"{one.name}/" for one in trees.subfolders(path) if one not in roots]
    files = sorted(one.name for one in path.iterdir() if one.is_file() and _may_be_missed(one))
    others = [*folders, *files]
    return (f"passed over: {', '.join(others[:10])}",) if others else ()


def _may_be_missed(file: Path) -> bool:
    return tables.is_table(file) or trees.is_picture(file.name)


def _holds_pictures(folder: Path) -> bool:
    return trees.has_pictures(folder) or any(map(trees.has_pictures, trees.subfolders(folder)))


def _named(folders: list[Path]) -> str:
    shown = ", ".join(f"{one.name}/" for one in folders[:3])
    return shown if len(folders) <= 3 else f"{shown} and {len(folders) - 3} other folders"


METHOD = Method("folder", look, read)
