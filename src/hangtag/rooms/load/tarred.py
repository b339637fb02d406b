"""Tar files, packed or not: members one after the other, checked as those of a zip are.

A tar has no list of its members, so they are checked as they come. Links, devices and sparse
files are refused; headers that declare gigabytes of names are not read to their end.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from hangtag.errors import FormatError, UsageError
from hangtag.records import LoadOptions
from hangtag.rooms.load import member_names, streams, zipped

BLOCK = 512
LONGEST_HEADER = 1 << 22
"""Bytes that may stand between the contents of two members."""


def is_tar(path: Path) -> bool:
    """Whether a file is a tar, plain or packed by gzip or xz; told by the sum over its header."""
    try:
        if streams.packing(path) == "zip":
            return False
        with streams.unpacked(path) as stream:
            start = stream.read(BLOCK)
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except (UsageError, tarfile.HeaderError, ValueError):
        return False
    return True


@contextmanager
def members(
    path: Path, encodings: set[str], options: LoadOptions | None
) -> Iterator[Iterator[zipped.Member]]:
    """Go through the files in a tar, each to be opened before the next is asked for.

    Args:
        path: The tar.
        encodings: Filled with what names are read as that are not UTF-8.
        options: What was said of it.

    Raises:
        FormatError: The tar is damaged or cut off, or a member is hostile (also while reading).
    """
    with streams.unpacked(path) as stream:
        reader = _Reader(stream, path)
        try:
            with tarfile.open(fileobj=reader, mode="r|", bufsize=BLOCK * 128) as tar:  # type: ignore[call-overload]
                yield _members(path, tar, reader, encodings, options)
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise _damaged(path, error) from None


def _members(
    path: Path,
    tar: tarfile.TarFile,
    reader: _Reader,
    encodings: set[str],
    options: LoadOptions | None,
) -> Iterator[zipped.Member]:
    seen: set[str] = set()
    while True:
        try:
            one = tar.next()
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise _damaged(path, error) from None
        if one is None:
            reader.check_end()
            return
        tar.__dict__["members"] = []  # a million of them would stay in memory
        reader.allowed = one.size + LONGEST_HEADER
        name, encoding = _name(path, one.name, options)
        if not name or one.isdir():
            continue
        encodings |= {encoding} - {"", "UTF-8"}
        _check(path, one, name)
        if name in seen:
            raise zipped.refused(path, name, "is there twice")
        seen.add(name)
        yield zipped.Member(name, one.size, partial(_opened, tar, one))


def _opened(tar: tarfile.TarFile, one: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(one)
    assert file is not None  # only plain files get here
    return file


def _name(path: Path, written: str, options: LoadOptions | None) -> tuple[str, str]:
    """A name as text, without the ``./`` that ``tar -c .`` begins every name with."""
    found = member_names.Reading([written])
    if any("\udc80" <= letter <= "\udcff" for letter in written):  # bytes that are no UTF-8
        found = zipped.decoded(path, [os.fsencode(written)], options)
    name = found.names[0]
    while name.startswith("./"):
        name = name[2:]
    return "" if name == "." else name, found.encoding


def _check(path: Path, one: tarfile.TarInfo, name: str) -> None:
    zipped.check_name(path, name)
    if one.issym() or one.islnk():
        raise zipped.refused(path, name, "is a link")
    if not one.isreg() or one.sparse is not None:
        raise zipped.refused(path, name, "is not a plain file")
    if one.size > zipped.MOST_IN_MEMBER:
        raise zipped.refused(path, name, f"declares {one.size} bytes")


class _Reader:
    """What tarfile reads from: never more than the next member and its header may take."""

    def __init__(self, stream: streams.Unpacked, path: Path) -> None:
        self.allowed = LONGEST_HEADER
        self._stream = stream
        self._path = path
        self._last = b""
        self._at_end = False

    def read(self, size: int) -> bytes:
        self.allowed -= size
        if self.allowed < 0:
            raise FormatError(
                f"{self._path.name} is refused: a header in it is longer than"
                f" {LONGEST_HEADER >> 20} MiB",
                "do not trust where it came from",
            )
        piece = self._stream.read(size)
        self._at_end |= len(piece) < size
        self._last = (self._last + piece)[-BLOCK:]
        return piece

    def check_end(self) -> None:
        """Refuse a tar that ends without the blocks of zeros that mark its end.

        tarfile takes it for whole; one that was cut off between two members would lose the rest
        in silence.
        """
        if self._at_end and any(self._last):
            raise FormatError(f"{self._path.name} is cut off: its end is missing", "fetch it again")


def _damaged(path: Path, error: Exception) -> FormatError:
    return FormatError(f"{path.name} is damaged or cut off ({error})", "fetch it again")
