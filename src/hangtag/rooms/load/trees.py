"""Folders of pictures: a folder in, the names of its picture files in a stable order out.

A file is a picture by its suffix; what it really is shows when it is opened. Hidden files and
folders (``.name``, ``__MACOSX``) and files with other suffixes are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp"}
    | {".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".avif"}
)
"""Suffixes that make a file a picture, in lower case."""


def is_picture(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is taken for a picture."""
    dot = path.rfind(".")
    return dot > 0 and path[dot:].lower() in SUFFIXES and not is_hidden(path)


def is_hidden(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is passed over."""
    return path.startswith(".") or "/." in path or "__MACOSX" in path.split("/")


def pictures(folder: Path) -> dict[str, str]:
    """Every picture below `folder`: :func:`identity` to path, in the order of identities."""
    start = len(os.path.join(folder, ""))  # noqa: PTH118 - text is ten times faster than Path here
    return dict(sorted((_plain(one[start:]), one) for one in _walk(folder)))


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in `folder` that are not hidden, in order of their names."""
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if one.is_dir() and not is_hidden(one.name))
    return [folder / name for name in names]


def identity(path: Path, folder: Path) -> str:
    r"""The path inside `folder` with forward slashes; bytes that are no text become ``\xff``."""
    return _plain(str(path.relative_to(folder)))


def _plain(inside: str) -> str:
    slashed = inside if os.sep == "/" else inside.replace(os.sep, "/")
    if slashed.isascii():
        return slashed
    return os.fsencode(slashed).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[str]:
    """Paths of pictures below `folder`; links are followed, but no folder is entered twice."""
    waiting = [str(folder)]
    entered: set[tuple[int, int]] = set()
    while waiting:
        path = waiting.pop()
        where = os.stat(path)  # noqa: PTH116 - paths are text here
        if (where.st_dev, where.st_ino) in entered:
            continue
        entered.add((where.st_dev, where.st_ino))
        with os.scandir(path) as entries:
            for one in entries:
                if is_hidden(one.name):
                    continue
                if one.is_dir():
                    waiting.append(one.path)
                elif is_picture(one.name) and one.is_file():
                    yield one.path


def any_below(folder: Path) -> bool:
    """Whether a picture lies anywhere below `folder`."""
    return next(_walk(folder), None) is not None


def has_pictures(folder: Path) -> bool:
    """Whether a picture lies directly in `folder`."""
    with os.scandir(folder) as entries:
        return any(is_picture(one.name) and one.is_file() for one in entries)
