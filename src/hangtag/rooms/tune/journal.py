"""A journal file: one line of JSON per change, appended; whoever is killed loses nothing finished.

Optuna's journal with three differences: its lock ends with its holder, a torn last line is cut off
before anything is added, and the disk is waited for only when a trial has ended (anything else is
safe from a kill without that, and a power cut costs the trials it would cost anyway). Imports
optuna, so it is imported only by a search.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from hangtag import atomic
from hangtag.errors import FormatError

CHECKSUM = "crc32"
STATE_CHANGED = 6
"""Optuna's code of the change that ends a trial (a test compares)."""


class Journal(JournalFileBackend):
    """The backend of Optuna's journal storage."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._starts = [0]  # of every line read so far, and of the next
        super().__init__(str(path), lock_obj=_lock(path))

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """Give the changes from a number on, up to the last whole line.

        Raises:
            FormatError: One is not as it was written. (Older journals have no checksums.)
        """
        first = min(log_number_from, len(self._starts) - 1)
        place = self._starts[first]
        with self._path.open("rb") as file:
            file.seek(place)
            for number, line in enumerate(file, first):
                if not line.endswith(b"\n"):  # torn by a kill, or being written at this moment
                    return
                place += len(line)
                if number + 1 == len(self._starts):
                    self._starts.append(place)
                if number >= log_number_from:
                    yield self._checked(number + 1, line)

    def _checked(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            change: dict[str, Any] = json.loads(line)
            right = change.pop(CHECKSUM, None) in {None, _checksum(change)}
        except (ValueError, RecursionError, AttributeError, TypeError):
            right = False
        if not right:
            raise FormatError(
                f"line {number} of {self._path} is damaged or was changed after it was written",
                "bring the file back from a copy, or search again with another --out",
            )
        return change

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add a line per change, behind the last whole line."""
        lines = "".join(_sealed(one) + "\n" for one in logs)
        ended = any(one.get("op_code") == STATE_CHANGED for one in logs)
        self._lock.acquire()
        try:
            atomic.append(self._path, lines.encode(), durable=ended)
        finally:
            self._lock.release()


def _sealed(change: Mapping[str, Any]) -> str:
    """A change as its line: JSON that anyone's Optuna reads, its checksum one name more in it."""
    return _line({**change, CHECKSUM: _checksum(change)})


def _checksum(change: Mapping[str, Any]) -> int:
    return zlib.crc32(_line(change).encode())


def _line(change: Mapping[str, Any]) -> str:
    return json.dumps(change, separators=(",", ":"))


class FileLock:
    """A lock on a file that the system lets go when its holder is killed.

    Optuna's own locks are files, which a killed holder leaves behind: half a minute is lost.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Wait until nobody else has it."""
        import fcntl

        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return True

    def release(self) -> None:
        """Let it go."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _lock(path: Path) -> Any:  # noqa: ANN401 - what Optuna takes for a lock has no public type
    if os.name == "nt":  # Windows locks files in another way, and Optuna knows it
        return JournalFileOpenLock(str(path))
    return FileLock(path)
