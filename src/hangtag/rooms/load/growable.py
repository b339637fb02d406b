"""Rows of which nobody knows yet how many there will be: appended one block after the other.

Growing by an eighth and by ``realloc`` (which moves no byte of a large array on Linux) keeps the
peak near the size of the result; a list of blocks and a concatenation would need it twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class GrowableArray:
    """Rows that are appended to one array, which grows by an eighth where it stands."""

    def __init__(self) -> None:
        self._rows: NDArray[Any] | None = None
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def append(self, rows: NDArray[Any]) -> None:
        """Add ``(k, columns)`` rows."""
        if self._rows is None:
            self._rows = np.empty((0, rows.shape[1]), rows.dtype)
        if rows.dtype != self._rows.dtype:
            self._rows = self._rows.astype(np.float32)
        needed = self._n + len(rows)
        if needed > len(self._rows):
            more = max(needed, len(self._rows) + len(self._rows) // 8)
            self._rows.resize((more, self._rows.shape[1]), refcheck=False)
        self._rows[self._n : needed] = rows
        self._n = needed

    def finish(self) -> NDArray[Any]:
        """The rows, without what was kept for growing."""
        if self._rows is None:
            return np.empty((0, 0), np.uint8)
        self._rows.resize((self._n, self._rows.shape[1]), refcheck=False)
        return self._rows
