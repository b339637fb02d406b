"""What is read of a Parquet file: its columns, how many rows, and encoded images some at a time.

Whatever polars makes of a damaged file becomes a sentence. Imports polars inside its functions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

from hangtag.errors import FormatError, SourceError

_AT_ONCE, _BYTES = 256, 16 << 20
"""Encoded images that are read together, and about their bytes; fewer where they are large."""
_APART = 128
"""Images between those that threads decode at the same time."""
_READING = Lock()
"""Held by who reads: what polars prints over a damaged file is kept back for one at a time."""


class Rows:
    """A column of encoded images, read some rows at a time and never held whole."""

    def __init__(self, file: Path, column: str, rows: int) -> None:
        self._file, self._column, self._rows = file, column, rows
        self._held: dict[int, list[bytes | None]] = {}
        of_each = file.stat().st_size / max(rows, 1)
        self._step = max(1, min(_AT_ONCE, int(_BYTES / of_each)))

    def __reduce__(self) -> tuple[type[Rows], tuple[Path, str, int]]:
        return Rows, (self._file, self._column, self._rows)

    def read(self, row: int) -> bytes:
        """The bytes of an image.

        Raises:
            FormatError: The row has none.
            SourceError: The file is damaged, gone, or was changed since.
        """
        at, inside = divmod(row, self._step)
        with _READING:
            if at not in self._held:
                # Images are asked for in their order, but threads are ahead of each other.
                kept = 2 + _APART // self._step
                for old in list(self._held)[: max(0, len(self._held) + 1 - kept)]:
                    del self._held[old]
                self._held[at] = self._some(at * self._step)
            found = self._held[at]
        content = found[inside] if inside < len(found) else None
        if content is None:
            raise FormatError("holds no bytes, only a path")
        return content

    def _some(self, start: int) -> list[bytes | None]:
        import polars

        column = polars.col(self._column)
        try:
            with polars_errors(self._file):
                if isinstance(schema(self._file)[self._column], polars.Struct):
                    column = column.struct.field("bytes")
                lazy = polars.scan_parquet(self._file, use_statistics=False)
                some = lazy.select(column.alias("bytes")).slice(start, self._step).collect()
                return some["bytes"].to_list()
        except FormatError as error:  # of the file, not of one image
            raise SourceError(error.message, error.hint) from None


def schema(file: Path) -> Mapping[str, Any]:
    """Its columns: name to polars' type."""
    import polars

    return polars.read_parquet_schema(file)


def rows_of(file: Path) -> int:
    """How many rows it has."""
    import polars

    return int(polars.scan_parquet(file).select(polars.len()).collect().item())


@contextmanager
def _panics_unprinted() -> Iterator[None]:
    """Keep back what polars' threads print when they panic over a damaged file.

    They write to the standard error of the process past Python; anything else that was written
    there meanwhile is passed on at the end.
    """
    from polars.exceptions import PanicException

    try:
        stderr = os.dup(2)
    except OSError:  # there is no standard error to keep anything from
        yield
        return
    with TemporaryFile() as kept:
        sys.stderr.flush()
        os.dup2(kept.fileno(), 2)
        panicked = False
        try:
            yield
        except PanicException:
            panicked = True
            raise
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            if not panicked:
                kept.seek(0)
                os.write(2, kept.read())


@contextmanager
def polars_errors(file: Path) -> Iterator[None]:
    """Turn whatever polars makes of a damaged file into a sentence."""
    from polars.exceptions import PanicException, PolarsError

    try:
        with _panics_unprinted():
            yield
    except (PolarsError, PanicException, OSError, ValueError) as error:
        first = str(error).split("\n")[0][:200]
        raise FormatError(
            f"{file.name} is damaged or cut off ({first})", "fetch or write the file again"
        ) from None
