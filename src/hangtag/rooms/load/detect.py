"""Telling the formats apart: a path in, the method that reads it and the reason out.

Methods are asked in the order of :data:`METHODS`; the first that says yes reads. To add a format:
its file, and its ``METHOD`` in this list, before the ones that would mistake it for theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hangtag.errors import SourceError
from hangtag.rooms.load import csv, folder, idx, imagefolder, manifest, npy, npz, parquet, trees
from hangtag.rooms.load.base import Method

METHODS: tuple[Method, ...] = (
    idx.METHOD,
    npz.METHOD,
    npy.METHOD,
    parquet.METHOD,
    imagefolder.METHOD,
    csv.METHOD,
    manifest.METHOD,
    folder.METHOD,
)
"""Every format, the surest look first."""

DEEPEST = 6
"""Folders that hold nothing but one folder are passed through up to this depth."""


@dataclass(frozen=True)
class Told:
    """What a path turned out to be.

    Attributes:
        method: Reads it.
        path: Where it really lies: `path` itself, or the one folder inside it.
        why: How it was told, such as ``the folder holds x.idx``.
        others: Other formats that would also have fitted.
    """

    method: Method
    path: Path
    why: str
    others: tuple[str, ...]


def tell(path: Path) -> Told:
    """Find the method that reads `path`.

    Raises:
        SourceError: There is nothing, or nothing that any method knows.
    """
    if not path.is_file() and not path.is_dir():
        raise SourceError(f"there is no file or folder {path}", "check the path")
    place = path
    for _ in range(DEEPEST):
        fitting = [(method, why) for method in METHODS if (why := method.look(place))]
        if fitting:
            (method, why), *others = fitting
            return Told(method, place, why, tuple(one.name for one, _ in others))
        inside = trees.subfolders(place) if place.is_dir() else []
        if len(inside) != 1:
            break
        place = inside[0]
    raise SourceError(
        f"{path} holds no pictures in a form that Hangtag knows",
        f"it reads {', '.join(method.name for method in METHODS)}; see the guide page on loading",
    )
