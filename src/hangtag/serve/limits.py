"""How much a request may bring and how slowly: counted as it comes, so that nothing large is kept.

A body that says it is too long is refused before a byte of it is read; one that does not say so
ends where the limit is. Whoever sends a few bytes a minute to hold a place is told 408.
"""

from __future__ import annotations

import asyncio
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hangtag.errors import TooLargeError
from hangtag.serve.guard import say
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

IMAGE = 20_000_000
"""Bytes of an image."""

MANY = 200_000_000
"""Bytes of many images in one request."""

FAR = 4
"""Times the limit, from which on a connection is closed instead of read to the end of its body."""

SILENCE, WHOLE = 20.0, 120.0
"""Seconds between two pieces of a body, and for all of it."""


class Limits:
    """Ends bodies that are too long or too slow.

    Args:
        app: What is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, its body counted."""
        route = scope.get("route_asked")
        if scope["type"] != "http" or not isinstance(route, Route):
            await self._app(scope, receive, send)
            return
        # Refused by its word where it gives one; what comes without is counted below.
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and int(said) > route.body:
            # A little too much is read to its end and thrown away, since most clients look for an
            # answer only then; nobody waits for the end of a film.
            await say(_too_long(route.body), send, close=int(said) > FAR * route.body)
            return
        await self._app(scope, _Counted(receive, route.body), send)


class _Counted:
    """The body of one request."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._bytes, self._until = 0, time.monotonic() + WHOLE
        self._whole = False

    async def __call__(self) -> Message:
        """The next piece."""
        if self._whole:  # now it only waits for the client to go away
            return await self._receive()
        # The shorter of both: neither long silences nor a drop every second hold a place.
        patience = min(SILENCE, max(0.0, self._until - time.monotonic()))
        try:
            message = await asyncio.wait_for(self._receive(), patience)
        except TimeoutError:
            raise RefusedError(408, "the request came too slowly", "send it again") from None
        if message["type"] == "http.request":
            # Each piece is counted before anybody keeps it.
            self._bytes += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
        if self._bytes > self._most:
            raise _too_long(self._most)
        return message


def _too_long(most: int) -> TooLargeError:
    return TooLargeError(
        f"the request is larger than {_words(most)}, which is what is taken here",
        "send smaller images, or fewer at once",
    )


def _words(size: int) -> str:
    return f"{size / 1e6:g} MB" if size >= 1_000_000 else f"{size / 1e3:g} kB"
