"""Folders of images: a folder to the names of its image files, in a stable order.

A file is an image by its suffix, or by its first bytes where the suffix says nothing (`kinds.py`);
whether it can be read shows when it is opened. Hidden files and folders (``.name``, ``__MACOSX``)
are passed over. An entry that cannot be looked at (a link round in a circle or to nothing, a folder
or file without rights) is listed with its reason and never the end of the walk.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hangtag import troubles
from hangtag.rooms.load import kinds

_NO_FILE = "is no ordinary file"
_AS_OURSELVES = os.access in os.supports_effective_ids


def is_image(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is an image by its name."""
    return kinds.is_image_by_name(path.rpartition("/")[2]) is True and not is_hidden(path)


def is_hidden(path: str) -> bool:
    """Whether the file at this path, with forward slashes, is passed over."""
    return path.startswith(".") or "/." in path or "__MACOSX" in path.split("/")


def images(folder: Path) -> dict[str, str]:
    """Every image below `folder`: :func:`identity` to path, in the order of identities."""
    return look_through(folder)[0]


def look_through(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Every image below `folder`, as :func:`images`, and what cannot be looked at.

    Returns:
        Identity to path of the images; identity to reason of the entries that are closed to us.

    Raises:
        OSError: `folder` itself cannot be opened, or the machine is at the end of its means.
    """
    start = len(os.path.join(folder, ""))  # noqa: PTH118 - text is ten times faster than Path here
    images, closed = {}, {}
    for path, reason in sorted(_walk(folder)):
        if reason:
            closed[_plain(path[start:])] = reason
        else:
            images[_plain(path[start:])] = path
    return dict(sorted(images.items())), closed


def hidden(folder: Path) -> Counter[str]:
    """How many hidden images there are below `folder`, by the folder they are passed over with."""
    found: Counter[str] = Counter()
    start = len(os.path.join(folder, ""))  # noqa: PTH118 - as above
    # Not through links: whatever is hidden behind them is somebody else's.
    for place, _, names in os.walk(folder):
        inside = _plain(place[start:])
        for name in names:
            path = f"{inside}/{_plain(name)}" if inside else _plain(name)
            if is_hidden(path):
                count_hidden(path, found)
    return found


def count_hidden(path: str, found: Counter[str]) -> None:
    """Count the file at a hidden path if it is an image by its name."""
    if kinds.is_image_by_name(path.rpartition("/")[2]) is True:
        steps = path.split("/")
        first = next(n for n, one in enumerate(steps) if is_hidden(one))
        # A hidden folder with all that is in it, or the folder of a hidden file.
        found["/".join(steps[: first + 1] if first + 1 < len(steps) else steps[:-1])] += 1


def subfolders(folder: Path) -> list[Path]:
    """The folders directly in `folder` that can be opened and are not hidden, by their names."""
    with os.scandir(folder) as entries:
        names = sorted(one.name for one in entries if not is_hidden(one.name) and _opens(one))
    return [folder / name for name in names]


def files(folder: Path, name: re.Pattern[str]) -> list[str]:
    """The files directly in `folder` that are called so, in order; links to nothing are none."""
    with os.scandir(folder) as entries:
        called = [one for one in entries if name.search(one.name)]
        return sorted(one.name for one in called if os.path.isfile(one.path))  # noqa: PTH113


def identity(path: Path, folder: Path) -> str:
    r"""The path inside `folder` with forward slashes; bytes that are no text become ``\xff``."""
    return _plain(str(path.relative_to(folder)))


def any_below(folder: Path) -> bool:
    """Whether an image lies anywhere below `folder`."""
    return any(not reason for _, reason in _walk(folder))


def _plain(inside: str) -> str:
    slashed = inside if os.sep == "/" else inside.replace(os.sep, "/")
    if slashed.isascii():
        return slashed
    return os.fsencode(slashed).decode("utf-8", "backslashreplace")


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Paths of images below `folder`, and of what cannot be looked at with the reason.

    Links are followed, but no folder is entered twice.
    """
    waiting = [str(folder)]
    entered: set[tuple[int, int]] = set()
    while waiting:
        path = waiting.pop()
        try:
            where = os.stat(path)  # noqa: PTH116 - paths are text here
            # A link to a folder above would be followed for ever; device and number name a folder
            # whatever path leads to it.
            if (where.st_dev, where.st_ino) in entered:
                continue
            entered.add((where.st_dev, where.st_ino))
            with os.scandir(path) as found:
                entries = [one for one in found if not is_hidden(one.name)]
        except OSError as error:
            if path == str(folder):
                raise
            yield path, why_closed(error)
            continue
        for one in entries:
            kind, reason = _kind(one)
            if kind == "folder":
                waiting.append(one.path)
            elif kind:
                yield one.path, reason


def _kind(entry: os.DirEntry[str]) -> tuple[str, str]:
    """Whether an entry is a folder, an image, closed to us for a reason, or nothing of ours."""
    by_name = kinds.is_image_by_name(entry.name)
    try:
        if entry.is_dir():
            return "folder", ""
        if by_name is False:
            return "", ""
        if not entry.is_file():  # never opened: a pipe would wait for ever
            return _no_file(entry, by_name)
        return "image" if by_name or _begins_as_image(entry.path) else "", ""
    except OSError as error:
        return ("", "") if by_name is False else ("closed", why_closed(error))


def _no_file(entry: os.DirEntry[str], by_name: bool | None) -> tuple[str, str]:
    if entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
        return "closed", "is a link to what is not there"
    return ("closed", _NO_FILE) if by_name else ("", "")


def why_closed(error: OSError) -> str:
    """The reason why one file or folder cannot be opened, a few words.

    Raises:
        MachineError: It is the machine's trouble, and the next one would have it as well.
    """
    trouble = troubles.named(error)
    if trouble is not None and error.errno in troubles.MACHINE:
        raise trouble from None
    words = troubles.SYSTEM.get(error.errno or 0, (error.strerror or str(error), ""))[0]
    return f"cannot be opened: {words}"


def _opens(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder that may be listed and entered."""
    try:
        return entry.is_dir() and os.access(
            entry.path, os.R_OK | os.X_OK, effective_ids=_AS_OURSELVES
        )
    except OSError:
        return False


def _begins_as_image(path: str) -> bool:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - paths are text here
        return kinds.is_image_by_content(file.read(kinds.ENOUGH))


def is_image_file(path: str | Path) -> bool:
    """Whether the first bytes of a file are an image's."""
    try:
        return _begins_as_image(str(path))
    except OSError:  # a file that may not be opened is no image that anybody knows of
        return False


def has_images(folder: Path) -> bool:
    """Whether an image lies directly in `folder`."""
    with os.scandir(folder) as entries:
        return any(_kind(one)[0] == "image" for one in entries if not is_hidden(one.name))
