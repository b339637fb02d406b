"""What every format is to the rest of the room: a name, a look, a way to read.

To add a format: a file that ends with ``METHOD = Method("name", look, read)`` and a line in
``METHODS`` of `detect.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hangtag.progress import Progress, silent
from hangtag.rooms.load.raw import Raw


@dataclass(frozen=True)
class Wish:
    """What the caller asked for, as far as it concerns a reader.

    Attributes:
        size: ``(height, width)`` the pictures shall have; None for the source's own.
        grey: True for one channel, False for three, None for what the source has.
        label: Name of the column or key with the labels, when it cannot be guessed.
        progress: Where to say how far it is.
    """

    size: tuple[int, int] | None = None
    grey: bool | None = None
    label: str | None = None
    progress: Progress = silent


@dataclass(frozen=True)
class Member:
    """One picture of a source that keeps pictures as files or encoded bytes.

    Attributes:
        id: Its path inside the source.
        part: The part it belongs to.
        label: Its label as written; None without one.
        open: Gives the path or the bytes; called again when the first guess of a size was wrong.
    """

    id: str
    part: str
    label: str | None
    open: Callable[[], str | bytes]


@dataclass(frozen=True)
class Method:
    """One format.

    Attributes:
        name: What :attr:`ImageSet.format` says.
        look: Path to the reason why it is this format, such as ``the folder holds x.idx``; None
            when it is not. Looks at names and first bytes only.
        read: Path to pictures, labels and parts.
    """

    name: str
    look: Callable[[Path], str | None]
    read: Callable[[Path, Wish], Raw]
