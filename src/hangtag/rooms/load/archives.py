"""Archives as sources: a zip or tar to a temporary folder with the images and tables in it.

The folder stays as long as somebody may open its images again. Only what can be an image or a
table is unpacked, also from archives inside the archive, and no more than 100 times the bytes of
the archive itself: images hardly shrink, bombs do. Archives that are a format of their own
(``.npz``, a zip of one table) are left to it.
"""

from __future__ import annotations

import os
import re
import shutil
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from types import NoneType
from typing import IO

from hangtag.errors import FormatError, HangtagError, MachineError
from hangtag.records import LoadOptions, Unreadable
from hangtag.rooms.load import kinds, npz, streams, tarred, trees, zipped

MOST_FROM_ONE = 100
"""Bytes that one byte of an archive of images may unpack to."""

ALWAYS_ALLOWED = 16 << 20
"""An archive that unpacks to no more than this is no bomb, whatever it is packed from."""

DEEPEST = 3
"""Archives inside archives are unpacked up to this depth."""

DATA = frozenset(
    {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".npy", ".npz", ".names"}
    | {".bin", ".mat", ".pkl", ".pickle", ".gz", ".xz", ".zip", ".tar", ".tgz", ".yaml", ".yml"}
)
"""Suffixes of members that are unpacked because a format may read them."""

# IDX files and the batches of CIFAR have names that say nothing.
_DATA_STARTS = re.compile(rb"\0\0[\x08\x09\x0b-\x0e][\1-\4]|\x80[\2-\5]", re.DOTALL)


@dataclass
class Unpacking:
    """What has been unpacked so far.

    Attributes:
        left: Bytes that may still be unpacked.
        options: What was said of the archive; None asks nobody about names.
        files: How many were unpacked.
        passed: Suffixes of members that were not, with their numbers.
        unreadable: Images that are damaged.
        encodings: What names were read as where the archive does not say it.
        hidden: Images that are hidden, by folder.
    """

    left: int
    options: LoadOptions | None = None
    files: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    unreadable: list[Unreadable] = field(default_factory=list)
    encodings: set[str] = field(default_factory=set)
    hidden: Counter[str] = field(default_factory=Counter)


def is_archive(path: Path) -> bool:
    """Whether a file is a zip or tar that is not a format of its own."""
    if not path.is_file():
        return False
    if streams.packing(path) == "zip":
        # An npz is a zip by its bytes, and a format of its own.
        return npz.look(path, LoadOptions()) is None
    return tarred.is_tar(path)


def is_by_name(name: str) -> bool:
    """Whether a member is called like an archive."""
    return bool(re.search(r"\.(zip|tar|tgz|tar\.\w+)$", name, re.IGNORECASE))


class Folder:
    """A temporary folder that is removed when nobody keeps this object any more, or at the end."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="hangtag-"))
        self.remove = weakref.finalize(self, _remove, self.path, os.getpid())

    def __reduce__(self) -> tuple[type, tuple[()]]:
        # Another process may open what is in it, as long as this one lives, and removes nothing.
        return NoneType, ()


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Opened:
    """A source that is a file or folder by now.

    Attributes:
        place: `path` itself, or the folder an archive was unpacked to.
        notes: What there is to say about it.
        unreadable: Images that could not be unpacked.
        hidden: Images that were not, because they are hidden, by folder.
        folder: What an archive was unpacked to; None for anything else. It goes with the last one
            who keeps this.
    """

    place: Path
    notes: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    hidden: Counter[str] = field(default_factory=Counter)
    folder: Folder | None = None


@contextmanager
def opened(path: Path, options: LoadOptions | None = None) -> Iterator[Opened]:
    """Give `path` itself, or the folder an archive was unpacked to.

    Errors raised inside the block speak of the archive, not of the temporary folder.

    Args:
        path: The source.
        options: What was said of it; None where nobody can be asked about names.

    Raises:
        FormatError: The archive is damaged or hostile.
        AmbiguousError: Its names are text in two encodings.
        MachineError: The disk has no room for what is in it.
    """
    if not is_archive(path):
        yield Opened(path)
        return
    kept = Folder()
    folder = kept.path
    try:
        done = Unpacking(max(ALWAYS_ALLOWED, MOST_FROM_ONE * path.stat().st_size), options)
        unpack(path, folder, done)
        _unpack_inner(folder, done, 1)
        bad = tuple(done.unreadable)
        try:
            yield Opened(folder, _notes(path, done), bad, done.hidden, kept)
        except HangtagError as error:
            message = error.message.replace(str(folder), path.name).replace(folder.name, path.name)
            also = f"; {len(bad)} damaged, the first: {bad[0].reason}" if bad else ""
            raise type(error)(message, f"{error.hint}{also}") from None
    except BaseException:
        kept.remove()
        raise


def _notes(path: Path, done: Unpacking) -> tuple[str, ...]:
    note = f"{path.name} was unpacked: {done.files} files"
    if done.passed:
        shown = ", ".join(suffix or "no suffix" for suffix in sorted(done.passed)[:8])
        note += f"; {done.passed.total()} that are neither images nor tables were not ({shown})"
    called = [
        f"{path.name} does not say in which encoding its names are: read as {one}"
        for one in sorted(done.encodings)
    ]
    return (note, *called)


def unpack(path: Path, folder: Path, done: Unpacking) -> None:
    """Unpack the images and tables of one archive into `folder`.

    Raises:
        FormatError: It is hostile, unpacks to too much, or a member that is no image is damaged.
        MachineError: The disk has no room for it.
    """
    if streams.packing(path) == "zip":
        with zipped.Archive(path, done.options) as archive:
            done.encodings |= {archive.encoding} - {""}
            # A zip says beforehand what it holds, so that nothing need be unpacked to refuse it.
            expected = sum(one.size for one in archive.members() if _may_be_wanted(one.name))
            _check_room(path, folder, expected, done)
            for member in archive.members():
                _take(path, member, folder, done)
    else:
        with tarred.members(path, done.encodings, done.options) as members:
            for member in members:
                _take(path, member, folder, done)


def _unpack_inner(folder: Path, done: Unpacking, depth: int) -> None:
    """Unpack archives that were inside: each into a folder of its own name without suffixes."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if not is_by_name(path.name) or not is_archive(path) or _is_one_table(path):
            continue
        if depth >= DEEPEST:
            raise FormatError(
                f"{path.name} lies more than {DEEPEST} archives deep",
                "unpack it yourself and give the folder",
            )
        inner = path.with_name(path.name.split(".")[0])
        inner = path.with_name(f"{path.name} unpacked") if inner.exists() else inner
        inner.mkdir()
        unpack(path, inner, done)
        path.unlink()
        done.files -= 1
        _unpack_inner(inner, done, depth + 1)


def _is_one_table(path: Path) -> bool:
    if streams.packing(path) != "zip":
        return False
    with zipped.Archive(path) as archive:
        shown = [name for name in archive.names if not trees.is_hidden(name)]
    return len(shown) == 1 and shown[0].lower().endswith((".csv", ".tsv", ".txt"))


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _may_be_wanted(name: str) -> bool:
    if trees.is_hidden(name):
        return False
    return _suffix(name) in DATA or kinds.is_image_by_name(name.rpartition("/")[2]) is not False


def _take(path: Path, member: zipped.Member, folder: Path, done: Unpacking) -> None:
    """Unpack one member if it can be an image or a table."""
    is_image = trees.is_image(member.name)
    if trees.is_hidden(member.name):
        trees.count_hidden(member.name, done.hidden)
        return
    if not _may_be_wanted(member.name):
        done.passed[_suffix(member.name)] += 1
        return
    if is_image and member.size > zipped.MOST_IN_IMAGE:
        reason = f"is larger than {zipped.MOST_IN_IMAGE >> 20} MiB"
        done.unreadable.append(Unreadable(member.name, reason))
        return
    target = folder / member.name
    try:
        written = _write(path, member, target, is_image or _suffix(member.name) in DATA, done)
    except FormatError as error:
        if not is_image or member.size > done.left:
            raise
        target.unlink(missing_ok=True)
        done.unreadable.append(Unreadable(member.name, error.message))
        return
    if written:
        done.files += 1
    else:
        done.passed[_suffix(member.name)] += 1


def _write(path: Path, member: zipped.Member, target: Path, sure: bool, done: Unpacking) -> bool:
    """Write a member if its name or its first bytes say that it is wanted."""
    with member.open() as stream:
        piece = _read(path, member, stream, min(member.size, kinds.ENOUGH))
        if not (sure or kinds.is_image_by_content(piece) or _DATA_STARTS.match(piece)):
            return False
        _check_room(path, target.parent, member.size, done)
        done.left -= member.size
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                missing = member.size - file.write(piece)
                while missing and piece:
                    piece = _read(path, member, stream, min(missing, 1 << 20))
                    missing -= file.write(piece)
        except OSError as error:
            raise MachineError(
                f"{member.name} of {path.name} cannot be unpacked ({error.strerror or error})",
                "unpack it yourself where there is room, or set TMPDIR",
            ) from None
        if missing or _read(path, member, stream, 1):
            raise zipped.other_length(path, member.name)
    return True


def _read(path: Path, member: zipped.Member, stream: IO[bytes], size: int) -> bytes:
    try:
        return stream.read(size)
    except zipped.BROKEN as error:
        raise zipped.damaged(path, member.name, error) from None


def _check_room(path: Path, folder: Path, n_bytes: int, done: Unpacking) -> None:
    if n_bytes > done.left:
        raise FormatError(
            f"{path.name} is refused: it unpacks to more than {MOST_FROM_ONE} times its size, as"
            " bombs do and images do not",
            "if you trust where it came from, unpack it yourself and give the folder",
        )
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if n_bytes > free:
        raise MachineError(
            f"{path.name} unpacks to {n_bytes / 1e9:.1f} GB; the temporary folder has"
            f" {free / 1e9:.1f} GB",
            "unpack it yourself where there is room, or set TMPDIR",
        )
