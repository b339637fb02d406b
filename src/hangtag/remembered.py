"""What was worked out before, found again by what it was made of: keys and bytes in one file.

For caches: one SQLite file for each kind of thing, which several processes may read and write at
once. What is damaged is thrown away and begun anew, and where nothing can be written nothing is
kept; whoever asks works out again what is not there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

WAIT = 4.0
"""Seconds to wait for another process that writes."""


class Remembered:
    """Bytes by their keys.

    Args:
        place: The file; made when something is first kept.
    """

    def __init__(self, place: Path) -> None:
        self._place = place

    def find(self, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Those that are kept, with their keys, one after the other."""
        if not self._place.is_file():
            return
        with suppress(sqlite3.Error), closing(self._opened()) as file:
            # One after the other and not with IN (…), of which SQLite allows a few thousand.
            for key in keys:
                for (v,) in file.execute("SELECT v FROM made WHERE key = ?", (key,)):
                    yield key, bytes(v)

    def keep(self, made: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep what was made by its keys, all of it or nothing."""
        rows = list(made)
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True)
            self._write(rows)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only
                return
            with suppress(OSError, sqlite3.Error):  # no database any more: begin again
                self._place.unlink()
                self._write(rows)
        except OSError:
            return

    def _write(self, rows: list[tuple[bytes, bytes]]) -> None:
        with closing(self._opened()) as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, v BLOB NOT NULL)")
            file.executemany("INSERT OR REPLACE INTO made VALUES (?, ?)", rows)

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._place, timeout=WAIT)
