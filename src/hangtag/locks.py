"""One process at a time on one run, search, study or cache: locks that end with whoever holds them.

A lock is ``flock`` on the folder or file itself, so nothing is left behind by a kill, nothing
has to be swept, and a folder that can only be read can be locked as well.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hangtag.errors import BusyError

PATIENCE = 4.0  # seconds: whoever ends in a moment is waited for, nobody else
LOOK = 0.05  # seconds between tries

_held: dict[tuple[int, int, int], int] = {}
_counting = threading.Lock()


@contextmanager
def held(place: Path, name: str, *, seconds: float = PATIENCE) -> Iterator[None]:
    """Hold a place against other processes and threads until the block ends.

    The same thread may hold it again inside. Where the system or the file system knows no such
    locks (Windows, some network disks), nothing is held.

    Args:
        place: A folder or file that is there.
        name: What it is, for the sentence of whoever is refused: ``run shoes``.
        seconds: How long to wait for another holder; ``math.inf`` waits for ever.

    Raises:
        BusyError: Another process or thread still holds it.
    """
    descriptor = os.open(place, os.O_RDONLY)
    try:
        facts = os.fstat(descriptor)
        key = (facts.st_dev, facts.st_ino, threading.get_ident())
        # A second flock from one process waits for the first: a thread would wait for itself.
        if not _count(key, 1):
            try:
                _acquire(descriptor, name, seconds)
            except BaseException:
                _count(key, -1)
                raise
        try:
            yield
        finally:
            _count(key, -1)
    finally:
        os.close(descriptor)


def _count(key: tuple[int, int, int], change: int) -> int:
    """Add to how often this thread holds a place; what it was before."""
    with _counting:
        before = _held.get(key, 0)
        _held[key] = before + change
        if not _held[key]:
            del _held[key]
        return before


def is_held(place: Path) -> bool:
    """Whether somebody holds a place just now; never where the system knows no such locks."""
    try:
        with held(place, place.name, seconds=0):
            return False
    except BusyError:
        return True
    except OSError:  # it is not there
        return False


def _acquire(descriptor: int, name: str, seconds: float) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise _busy(descriptor, name) from None
            time.sleep(LOOK)
        except OSError:  # a file system without such locks
            return
        else:
            return


def _busy(descriptor: int, name: str) -> BusyError:
    holder = _holder(os.fstat(descriptor))
    who = f"process {holder}" if holder else "another process"
    return BusyError(
        f"{name} is in use by {who}",
        "wait until it has ended, or end it; what it has finished is kept",
    )


def _holder(facts: os.stat_result) -> int | None:
    """The process that holds a lock on a file, where the system says so (Linux)."""
    at = f"{os.major(facts.st_dev):02x}:{os.minor(facts.st_dev):02x}:{facts.st_ino}"
    try:
        rows = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return None
    found = [row[4] for row in rows if row[1] == "FLOCK" and row[5] == at]
    return int(found[0]) if found and found[0].isdigit() and found[0] != "0" else None
