"""Embeddings that were made before, found again by what is in the picture: a file in the cache.

The key of an embedding is a hash of the picture and of all that was done to it, the encoder's
digest among that, so pictures may be moved, renamed and added to: only new ones are embedded. One
SQLite file for each way of embedding; several processes may read and write it at once. It is a
cache: what is damaged is thrown away, and where it cannot be written nothing is kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WAIT = 4.0
"""Seconds to wait for another process that writes."""


class Store:
    """Embeddings of one encoder, used in one way.

    Args:
        place: The file; made when something is first kept.
        width: Numbers of an embedding.
    """

    def __init__(self, place: Path, width: int) -> None:
        self._place, self._width = place, width

    def find(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Those that are kept, by their keys."""
        if not self._place.is_file():
            return {}
        found: dict[bytes, NDArray[np.float32]] = {}
        try:
            with closing(self._opened()) as file:
                # One after the other and not with IN (…), of which SQLite allows a few thousand.
                for key in keys:
                    for (v,) in file.execute("SELECT v FROM made WHERE key = ?", (key,)):
                        # Little-endian whatever the machine, so that a cache can be moved with a
                        # home folder.
                        found[key] = np.frombuffer(v, "<f4")
        except (sqlite3.Error, ValueError):
            return {}
        return {key: one for key, one in found.items() if len(one) == self._width}

    def keep(self, made: Iterable[tuple[bytes, NDArray[np.float32]]]) -> None:
        """Keep embeddings by their keys, all of them or none."""
        rows = [(key, one.astype("<f4").tobytes()) for key, one in made]
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

    def _write(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with closing(self._opened()) as file, file:
            file.execute("CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, v BLOB NOT NULL)")
            file.executemany("INSERT OR REPLACE INTO made VALUES (?, ?)", rows)

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._place, timeout=WAIT)
