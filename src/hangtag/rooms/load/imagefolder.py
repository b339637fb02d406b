"""Hugging Face's ``imagefolder``: pictures with a ``metadata.csv`` or ``metadata.jsonl`` beside.

A folder comes in, pictures with labels go out. The table lies in the folder or in each part's
folder (train, validation, test); ``file_name`` counts from it. Without a label column the
folder a picture lies in is its label, as for other trees.
Source: https://huggingface.co/docs/datasets/image_dataset
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import paths, trees
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.parts import part_name
from hangtag.rooms.load.raw import Raw

NAMES = ("metadata.csv", "metadata.jsonl")


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is such a folder, or None when it is not."""
    if path.is_file():
        return None
    found = _tables(path)
    return Claim(f"the folder holds {found[0].relative_to(path).as_posix()}") if found else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read the pictures that the tables name.

    Raises:
        FormatError: A table is damaged, or no picture can be read.
    """
    from hangtag.rooms.load import gathering

    found, bad = [], []
    for file in _tables(path):
        part = part_name(file.parent.name) if file.parent != path else None
        rows = map(_with_own_part, paths.rows_of(file, options.label))
        some, wrong = paths.members(file, path, rows, part or "all")
        found += some
        bad += wrong
    return gathering.gather(found, options, str(path), unreadable=bad)


def _with_own_part(row: paths.Row | Unreadable) -> paths.Row | Unreadable:
    """Take part and label from the folders of the path where the table does not say them."""
    if isinstance(row, Unreadable):
        return row
    folders = list(PurePosixPath(row.path).parts[:-1])
    part = row.part
    if folders and part_name(folders[0]):
        part = part or folders[0]
        folders = folders[1:]
    label = row.label if row.label is not None or not folders else folders[0]
    return replace(row, part=part, label=label)


def _tables(folder: Path) -> list[Path]:
    return [file for place in _places(folder) for name in NAMES if (file := place / name).is_file()]


def _places(folder: Path) -> Iterator[Path]:
    yield folder
    yield from (one for one in trees.subfolders(folder) if part_name(one.name))


METHOD = Method("imagefolder", look, read)
