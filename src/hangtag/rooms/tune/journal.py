"""A journal file: one line of JSON per change, appended; whoever is killed loses nothing finished.

Optuna's journal with three differences: its lock ends with its holder, a torn last line is cut off
before anything is added, and the disk is waited for only when a trial has ended (anything else is
safe from a kill without that, and a power cut costs the trials it would cost anyway). Imports
optuna, so it is imported only by a search.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

STATE_CHANGED = 6
"""Optuna's code of the change that ends a trial (a test compares)."""


class Journal(JournalFileBackend):
    """The backend of Optuna's journal storage."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(str(path), lock_obj=_lock(path))

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add a line per change, behind the last whole line."""
        lines = "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in logs)
        ended = any(one.get("op_code") == STATE_CHANGED for one in logs)
        self._lock.acquire()
        try:
            with self._path.open("r+b") as file:
                cut_torn_line(file)
                file.write(lines.encode())
                file.flush()
                if ended:
                    os.fsync(file.fileno())
        finally:
            self._lock.release()


def cut_torn_line(file: BinaryIO) -> None:
    """Cut off what follows the last end of a line, and stand at the end."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return
    file.seek(size - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
    file.seek(0, os.SEEK_END)


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
