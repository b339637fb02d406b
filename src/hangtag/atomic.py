"""Writing so that a file or folder is either the old one or the new one, never half of either.

Everything is written beside its place, flushed to the disk, and renamed. A process killed
in between leaves a ``.partial-…`` name beside the old state, which is whole and can be deleted.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag import targets


@targets.to_file
def write_bytes(path: Path, data: bytes) -> Path:
    """Write `data` to `path`, all of it or nothing; makes the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    _flush_folder(path.parent)
    return path


def write_text(path: Path, text: str) -> Path:
    """Write `text` as UTF-8 to `path`, all of it or nothing."""
    return write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> Path:
    """Write `value` as readable JSON to `path`, all of it or nothing; NaN is refused."""
    return write_text(path, json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Give an empty folder to fill, and put it at `path` when the block ends without error.

    A folder already at `path` is replaced, and is back in its place if the renaming fails.
    """
    targets.check_folder(path, replaced=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = _beside(path)
    beside.mkdir()
    try:
        yield beside
        _flush_files(beside)
        _swap(beside, path)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _flush_folder(path.parent)


def _swap(new: Path, path: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = _beside(path)
    path.rename(old)
    try:
        new.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old)


def _beside(path: Path) -> Path:
    return path.with_name(f".partial-{uuid.uuid4().hex[:8]}-{path.name}")


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
