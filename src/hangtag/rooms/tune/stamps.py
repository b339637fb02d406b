"""Who measures a trial: host, process and when it began, kept in the search's storage.

A process that was killed can say nothing any more; others look whether the one of its number is
still the one that took the trial.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def stamp() -> dict[str, Any]:
    """This process, so that others can see whether it lives."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "began": _began(os.getpid())}


def is_of_here(stamp: Mapping[str, Any]) -> bool:
    """Whether a process runs, or ran, on this machine."""
    return bool(stamp["host"] == socket.gethostname())


def is_alive(stamp: Mapping[str, Any]) -> bool:
    """Whether a process of this machine still runs."""
    if os.name == "nt":  # where signal 0 is no question but Ctrl-C, and searches have one process
        return int(stamp["pid"]) == os.getpid()
    try:
        # Signal 0 is sent to nobody; the system only checks whether it could be.
        os.kill(int(stamp["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return bool(_began(int(stamp["pid"])) == stamp["began"])


def _began(pid: int) -> str:
    """When the system started a process, so that its number is not taken for another's.

    Returns:
        Ticks since the machine started, ``ended`` for a process that nobody has buried yet, and
        nothing where the system does not tell.
    """
    try:
        facts = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "ended" if facts[0] in "ZX" else facts[19]
    except (OSError, IndexError):
        return ""
