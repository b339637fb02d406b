"""Folders of images: a folder to the names of its image files, in a stable order.

A file is an image by its suffix, or by its first bytes where the suffix says nothing (`kinds.py`);
whether it can be read shows when it is opened. Hidden files and folders (``.name``, ``__MACOSX``)
are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hangtag.rooms.load import kinds


def is_picture(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is an image by its name."""
    return kinds.is_image_by_name(path.rpartition("/")[2]) is True and not is_hidden(path)


def is_hidden(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is passed over."""
    return path.startswith(".") or "/." in path or "__MACOSX" in path.split("/")


def pictures(folder: Path) -> dict[str, str]:
    """Every image below `folder`: :func:`identity` to path, in the order of identities."""
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


def any_below(folder: Path) -> bool:
    """Whether an image lies anywhere below `folder`."""
    return next(_walk(folder), None) is not None


def _plain(inside: str) -> str:
    slashed = inside if os.sep == "/" else inside.replace(os.sep, "/")
    if slashed.isascii():
        return slashed
    return os.fsencode(slashed).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[str]:
    """Paths of images below `folder`; links are followed, but no folder is entered twice."""
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
                elif _is_image(one):
                    yield one.path


def _is_image(entry: os.DirEntry[str]) -> bool:
    by_name = kinds.is_image_by_name(entry.name)
    if by_name is False or not entry.is_file():
        return False
    return by_name or is_image_file(entry.path)


def is_image_file(path: str | Path) -> bool:
    """Whether the first bytes of a file are an image's."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - text or Path
            return kinds.is_image_by_content(file.read(kinds.ENOUGH))
    except OSError:  # a file that may not be opened is no image that anybody knows of
        return False


def has_pictures(folder: Path) -> bool:
    """Whether an image lies directly in `folder`."""
    with os.scandir(folder) as entries:
        return any(_is_image(one) for one in entries if not is_hidden(one.name))
