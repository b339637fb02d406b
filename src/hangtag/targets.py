"""Where results may be written: a path goes in, a refusal comes out where something else stands.

What is replaced is a plain file, or a folder of ours. A link, a device, a pipe or somebody's folder
stays what it is: renaming over ``/dev/stdout`` would take it from the whole machine.
"""

from __future__ import annotations

import errno
import functools
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from hangtag.errors import MachineError

P = ParamSpec("P")
R = TypeVar("R")

LEAST = 1 << 16  # bytes: a disk with less is full for any result of ours


def is_page(path: Path) -> bool:
    """Whether a file is to be a page, by its name, where a verb can write something else, too."""
    return path.suffix.lower() in {".html", ".htm"}


def check_file(path: Path) -> None:
    """Refuse a place where no file can be written, before the work it is for.

    Raises:
        MachineError: Something stands there that is no plain file.
        OSError: The folder above it cannot be written, or its disk is full.
    """
    _check_kind(path)
    _check_room(path)


def check_folder(path: Path, *, replaced: bool = False) -> None:
    """Refuse a place where no folder can be made, before the work it is for.

    Args:
        path: The folder.
        replaced: Whether the folder itself is replaced; then it may be no link to one either.

    Raises:
        MachineError: Something stands there that is no folder.
        OSError: The folder above it cannot be written, or its disk is full.
    """
    kind = _kind(path)
    if kind not in {None, "folder"} and (replaced or not os.path.isdir(path)):  # noqa: PTH112
        raise _refused(path, kind, "folder")
    _check_room(path)


def to_file(write: Callable[Concatenate[Path, P], R]) -> Callable[Concatenate[Path, P], R]:
    """Have a function that writes a file check its place first and name it in what goes wrong."""

    @functools.wraps(write)
    def checked(path: Path, /, *args: P.args, **options: P.kwargs) -> R:
        _check_kind(path)
        try:
            return write(path, *args, **options)
        except OSError as error:  # a full disk is found by a file that does not know its name
            raise OSError(error.errno, error.strerror, str(path)) from error

    return checked


def _check_kind(path: Path) -> None:
    kind = _kind(path)
    if kind not in {None, "file"}:
        raise _refused(path, kind, "plain file")


def _refused(path: Path, kind: str | None, wanted: str) -> MachineError:
    return MachineError(
        f"{path} is a {kind}, not a {wanted}; it was left as it is", "give another --out"
    )


def _kind(path: Path) -> str | None:
    """What stands at a path, in a word; None when nothing does."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None
    words = {
        stat.S_ISREG: "file",
        stat.S_ISDIR: "folder",
        stat.S_ISLNK: "link",
        stat.S_ISFIFO: "pipe",
        stat.S_ISSOCK: "socket",
    }
    return next((word for asks, word in words.items() if asks(mode)), "device")


def _check_room(path: Path) -> None:
    if os.name == "nt":  # which tells neither in this way
        return
    parents = path.absolute().parents
    above = path if path.is_dir() else next(one for one in parents if os.path.lexists(one))
    if not above.is_dir():
        raise _system(errno.ENOTDIR, above)
    facts = os.statvfs(above)
    if facts.f_flag & os.ST_RDONLY:
        raise _system(errno.EROFS, above)
    if not os.access(above, os.W_OK | os.X_OK):
        raise _system(errno.EACCES, above)
    if facts.f_blocks and facts.f_bfree * facts.f_frsize < LEAST:
        raise _system(errno.ENOSPC, above)


def _system(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
