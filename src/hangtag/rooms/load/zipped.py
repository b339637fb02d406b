"""Zip files: checked names and bounded contents out; anything hostile is refused, not mended.

Refused are: names that lead out of the folder, absolute names, links, two members of one name,
members that are encrypted or packed in unknown ways, and members that overlap or declare more
than their packing can hold (zip bombs).
"""

from __future__ import annotations

import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

from hangtag.errors import FormatError
from hangtag.records import Unreadable
from hangtag.rooms.load import trees

MOST_IN_MEMBER = 4 << 30
MOST_IN_ALL = 16 << 30
MOST_IN_PICTURE = 128 << 20
MOST_MEMBERS = 2_000_000
MOST_FROM_ONE = {
    zipfile.ZIP_STORED: 1,
    zipfile.ZIP_DEFLATED: 1032,
    zipfile.ZIP_BZIP2: 50_000,
    zipfile.ZIP_LZMA: 7_000,
}
"""Bytes that one packed byte can hold at most, by packing; more is a lie or a bomb."""

_DRIVE = re.compile(r"[A-Za-z]:")

BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    RuntimeError,
    struct.error,
)
"""What zipfile lets through of its own and of its decoders' errors on damaged files."""


class Archive:
    """A zip file whose every member has been checked by what it declares.

    Raises:
        FormatError: It is damaged, or a member is hostile; the sentence names it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._opened = zipfile.ZipFile(path)
        except BROKEN as error:
            raise FormatError(
                f"{path.name} is not a zip file that can be read ({error})", "fetch it again"
            ) from None
        members = self._opened.infolist()
        try:
            _check_all(path, members)
        except FormatError:
            self._opened.close()
            raise
        self._members = {one.filename: one for one in members if not one.is_dir()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the files inside, folders left out, as they stand in the archive."""
        return tuple(self._members)

    def only(self) -> str:
        """The name of the one file inside, hidden ones not counted.

        Raises:
            FormatError: There is none, or there are several.
        """
        shown = [name for name in self.names if not trees.is_hidden(name)]
        if len(shown) != 1:
            raise FormatError(
                f"{self.path.name} holds {len(shown)} files where one is expected",
                "unpack it, or give the zip itself as the source",
            )
        return shown[0]

    def size(self, name: str) -> int:
        """Bytes that a member declares."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """The whole content of one member.

        Raises:
            FormatError: It is damaged or is not as long as it declares.
        """
        declared = self.size(name)
        try:
            with self._opened.open(name) as member:
                content = member.read(declared + 1)
        except BROKEN as error:
            raise _damaged(self.path, name, error) from None
        if len(content) != declared:
            raise _other_length(self.path, name)
        return content

    def take(self, name: str) -> bytes | FormatError:
        """As :meth:`read`, of a picture's size at most, with the error as a value."""
        if self.size(name) > MOST_IN_PICTURE:
            return FormatError(f"is larger than {MOST_IN_PICTURE >> 20} MiB")
        try:
            return self.read(name)
        except FormatError as error:
            return error

    def open(self, name: str) -> IO[bytes]:
        """One member as a stream; read no more of it than :meth:`size`.

        Raises:
            FormatError: It cannot be opened.
        """
        try:
            return self._opened.open(name)
        except BROKEN as error:
            raise _damaged(self.path, name, error) from None

    @contextmanager
    def extracted(self) -> Iterator[tuple[Path, tuple[Unreadable, ...]]]:
        """Unpack everything into a temporary folder that lasts as long as the block.

        Returns:
            The folder, and the pictures that were left out because they are damaged.

        Raises:
            FormatError: Another member is damaged, or the disk has no room for what is declared.
        """
        with TemporaryDirectory(prefix="hangtag-") as name:
            folder = Path(name)
            needed = sum(one.file_size for one in self._members.values())
            free = shutil.disk_usage(folder).free
            if needed > free:
                raise FormatError(
                    f"{self.path.name} unpacks to {needed / 1e9:.1f} GB;"
                    f" {folder.parent} has {free / 1e9:.1f} GB",
                    "unpack it yourself where there is room, or set TMPDIR",
                )
            yield folder, tuple(self._extract_all(folder))

    def _extract_all(self, folder: Path) -> Iterator[Unreadable]:
        for member in self._members:
            try:
                self._extract(member, folder / member)
            except FormatError as error:
                if not trees.is_picture(member):
                    raise
                (folder / member).unlink(missing_ok=True)
                yield Unreadable(member, error.message)

    def _extract(self, name: str, target: Path) -> None:
        missing = self.size(name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._opened.open(name) as member, target.open("xb") as file:
                while missing and (piece := member.read(min(missing, 1 << 20))):
                    file.write(piece)
                    missing -= len(piece)
                more = member.read(1)
        except BROKEN as error:
            raise _damaged(self.path, name, error) from None
        if missing or more:
            raise _other_length(self.path, name)


def _check_all(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise FormatError(
            f"{path.name} holds {len(members)} members; at most {MOST_MEMBERS} are read",
            "unpack it yourself and give the folder",
        )
    names: set[str] = set()
    for one in members:
        _check_name(path, one)
        _check_packing(path, one)
        if one.filename in names:
            raise _refused(path, one.filename, "is there twice")
        names.add(one.filename)
    if sum(one.compress_size for one in members) > path.stat().st_size:
        raise FormatError(
            f"{path.name} is refused: its members overlap, as in a zip bomb",
            "do not trust where it came from",
        )
    if sum(one.file_size for one in members) > MOST_IN_ALL:
        raise FormatError(
            f"{path.name} declares more than {MOST_IN_ALL >> 30} GiB",
            "unpack it yourself and give the folder",
        )


def _check_name(path: Path, one: zipfile.ZipInfo) -> None:
    name = one.orig_filename
    steps = name.rstrip("/").split("/")
    if stat.S_ISLNK(one.external_attr >> 16):
        raise _refused(path, name, "is a link")
    if name.startswith("/") or _DRIVE.match(name):
        raise _refused(path, name, "is an absolute path")
    if ".." in steps:
        raise _refused(path, name, "leads out of the folder")
    if "\\" in name or "\0" in name or any(ord(letter) < 32 for letter in name):
        raise _refused(path, name, "holds a backslash or a control character")
    if any(step in ("", ".") for step in steps) or any(
        len(step.encode("utf-8", "replace")) > 255 for step in steps
    ):
        raise _refused(path, name, "is not a plain path")


def _check_packing(path: Path, one: zipfile.ZipInfo) -> None:
    if one.flag_bits & 0x1:
        raise _refused(path, one.filename, "is encrypted")
    if one.compress_type not in MOST_FROM_ONE:
        raise _refused(path, one.filename, f"is packed in an unknown way ({one.compress_type})")
    most = one.compress_size * MOST_FROM_ONE[one.compress_type]
    if one.file_size > min(most, MOST_IN_MEMBER):
        raise _refused(
            path,
            one.filename,
            f"declares {one.file_size} bytes, more than its {one.compress_size} packed ones hold",
        )


def _refused(path: Path, name: str, why: str) -> FormatError:
    return FormatError(
        f"{path.name} is refused: its member {ascii(name)[:200]} {why}",
        "nothing was unpacked; make the zip anew from a folder you trust",
    )


def _damaged(path: Path, name: str, error: Exception) -> FormatError:
    return FormatError(f"{name} in {path.name} is damaged ({error})", "fetch the zip again")


def _other_length(path: Path, name: str) -> FormatError:
    return FormatError(
        f"{name} in {path.name} does not hold the number of bytes it declares",
        "fetch the zip again",
    )
