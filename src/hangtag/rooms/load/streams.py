"""Files, packed or not, as streams that can be read to a stated limit and no further.

A path comes in; out comes a stream of its unpacked bytes. What is cut off, damaged, or grows
beyond what its packing can honestly hold is a FormatError that names the file. To add a packing:
one entry in :data:`PACKINGS` and one reader.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hangtag.errors import FormatError
from hangtag.rooms.load import zipped

CHUNK = 1 << 20

PACKINGS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip"}
"""First bytes of the packings that are understood."""

MOST_FROM_ONE = {"gzip": 1032, "xz": 7000, "zip": 1032}
"""Bytes one packed byte can unpack to: deflate's limit, and what xz reaches on a constant file."""


def packing(path: Path) -> str:
    """``gzip``, ``xz``, ``zip``, or empty for a plain file; told by its first bytes."""
    with path.open("rb") as file:
        start = file.read(8)
    return next((name for magic, name in PACKINGS.items() if start.startswith(magic)), "")


def most_bytes(path: Path) -> int:
    """More bytes than this cannot come out of the file, whatever it declares."""
    return path.stat().st_size * MOST_FROM_ONE.get(packing(path), 1)


@contextmanager
def unpacked(path: Path, name: str = "") -> Iterator[Unpacked]:
    """Open a plain, gzip or xz file, or a zip of one file, as a stream of what is in it.

    Raises:
        FormatError: The packing is damaged or cut off (also while reading), or a zip holds
            several files.
    """
    kind = packing(path)
    if kind == "zip":
        with zipped.Archive(path) as archive, archive.open(archive.only()) as member:
            yield Unpacked(member, kind, name or path.name)
        return
    with path.open("rb") as file:
        yield Unpacked(file, kind, name or path.name)


def check(path: Path) -> None:
    """Read to the end of the first chunk.

    Raises:
        FormatError: The packing is damaged or cut off.
    """
    with unpacked(path) as stream:
        stream.read(CHUNK)


class Unpacked:
    """Unpacked bytes of a file, read forward only."""

    def __init__(self, file: IO[bytes], kind: str, name: str) -> None:
        self.name = name
        self._file = file
        self._kind = kind
        self._ready = b""
        self._decoder = _DECODERS[kind]() if kind in _DECODERS else None

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; fewer only at the end of the file."""
        # A decoder gives what it has; callers that count on a header's length need all of it or the
        # end.
        pieces, missing = [], size
        while missing and (piece := self._some(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def read_lines(self, most: int, lines: int) -> bytes:
        """The first lines, whole ones only, as far as `most` bytes reach."""
        start = b""
        while start.count(b"\n") <= lines and len(start) < most:
            piece = self._some(min(CHUNK >> 3, most - len(start)))
            if not piece:
                return start
            start += piece
        return start[: start.rfind(b"\n") + 1]

    @property
    def position(self) -> int:
        """How far the file has been read, in its own bytes (of a zip, in unpacked ones)."""
        return self._file.tell()

    def fill(self, target: memoryview) -> int:
        """Fill `target` from the stream and say how many bytes there were."""
        done = 0
        while done < len(target) and (piece := self._some(min(CHUNK, len(target) - done))):
            target[done : done + len(piece)] = piece
            done += len(piece)
        return done

    def _some(self, most: int) -> bytes:
        try:
            if self._decoder is None:
                return self._file.read(min(most, CHUNK))
            return self._unpack(most)
        except (zlib.error, lzma.LZMAError, *zipped.BROKEN) as error:
            said = f": its {self._kind} packing says '{error}'" if self._kind else f" ({error})"
            raise FormatError(
                f"{self.name} is damaged{said}", "fetch or copy the file again"
            ) from None

    def _unpack(self, most: int) -> bytes:
        decoder = self._decoder
        assert decoder is not None
        while True:
            piece = decoder.take(most)
            if piece:
                return piece
            if decoder.done:
                return self._next_member(most)
            packed = self._file.read(CHUNK >> 2)
            if not packed:
                raise FormatError(
                    f"{self.name} is cut off: its {self._kind} packing ends too early",
                    "fetch or copy the file again; it was not transferred whole",
                )
            decoder.give(packed)

    def _next_member(self, most: int) -> bytes:
        """Go on with the next stream of the same file, as gzip and xz allow; empty at the end."""
        assert self._decoder is not None
        # Tapes and some disks pad with zeros behind the last stream; tar and gzip take that for the
        # end, too.
        rest = (self._decoder.rest + self._file.read(CHUNK >> 2)).lstrip(b"\0")
        magic = next(magic for magic, name in PACKINGS.items() if name == self._kind)
        if not rest.startswith(magic):
            return b""
        self._decoder = _DECODERS[self._kind]()
        self._decoder.give(rest)
        return self._unpack(most)


class _Gzip:
    def __init__(self) -> None:
        # 31 is a window of 2^15 bytes with gzip's own header, whose checksum zlib then compares.
        self._inner = zlib.decompressobj(wbits=31)
        self._packed = b""

    def give(self, packed: bytes) -> None:
        self._packed = packed

    def take(self, most: int) -> bytes:
        piece = self._inner.decompress(self._packed, most)
        # Kept for the next call: a byte may unpack to a thousand, and no more is unpacked than was
        # asked for.
        self._packed = self._inner.unconsumed_tail
        return piece

    @property
    def done(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data


class _Xz:
    # 256 MiB of dictionary is four times what `xz -9` asks for.
    def __init__(self) -> None:
        self._inner = lzma.LZMADecompressor(memlimit=1 << 28)
        self._packed = b""

    def give(self, packed: bytes) -> None:
        self._packed = packed

    def take(self, most: int) -> bytes:
        if self._inner.eof:
            return b""
        piece = self._inner.decompress(self._packed, most)
        self._packed = b""
        return piece

    @property
    def done(self) -> bool:
        return self._inner.eof

    @property
    def rest(self) -> bytes:
        return self._inner.unused_data


_DECODERS: dict[str, Callable[[], _Gzip | _Xz]] = {"gzip": _Gzip, "xz": _Xz}
