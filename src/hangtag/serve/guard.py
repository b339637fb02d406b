"""Who may: every request is looked at here before anything of it is read.

A route that is not in the table of :mod:`hangtag.serve.routes`, or has no scope there, is not
served at all. What is checked, in this order: the Host the browser believes to talk to (or a page
elsewhere could reach this machine by a name of its own), the Origin of what changes something, who
asks, and whether they may. The body is not touched before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qs, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hangtag.errors import HangtagError
from hangtag.serve import problems
from hangtag.serve.checks import Checks, headers_of
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

LOG = logging.getLogger("uvicorn.error")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; media-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # the link that opens the pages has the token in it
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


class Guard:
    """The outermost layer: see the file's opening.

    Args:
        app: What is behind it.
        checks: What each is asked.
        sign_in: The page that asks for a key.
    """

    def __init__(
        self, app: ASGIApp, *, checks: Checks, sign_in: Callable[[RefusedError], bytes]
    ) -> None:
        self._app, self._checks, self._sign_in = app, checks, sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        # Web sockets are not served: there is no route for them, so none is let through.
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered = Answered(send, partial(self._checks.note, scope))
        route: Route | None = None
        try:
            # In this order: each step trusts what the one before it has made sure of.
            headers = headers_of(scope)
            self._checks.host(headers)
            route = self._checks.route(scope)
            scope["route_asked"] = route
            if await self._opened_by_link(scope, answered):
                return
            scope["principal"] = self._checks.principal(scope, headers, route)
            await self._app(scope, receive, answered)
        except RefusedError as error:
            page = error.status in (401, 403) and route is not None and not route.tags
            await (self._ask_for_token(error, answered) if page else say(error, answered))
        except Exception as error:
            # An answer that has begun cannot become another one.
            if answered.status:
                raise  # it is half sent; the server closes the connection
            known = problems.named(error)
            if problems.status_of(known) == 500:  # ours to mend: the log has where it happened
                LOG.exception("%s %s", scope["method"], scope["path"])
            await say(known, answered)
        finally:
            answered.note(500)  # whoever asked went away before there was an answer
            seconds = time.perf_counter() - began
            self._checks.count(scope, route, answered.status or 500, seconds)

    async def _opened_by_link(self, scope: Scope, send: Send) -> bool:
        """Sign a browser in that follows the printed link; the token leaves the address bar."""
        token, rest = token_in(scope)
        if not token or scope["method"] != "GET":
            return False
        value = self._checks.keeper.sign_in(token)
        if value is None:
            return False
        # One that begins with two slashes would be another server's address.
        headers = [(b"location", ("/" + rest.lstrip("/")).encode("latin-1", "replace"))]
        headers.append((b"set-cookie", self._checks.keeper.set_cookie(value, scope).encode()))
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True

    async def _ask_for_token(self, error: RefusedError, send: Send) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": self._sign_in(error)})


class Answered:
    """Hands an answer on with the headers every answer has, and remembers its status.

    Args:
        send: What takes it on.
        noted: Told the status before anything is sent: what was answered is in the log, whatever
            ends the server after that.
    """

    def __init__(self, send: Send, noted: Callable[[int], None]) -> None:
        self._send, self._noted = send, noted
        self.status = 0
        self._is_noted = False

    def note(self, status: int) -> None:
        """Tell the status, once: where a log cannot be written the answer is that."""
        if not self._is_noted:
            self._is_noted = True
            self._noted(status)

    async def __call__(self, message: Message) -> None:
        """Hand a message on."""
        if message["type"] == "http.response.start":
            self.note(message["status"])
            self.status = message["status"]
            # What a route says itself, such as how long an image may be kept, stands.
            present = {name.lower() for name, _ in message.get("headers", [])}
            more = [
                (name.encode(), value.encode())
                for name, value in {**HEADERS, "cache-control": "no-store"}.items()
                if name.encode() not in present
            ]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await self._send(message)


async def say(error: HangtagError, send: Send, *, close: bool = False) -> None:
    """Answer with a problem document, and close the connection if that is wanted."""
    status, headers, body = problems.problem(error)
    named = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    named.append((b"content-length", str(len(body)).encode()))
    if close:
        named.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": named})
    await send({"type": "http.response.body", "body": body})


def token_in(scope: Scope) -> tuple[str, str]:
    """The token in a link that opens the pages, and the link without it."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    token = query.pop("token", [""])[0]
    left = urlencode(query, doseq=True)
    return token, scope["path"] + (f"?{left}" if left else "")
