"""The audit log: a line of JSON for every write that was asked for, however it went."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path


class AuditLog:
    """Lines are added and never changed.

    Args:
        folder: Where ``audit.jsonl`` is kept; made when there is something to note.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "audit.jsonl"
        self._lock = threading.Lock()

    def note(self, **facts: object) -> None:
        """Add a line."""
        line = json.dumps({"at": datetime.now(UTC).isoformat(), **facts}, ensure_ascii=False)
        with self._lock:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            # One write at the end of the file: lines of two processes never mix.
            descriptor = os.open(self.path, flags, 0o600)
            try:
                os.write(descriptor, line.encode("utf-8", "replace") + b"\n")
            finally:
                os.close(descriptor)
