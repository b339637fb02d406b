"""Writing so that a file or folder is either the old one or the new one, never half of either.

Everything is written beside its place, flushed to the disk, and renamed. A process killed in
between leaves a ``.partial-…`` name beside the old state, which is whole; the next write of the
same place sweeps it. Whoever writes holds a lock on what it writes, which ends with the process:
that tells an orphan from the work of somebody else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO

from hangtag import targets

PARTIAL = re.compile(r"\.(partial|aside)-[0-9a-f]{8}-(.+)", re.DOTALL)
"""What an orphan is called: something unfinished, or an older whole one on its way out."""

hook: Callable[[str, Path], None] | None = None
"""Called with the name of a step and its place, before each step that a kill or a full disk can
end; None but in tests, which kill and fail there."""


def at(step: str, path: Path) -> None:
    """A named point of writing `path`; nothing happens there but what a test wants."""
    if hook is not None:
        hook(step, path)


@targets.to_file
def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> Path:
    """Write `data` to `path`, all of it or nothing; makes the folders above it.

    Args:
        path: The file.
        data: All that it is to hold.
        durable: Whether to wait for the disk. What is not waited for is safe from a kill, and not
            from a power cut.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    at("make", path)
    beside, descriptor = _claimed(path, _new_file)
    try:
        with os.fdopen(descriptor, "wb") as file:
            at("write", path)
            file.write(data)
            at("flush", path)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            if os.name != "nt":  # renamed while it is claimed, so that nobody sweeps it before
                _rename(beside, path)
        if os.name == "nt":  # which renames no open file
            _rename(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if durable:
        _flush_folder(path.parent)
    at("done", path)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8 to `path`, all of it or nothing."""
    return write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> Path:
    """Write `value` as readable JSON to `path`, all of it or nothing; NaN is refused."""
    return write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


@contextmanager
def folder(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """Give an empty folder to fill, and put it at `path` when the block ends without error.

    Args:
        path: Where to. An empty folder there is taken.
        replace: Whether a folder that is there already gives way; it is back in its place if the
            renaming fails.

    Raises:
        OSError: The disk does not want it, or something is at `path` that is not to be replaced.
    """
    targets.check_folder(path, replaced=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path.parent, path.name)
    at("make", path)
    beside, descriptor = _claimed(path, _new_folder)
    try:
        yield beside
        at("flush", path)
        _flush_files(beside)
        at("rename", path)
        _swap(beside, path, replace)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
        if descriptor >= 0:
            os.close(descriptor)
    _flush_folder(path.parent)
    at("done", path)


def put(path: Path, data: bytes) -> None:
    """Write a file of a folder that :func:`folder` gave, which nobody sees before it is whole."""
    at("write", path)
    path.write_bytes(data)


def append(path: Path, data: bytes, *, durable: bool) -> None:
    """Add whole lines behind the last whole line of a file; a torn one is cut off first.

    Args:
        path: The file; it must be there. Who else appends to it must be locked out.
        data: Lines with their ends.
        durable: Whether to wait for the disk. What is not waited for is safe from a kill, and not
            from a power cut.
    """
    with path.open("r+b", buffering=0) as file:  # a buffer would try again when it is closed
        cut_torn_line(file)
        start = file.tell()
        try:
            at("append", path)
            left = memoryview(data)
            while left:
                left = left[file.write(left) :]
            at("flush", path)
            if durable:
                os.fsync(file.fileno())
        except OSError:  # such as a full disk: no part of a line stays behind
            with suppress(OSError):
                file.truncate(start)
            raise
    at("done", path)


def cut_torn_line(file: BinaryIO | FileIO) -> None:
    """Cut off what follows the last end of a line, and stand at the end."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return
    file.seek(size - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


def remove(path: Path) -> None:
    """Remove a file or folder, all of it or nothing; what is not there is no error."""
    at("remove", path)
    if path.is_dir() and not path.is_symlink():
        beside = _beside(path)
        path.rename(beside)
        at("clear", path)
        shutil.rmtree(beside, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    at("done", path)


def is_partial(name: str) -> bool:
    """Whether a name is that of something unfinished, which is no part of a folder's content."""
    return PARTIAL.fullmatch(name) is not None


def is_empty(place: Path) -> bool:
    """Whether a folder holds nothing, orphans aside."""
    return all(is_partial(one.name) for one in place.iterdir())


def sweep(place: Path, name: str | None = None) -> None:
    """Remove what killed writers left in a folder, and bring back what they had put aside.

    Args:
        place: The folder; one that cannot be read or changed is left as it is.
        name: The file or folder whose orphans are meant; None for all.
    """
    with suppress(OSError), os.scandir(place) as entries:
        # Few names are looked at closely: a cache has thousands of files, and each new one sweeps.
        names = (entry.name for entry in entries if entry.name.startswith("."))
        found = [(name, PARTIAL.fullmatch(name)) for name in names]
        for orphan, matched in found:
            if matched is not None and name in (None, matched[2]):
                with suppress(OSError):
                    _settle(place / orphan, matched[1] == "aside", place / matched[2])


def _settle(orphan: Path, whole: bool, path: Path) -> None:
    if whole and not path.exists():
        orphan.rename(path)
        return
    if os.name == "nt":  # without such locks nothing is known, and an orphan stays
        return
    descriptor = os.open(orphan, os.O_RDONLY)
    try:
        if not _lock(descriptor):  # somebody is writing it
            return
        # Held until it is gone, so that nobody claims what is being removed.
        if orphan.is_dir() and not orphan.is_symlink():
            shutil.rmtree(orphan)
        else:
            orphan.unlink()
    finally:
        os.close(descriptor)


def _rename(beside: Path, path: Path) -> None:
    at("rename", path)
    beside.replace(path)


def _swap(new: Path, path: Path, replace: bool) -> None:
    if not path.exists() or not replace:
        try:
            new.rename(path)  # an empty folder gives way to a folder, anything else refuses
            return
        except OSError:
            if not (replace and path.exists()):  # else another writer was there in between
                raise
    if _exchanged(new, path):
        return  # the old one is beside now, and is removed there
    old = _beside(path, "aside")
    path.rename(old)
    at("swap", path)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step, so that there is no moment without either (Linux, macOS)."""
    import ctypes

    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return False
    if hasattr(library, "renameat2"):
        return bool(library.renameat2(-100, names[0], -100, names[1], 2) == 0)
    return hasattr(library, "renamex_np") and bool(library.renamex_np(*names, 2) == 0)


def _beside(path: Path, kind: str = "partial") -> Path:
    return path.with_name(f".{kind}-{uuid.uuid4().hex[:8]}-{path.name}")


def _new_file(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666)


def _new_folder(path: Path) -> int | None:
    """Make a folder and open it; -1 where none can be opened, None if somebody swept it first."""
    path.mkdir()
    try:
        return -1 if os.name == "nt" else os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None


def _claimed(path: Path, make: Callable[[Path], int | None]) -> tuple[Path, int]:
    """Make something beside `path`, and hold it so that nobody sweeps it; its name, and it open."""
    while True:
        beside = _beside(path)
        descriptor = make(beside)
        if descriptor is not None:
            if _lock(descriptor) is not False and beside.exists():
                return beside, descriptor
            os.close(descriptor)  # somebody swept it before it was held


def _lock(descriptor: int) -> bool | None:
    """Lock what is open; False if somebody else has, None where there are no such locks."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True


def _flush_files(place: Path) -> None:
    for file in sorted(place.rglob("*")):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        else:
            _flush_folder(file)


def _flush_folder(place: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder to flush it
        return
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
