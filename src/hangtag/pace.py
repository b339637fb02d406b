"""When long work is worth writing down: seldom, as it costs time; often, as kills cost more."""

from __future__ import annotations

import time
from collections.abc import Callable

PERIOD = 60.0
"""Seconds between two writings at least: what a kill costs at most."""
FACTOR = 50
"""Writing takes no more than one part in this many of the time."""


class Pace:
    """A clock that starts with the work."""

    def __init__(self) -> None:
        self._began = self._saved = time.perf_counter()
        self._took = 0.0

    @property
    def seconds(self) -> float:
        """Since the work began in this process."""
        return time.perf_counter() - self._began

    def keep(self, write: Callable[[], object]) -> None:
        """Call `write` if it is time."""
        now = time.perf_counter()
        if now - self._saved < max(PERIOD, FACTOR * self._took):
            return
        write()
        self._saved = time.perf_counter()
        self._took = self._saved - now
