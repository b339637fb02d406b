"""Which encoding a table is in, and its bytes as UTF-8: UTF-8, UTF-16 and Windows-1252.

UTF-16 is told by its mark or its zero bytes. Text that is no UTF-8 is taken for Windows-1252
(latin-1 with its additions) only where its letters beyond ASCII stand alone in words, as those of
western European languages do; in every other 8-bit encoding nearly all letters are such, and it
could be any of dozens: then the person has to say it by saving the file as UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag.errors import FormatError
from hangtag.rooms.load import streams

WESTERN = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_NO_LETTERS = re.compile(rb"[\x80-\x9f\xd7\xf7]")
_MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")


def guess(start: bytes) -> str | None:
    """The encoding that the first bytes of a text are in; None when they are no text."""
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        return _utf_16(start[:4096])
    return "utf-8" if _is_utf8(start) or not is_western(start) else WESTERN


def is_western(content: bytes) -> bool:
    """Whether bytes that are no UTF-8 look like text in Windows-1252."""
    runs = _BEYOND_ASCII.findall(content)
    letters_alone = all(len(run) <= 2 for run in runs)  # "größe", "naïve", rarely two as in "créée"
    # Some lines in UTF-8 and others not: a damaged file, whose damaged rows are to be named.
    mixed = any(map(_MULTIBYTE.fullmatch, runs))
    return bool(runs) and letters_alone and not mixed and not _NO_LETTERS.search(content)


def decode_start(start: bytes, encoding: str) -> str:
    """The first bytes as text; what is damaged in UTF-8 stays as it is, to be named later."""
    wide = encoding.startswith("utf-16")
    text = start.decode(encoding, "ignore" if wide else "surrogateescape").lstrip("\ufeff")
    return text[: text.rfind("\n") + 1] or text if wide else text


def decode(content: bytes, name: str) -> tuple[str, str]:
    """A whole text and its encoding.

    Raises:
        FormatError: It is in an encoding that cannot be told.
    """
    encoding = guess(content) or "utf-8"
    try:
        return content.decode(encoding).lstrip("\ufeff"), encoding
    except UnicodeDecodeError:
        raise FormatError(
            f"{name} is not text in UTF-8, and in which encoding it is cannot be told",
            "save it as UTF-8",
        ) from None


def note(name: str, encoding: str) -> tuple[str, ...]:
    """What to say about the encoding of a table; nothing for UTF-8."""
    said = {WESTERN: "Windows-1252 (latin-1)", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
    return (f"{name} was read as {said[encoding]}",) if encoding in said else ()


@contextmanager
def opened(path: Path, encoding: str) -> Iterator[streams.Unpacked | Recoded]:
    """Open a table, packed or not, as a stream of UTF-8."""
    with streams.unpacked(path) as stream:
        yield stream if encoding.startswith("utf-8") else Recoded(stream, encoding)


class Recoded:
    """A stream of bytes in another encoding, read as UTF-8."""

    def __init__(self, stream: streams.Unpacked, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""
        self._first = True

    @property
    def position(self) -> int:
        """How far the file has been read, in its own bytes."""
        return self._stream.position

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end of the file."""
        while len(self._ready) < size and (piece := self._stream.read(streams.CHUNK)):
            text = self._decoder.decode(piece)
            if self._first:
                text, self._first = text.removeprefix("\ufeff"), False
            self._ready += text.encode("utf-8", "replace")
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


def _is_utf8(start: bytes) -> bool:
    try:
        start.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _utf_16(start: bytes) -> str | None:
    """Told by which byte of each pair is zero: of ASCII letters it is always the same one."""
    low, high = start[0::2], start[1::2]
    if high.count(0) > 0.7 * len(high) and low.count(0) < 0.05 * len(low):
        return "utf-16-le"
    if low.count(0) > 0.7 * len(low) and high.count(0) < 0.05 * len(high):
        return "utf-16-be"
    return None
