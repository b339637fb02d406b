"""What every format is to the rest of the room: a name, a look, a way to read.

To add a format: a file that ends with ``METHOD = Method("name", look, read)`` and a line in
``METHODS`` of `detect.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from hangtag.progress import Progress, silent
from hangtag.records import LoadOptions
from hangtag.rooms.load.raw import Raw


class Evidence(IntEnum):
    """How sure a format is that a source is its own; the most certain one reads."""

    SHAPE = 1
    """It has a shape that this format could have, such as folders with images in them."""
    CONTENT = 2
    """All of it was looked at and fits, such as a column whose every cell names an image there."""
    NAMES = 3
    """First bytes or names that only this format has, such as ``pixel0`` or ``\\x93NUMPY``."""


@dataclass(frozen=True)
class Claim:
    """That a source is of a format.

    Attributes:
        why: The reason, such as ``the folder holds x.idx``.
        evidence: How sure it is.
    """

    why: str
    evidence: Evidence = Evidence.NAMES


@dataclass(frozen=True)
class LoadRequest(LoadOptions):
    """The options of one reading, and whom to tell how far it is.

    Attributes:
        progress: Where to say how far it is.
        limit: Images of each part that will be kept, see :func:`hangtag.rooms.load.raw.evenly`;
            None for all. A reader need not decode the others.
    """

    progress: Progress = silent
    limit: int | None = None


@dataclass(frozen=True)
class Member:
    """One image of a source that keeps images as files or encoded bytes.

    Attributes:
        id: Its path inside the source.
        part: The part it belongs to.
        label: Its label as written; None without one.
        open: Gives the path or the bytes; called again when the first guess of a size was wrong.
        group: What it belongs to; None where nothing says it.
    """

    id: str
    part: str
    label: str | None
    open: Callable[[], str | bytes]
    group: str | None = None


@dataclass(frozen=True)
class Method:
    """One format.

    Attributes:
        name: What :attr:`ImageSet.format` says.
        look: Says why a path is of this format and how sure that is; None when it is not. Given
            the options too, since what a person says can settle what a look cannot.
        read: Path to images, labels and parts.
    """

    name: str
    look: Callable[[Path, LoadOptions], Claim | None]
    read: Callable[[Path, LoadRequest], Raw]
