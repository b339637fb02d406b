"""Images as their files have them, opened again when somebody wants more than the set holds.

A set keeps every image at one size, which is enough to look at and for small networks; a network
for photographs wants the file. Files are read where they were found, by the same rules
(`decoding.py`), and hashed, so that what was worked out for an image is found again wherever it
lies. This module is only imported lazily: it loads Pillow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError, SourceError
from hangtag.rooms.load import decoding


@dataclass(frozen=True, eq=False)
class FileOriginals:
    """The files of the images of a set, in its order.

    Attributes:
        names: What each is called, for the error's sentence.
        openers: Gives the path or the bytes of each.
        matte: Grey level that transparent parts are laid on; None if there are none.
        white: The value of white in images of 16 bits, where it is not 65535.
        folder: What keeps the files there, where an archive was unpacked for this process.
    """

    names: Sequence[str]
    openers: Sequence[Callable[[], str | bytes]]
    matte: int | None = None
    white: int | None = None
    folder: object = None

    def __len__(self) -> int:
        return len(self.openers)

    def take(self, indices: NDArray[np.int64]) -> FileOriginals:
        """Those at `indices`, in that order."""
        chosen = indices.tolist()
        return FileOriginals(
            [self.names[one] for one in chosen],
            [self.openers[one] for one in chosen],
            self.matte,
            self.white,
            self.folder,
        )

    def kept_by(self, folder: object) -> FileOriginals:
        """The same, and what keeps the files there."""
        return replace(self, folder=folder)

    def keys(self) -> list[bytes]:
        """SHA-256 of each file's bytes and of what else its pixels depend on."""
        # The same file laid on another background, or with another white, is another image.
        own = repr((self.matte, self.white)).encode()
        return [hashlib.sha256(own + self._content(row)).digest() for row in range(len(self))]

    def sizes(self, rows: Sequence[int]) -> NDArray[np.int64]:
        """``(n, 2)`` height and width of each by its header; 0 for what cannot be read any more."""
        found = np.zeros((len(rows), 2), np.int64)
        read = decoding.in_threads(lambda row: decoding.facts(self.openers[row]()), rows)
        for at, (_, said) in enumerate(read):
            if not isinstance(said, FormatError):
                found[at] = said.height, said.width
        return found

    def open(self, rows: Sequence[int], least: int) -> Iterator[NDArray[np.uint8]]:
        """The images at `rows`, decoded in several threads, a batch at a time.

        Args:
            rows: Which.
            least: The shorter side may be made as small as this, where that is quicker.

        Yields:
            ``(height, width, 3)`` uint8, each of its own size.

        Raises:
            SourceError: A file is gone or was changed since the set was loaded.
        """

        def decoded(row: int) -> NDArray[np.uint8]:
            return decoding.decode(
                self.openers[row](), grey=False, matte=self.matte, white=self.white, least=least
            )[0]

        for row, found in decoding.in_threads(decoded, rows, batch=2 * decoding.TASK):
            if isinstance(found, FormatError):
                raise self._changed(row, found.message)
            yield found

    def _content(self, row: int) -> bytes:
        source = self.openers[row]()
        if isinstance(source, bytes):
            return source
        try:
            return Path(source).read_bytes()
        except OSError as error:
            raise self._changed(row, error.strerror or "cannot be read") from None

    def _changed(self, row: int, why: str) -> SourceError:
        return SourceError(
            f"{self.names[row]} was read before and cannot be now: {why}",
            "bring it back, or load the images again",
        )
