"""Hugging Face's ``imagefolder``: images with a ``metadata.csv`` or ``metadata.jsonl`` beside.

A folder comes in, images with labels go out. The table lies in the folder or in each part's
folder (train, validation, test); ``file_name`` counts from it. Without a label column the folder
an image lies in is its label, as for other trees. A table of that name without ``file_name`` is
left to `manifest.py`.
Source: https://huggingface.co/docs/datasets/image_dataset
"""

from __future__ import annotations

from pathlib import Path

from hangtag.errors import FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import listings, paths, streams, trees
from hangtag.rooms.load.base import Claim, LoadRequest, Method
from hangtag.rooms.load.image_index import ImageIndex
from hangtag.rooms.load.parts import part_name
from hangtag.rooms.load.raw import Raw

NAMES = ("metadata.csv", "metadata.jsonl")
COLUMN = b"file_name"
FIRST_LINES = 20


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is such a folder, or None when it is not."""
    if path.is_file():
        return None
    found = _tables(path)
    return Claim(f"the folder holds {found[0].relative_to(path).as_posix()}") if found else None


def read(path: Path, options: LoadRequest) -> Raw:
    """Read the images that the tables name.

    Raises:
        FormatError: A table is damaged, or no image can be read.
        AmbiguousError: Columns or tables give several readings.
    """
    index = ImageIndex(path)
    found = []
    for file in _tables(path):
        table = paths.examine(file, index, options)
        if table is None:
            raise FormatError(f"{file.name} names no images", "see its column file_name")
        found.append(table)
    return listings.read(found, index, options, path)


def _tables(folder: Path) -> list[Path]:
    places = [folder, *(one for one in trees.subfolders(folder) if part_name(one.name))]
    found = [file for place in places for name in NAMES if (file := place / name).is_file()]
    return [one for one in found if _has_column(one)]


def _has_column(file: Path) -> bool:
    with streams.unpacked(file) as stream:
        start = stream.read_lines(1 << 20, FIRST_LINES)
    return COLUMN in start.replace(b"\0", b"")  # UTF-16 has zeros between the letters


METHOD = Method("imagefolder", look, read)
