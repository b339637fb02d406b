"""How many are served at once: some work, some wait in line, the rest are refused at once.

Refusing costs next to nothing and a request that waits costs memory, so under three times the load
a short line keeps what is answered quick. One client may not fill the line alone: it is told 429,
and 503 is for when all of it is taken.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hangtag.errors import CrowdedError
from hangtag.serve.problems import RefusedError

PROPORTION = 0.75
"""Of the line, that one client may take."""


class Line:
    """A bounded line before a few workers.

    Args:
        working: How many are served at once.
        waiting: How many may wait.
    """

    def __init__(self, working: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(working)
        self.most = working + waiting
        self.each = max(working + 1, int(self.most * PROPORTION))
        self.inside = 0
        self._of: Counter[str] = Counter()

    def check(self, who: str) -> None:
        """Refuse what the line has no room for; asked first before anything of a body is read.

        Raises:
            CrowdedError: The line is full.
            RefusedError: This client has its part of it, 429.
        """
        # Refused before anything is waited for: that is what keeps an overload short.
        if self.inside >= self.most:
            raise CrowdedError(
                f"{self.inside} requests are being answered or wait, and more are not taken",
                "try again in a moment",
            )
        # The line has room for others, so it is this client that sends too much.
        if self._of[who] >= self.each:
            raise RefusedError(
                429, f"{self.each} requests of yours wait already", "send fewer at once"
            )

    @asynccontextmanager
    async def turn(self, who: str) -> AsyncIterator[None]:
        """Wait for a turn, and have it.

        Args:
            who: The client.

        Raises:
            CrowdedError: The line is full.
            RefusedError: This client has its part of it, 429.
        """
        self.check(who)
        self.inside += 1
        self._of[who] += 1
        try:
            async with self._free:
                yield
        finally:
            self.inside -= 1
            self._of[who] -= 1
            if not self._of[who]:  # clients come and go; what is kept of them must not grow
                del self._of[who]
