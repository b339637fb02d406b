"""Zip files: every member is checked by what it declares; anything hostile is refused, not mended.

Refused are: names that lead out of the folder, absolute names, links, two members of one name,
members that are encrypted or packed in unknown ways, and members that overlap or declare more
than their packing can hold (zip bombs).
"""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from lzma import LZMAError
from pathlib import Path
from typing import IO, Self

from hangtag.errors import AmbiguousError, FormatError, OptionError, UsageError
from hangtag.records import LoadOptions
from hangtag.rooms.load import member_names, trees

MOST_IN_MEMBER = 4 << 30
MOST_IN_ALL = 16 << 30
MOST_IN_IMAGE = 128 << 20
MOST_MEMBERS = 2_000_000
MOST_FROM_ONE = {
    zipfile.ZIP_STORED: 1,
    zipfile.ZIP_DEFLATED: 1032,
    zipfile.ZIP_BZIP2: 50_000,
    zipfile.ZIP_LZMA: 7_000,
}
"""Bytes that one packed byte can hold at most, by packing; more is a lie or a bomb."""

_UTF8 = 0x800
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


@dataclass(frozen=True)
class Member:
    """One file inside an archive: its checked name, the bytes it declares, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


class Archive:
    """A zip file whose every member has been checked by what it declares.

    Attributes:
        path: The file.
        encoding: What its names are written in where it does not say so, such as ``GBK``; empty
            where it does.

    Args:
        path: The file.
        options: What was said of it; None where names do not matter, which nobody is asked about
            then.

    Raises:
        FormatError: It is damaged, or a member is hostile; the sentence names it.
        AmbiguousError: Its names are text in two encodings.
        OptionError: They are none in the encoding that was said.
    """

    def __init__(self, path: Path, options: LoadOptions | None = None) -> None:
        self.path = path
        try:
            self._opened = zipfile.ZipFile(path)
        except BROKEN as error:
            raise FormatError(
                f"{path.name} is not a zip file that can be read ({error})", "fetch it again"
            ) from None
        members = self._opened.infolist()
        try:
            # All members are checked before any is opened: half a hostile archive must not be read
            # before its other half is found out.
            names, self.encoding = _names(path, members, options)
            _check_all(path, names, members)
        except UsageError:
            self._opened.close()
            raise
        self._members = {
            name: one for name, one in zip(names, members, strict=True) if not one.is_dir()
        }

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
            with self._opened.open(self._members[name]) as member:
                # One byte more than declared shows a member that lies about its size, without
                # reading all that it would give.
                content = member.read(declared + 1)
        except BROKEN as error:
            raise damaged(self.path, name, error) from None
        if len(content) != declared:
            raise other_length(self.path, name)
        return content

    def take(self, name: str) -> bytes | FormatError:
        """As :meth:`read`, of an image's size at most, with the error as a value."""
        # A value and no exception: one huge member among thousands of images is listed as
        # unreadable, and the others are read.
        if self.size(name) > MOST_IN_IMAGE:
            return FormatError(f"is larger than {MOST_IN_IMAGE >> 20} MiB")
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
            return self._opened.open(self._members[name])
        except BROKEN as error:
            raise damaged(self.path, name, error) from None

    def members(self) -> Iterator[Member]:
        """The files inside, in their order."""
        for name in self.names:
            yield Member(name, self.size(name), partial(self.open, name))


def _names(
    path: Path, members: list[zipfile.ZipInfo], options: LoadOptions | None
) -> tuple[list[str], str]:
    """Names as text, and the encoding where the zip does not say it."""
    unmarked = [one for one in members if not one.flag_bits & _UTF8]
    found = decoded(path, [_bytes_of(one) for one in unmarked], options)
    text = dict(zip(map(id, unmarked), found.names, strict=True))
    # By identity: two members can have one name, which is refused later and must not be hidden
    # here.
    names = [text.get(id(one), one.orig_filename) for one in members]
    if not found.encoding and any("\\x" in name.rpartition("/")[0] for name in found.names):
        raise FormatError(
            f"{path.name} does not say in which encoding its names are, and none fits them all",
            "unpack it and give the folder, or make the zip anew with names in UTF-8",
        )
    return names, found.encoding


def decoded(path: Path, names: list[bytes], options: LoadOptions | None) -> member_names.Reading:
    """Names in the archive `path` that are not marked as UTF-8.

    Raises:
        AmbiguousError: They are text in two encodings.
        OptionError: They are none in the encoding that was said.
    """
    said = None if options is None else options.names_in
    try:
        found = member_names.decode(names, said)
    except UnicodeDecodeError:
        raise OptionError(
            f"the names in {path.name} are not in {said}", "leave out --names-in, or say another"
        ) from None
    if found.other and options is not None:
        one, other = found.example
        raise AmbiguousError(
            f"{path.name} does not say in which encoding its names are: '{one}' in"
            f" {found.encoding} is '{other}' in {found.other}",
            f"say --names-in {found.encoding.lower()} or --names-in {found.other.lower()}",
        )
    return found


def _bytes_of(one: zipfile.ZipInfo) -> bytes:
    # zipfile reads what is not marked as UTF-8 as cp437, which has a letter for every byte.
    return one.orig_filename.encode("cp437", "replace")


def _check_all(path: Path, written: list[str], members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise FormatError(
            f"{path.name} holds {len(members)} members; at most {MOST_MEMBERS} are read",
            "unpack it yourself and give the folder",
        )
    names: set[str] = set()
    for name, one in zip(written, members, strict=True):
        # A link would read files of this machine that the archive has no right to.
        if stat.S_ISLNK(one.external_attr >> 16):
            raise refused(path, name, "is a link")
        check_name(path, name)
        _check_packing(path, one)
        if name in names:
            raise refused(path, name, "is there twice")
        names.add(name)
    # Fifield, "A better zip bomb" (2019): members that share packed bytes pass every check of one
    # member alone.
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


def check_name(path: Path, name: str) -> None:
    """Refuse a member whose name is not a plain path inside the archive `path`.

    Raises:
        FormatError: It leads elsewhere, or could not be written as it is.
    """
    steps = name.rstrip("/").split("/")
    if name.startswith("/") or _DRIVE.match(name):
        raise refused(path, name, "is an absolute path")
    if ".." in steps:
        raise refused(path, name, "leads out of the folder")
    # Windows takes a backslash for a separator, C ends a name at zero, and terminals obey control
    # characters.
    if "\\" in name or "\0" in name or any(ord(letter) < 32 for letter in name):
        raise refused(path, name, "holds a backslash or a control character")
    if any(step in ("", ".") for step in steps) or any(
        len(step.encode("utf-8", "replace")) > 255 for step in steps
    ):
        raise refused(path, name, "is not a plain path")


def _check_packing(path: Path, one: zipfile.ZipInfo) -> None:
    if one.flag_bits & 0x1:
        raise refused(path, one.filename, "is encrypted")
    if one.compress_type not in MOST_FROM_ONE:
        raise refused(path, one.filename, f"is packed in an unknown way ({one.compress_type})")
    # No packing of this kind can hold more, so what declares more is a bomb or damaged, and nothing
    # has to be unpacked to know.
    most = one.compress_size * MOST_FROM_ONE[one.compress_type]
    if one.file_size > min(most, MOST_IN_MEMBER):
        raise refused(
            path,
            one.filename,
            f"declares {one.file_size} bytes, more than its {one.compress_size} packed ones hold",
        )


def refused(path: Path, name: str, why: str) -> FormatError:
    """The error for a hostile member."""
    return FormatError(
        f"{path.name} is refused: its member {ascii(name)[:200]} {why}",
        "nothing was unpacked; make the zip anew from a folder you trust",
    )


def damaged(path: Path, name: str, error: Exception) -> FormatError:
    """The error for a member whose packing is damaged."""
    return FormatError(f"{name} in {path.name} is damaged ({error})", "fetch it again")


def other_length(path: Path, name: str) -> FormatError:
    """The error for a member that is longer or shorter than it says."""
    return FormatError(
        f"{name} in {path.name} does not hold the number of bytes it declares",
        "fetch it again",
    )
