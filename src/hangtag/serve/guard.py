"""Who may: every request is looked at here before anything of it is read.

A route that is not in the table of :mod:`hangtag.serve.routes`, or has no scope there, is not
served at all. What is checked, in this order: the Host the browser believes to talk to (or a page
elsewhere could reach this machine by a name of its own), the Origin of what changes something, who
asks, and whether they may. The body is not touched before.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode

from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hangtag.errors import HangtagError
from hangtag.requests.serving import SCOPES
from hangtag.serve import problems
from hangtag.serve.audit import AuditLog
from hangtag.serve.door import Door, Principal
from hangtag.serve.keys import Keys, digest_of
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

LOG = logging.getLogger("uvicorn.error")
SAFE = ("GET", "HEAD", "OPTIONS")
LASTS = 12 * 3600
"""Seconds that a browser stays signed in."""
MOST_SESSIONS = 1000
POLICIES = ("open", *SCOPES)
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


@dataclass
class Session:
    """A browser that is signed in: by whose token, and until when."""

    digest: str
    until: float


class Gatekeeper:
    """Knows tokens, keys and browsers that are signed in.

    Args:
        keys: Of others; None where a token of this start is the only one.
        token: Of the person at this machine; None where only keys count.
        owner: Their name, for the audit log and decisions.
        port: Where the server listens.
    """

    def __init__(self, keys: Keys, token: str | None, owner: str, port: int) -> None:
        # Browsers know no ports: two servers of one machine would end each other's sessions.
        self.cookie = f"hangtag-{port}"
        self._keys, self._owner = keys, owner
        self._token = None if token is None else digest_of(token)
        self._sessions: dict[str, Session] = {}

    def by_token(self, token: str) -> Principal | None:
        """Whose token this is."""
        return self._by_digest(digest_of(token), by_cookie=False)

    def by_cookie(self, value: str) -> Principal | None:
        """Who signed in and got this cookie; a key that was revoked since opens nothing."""
        # Kept by its hash, so that what is in this process' memory signs nobody in.
        session = self._sessions.get(digest_of(value))
        if session is None or session.until < time.monotonic():
            return None
        return self._by_digest(session.digest, by_cookie=True)

    def sign_in(self, token: str) -> str | None:
        """A cookie for whoever has this token, None if it is none."""
        if self.by_token(token) is None:
            return None
        # The oldest go first, so that signing in again and again fills no memory.
        now = time.monotonic()
        self._sessions = {k: v for k, v in self._sessions.items() if v.until > now}
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        value = secrets.token_urlsafe(32)
        self._sessions[digest_of(value)] = Session(digest_of(token), now + LASTS)
        return value

    def set_cookie(self, value: str, scope: Scope) -> str:
        """What makes a browser keep the cookie; scripts cannot read it."""
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        lasts = LASTS if value else 0
        return f"{self.cookie}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lasts}{secure}"

    def sign_out(self, value: str) -> None:
        """Forget a browser."""
        self._sessions.pop(digest_of(value), None)

    def _by_digest(self, digest: str, *, by_cookie: bool) -> Principal | None:
        if self._token is not None and hmac.compare_digest(digest, self._token):
            return Principal(self._owner, frozenset(["admin"]), by_cookie)
        found = self._keys.by_digest(digest)
        if found is None:
            return None
        return Principal(found.name, frozenset(found.scopes), by_cookie)


class Guard:
    """The outermost layer: see the file's opening.

    Args:
        app: What is behind it.
        routes: All that is served.
        door: For its metrics.
        keeper: Who may.
        names: Hosts that the server is called by, with their ports.
        audit: Where writes are noted.
        sign_in: The page that asks for a key.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Iterable[Route],
        door: Door,
        keeper: Gatekeeper,
        names: frozenset[str],
        audit: AuditLog,
        sign_in: Callable[[RefusedError], bytes],
    ) -> None:
        self._sign_in = sign_in
        self._app, self._door, self._keeper = app, door, keeper
        self._names, self._audit = names, audit
        self._routes = [(compile_path(one.path)[0], one) for one in routes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        # Web sockets are not served: there is no route for them, so none is let through.
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        answered = Answered(send)
        route: Route | None = None
        try:
            # In this order: each step trusts what the one before it has made sure of.
            headers = _headers(scope)
            self._check_host(headers)
            route = self._route(scope)
            scope["route_asked"] = route
            if await self._opened_by_link(scope, answered):
                return
            scope["principal"] = self._principal(scope, headers, route)
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
            self._note(scope, route, answered.status or 500, time.perf_counter() - began)

    async def _opened_by_link(self, scope: Scope, send: Send) -> bool:
        """Sign a browser in that follows the printed link; the token leaves the address bar."""
        token, rest = token_in(scope)
        if not token or scope["method"] != "GET":
            return False
        value = self._keeper.sign_in(token)
        if value is None:
            return False
        # One that begins with two slashes would be another server's address.
        headers = [(b"location", ("/" + rest.lstrip("/")).encode("latin-1", "replace"))]
        headers.append((b"set-cookie", self._keeper.set_cookie(value, scope).encode()))
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return True

    async def _ask_for_token(self, error: RefusedError, send: Send) -> None:
        headers = [(b"content-type", b"text/html; charset=utf-8")]
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": self._sign_in(error)})

    def _check_host(self, headers: Mapping[str, str]) -> None:
        if headers.get("host", "").lower() not in self._names:
            raise RefusedError(
                421,
                f"this server is not called {headers.get('host', '')[:100] or 'nothing'}",
                "open the link it printed, or start it with --name",
            )

    def _route(self, scope: Scope) -> Route:
        """The first that fits, as the application will find it, too."""
        fitting = [one for path, one in self._routes if path.match(scope["path"])]
        for one in fitting:
            if one.method == scope["method"]:
                if one.scope not in POLICIES:
                    break
                return one
        if fitting:
            methods = ", ".join(sorted({one.method for one in fitting}))
            raise RefusedError(
                405, f"{scope['method']} cannot be done here", methods, {"allow": methods}
            )
        raise RefusedError(404, "there is no such page", "/docs lists what there is")

    def _principal(self, scope: Scope, headers: Mapping[str, str], route: Route) -> Principal:
        found = self._asking(headers)
        self._check_origin(scope, headers, found)
        if found is None:
            if route.scope == "open":
                return Principal("nobody", frozenset())
            raise RefusedError(
                401,
                "nobody knows who asks",
                "open the link that hangtag serve printed, or send a key: Authorization: Bearer …",
                {"www-authenticate": "Bearer"},
            )
        if not found.may(route.scope):
            raise RefusedError(
                403, f"{found.name} may not do that", f"it needs the scope {route.scope}"
            )
        if route.waits:
            # Here and not where the body has been read: under three times the load most of the
            # work would be reading what is then refused.
            self._door.line.check(found.name)
        return found

    def _asking(self, headers: Mapping[str, str]) -> Principal | None:
        said = headers.get("authorization", "")
        if said:
            # Whoever says who they are is believed or refused; a cookie does not mend a bad key.
            kind, _, token = said.partition(" ")
            # Basic and others name people and passwords, which there are none of here.
            found = self._keeper.by_token(token.strip()) if kind.lower() == "bearer" else None
            if found is None:
                raise RefusedError(
                    401, "the key is unknown, expired or revoked", "hangtag keys list",
                    {"www-authenticate": 'Bearer error="invalid_token"'},
                )  # fmt: skip
            return found
        value = cookie_of(headers, self._keeper.cookie)
        return self._keeper.by_cookie(value) if value else None

    def _check_origin(
        self, scope: Scope, headers: Mapping[str, str], found: Principal | None
    ) -> None:
        """A page of somebody else may not let a signed-in browser change anything."""
        origin = headers.get("origin")
        # A page names its scheme, too; behind a proxy it is another than ours.
        ours = origin is not None and re.sub(r"^https?://", "", origin.lower()) in self._names
        if origin is not None and not ours and scope["method"] not in SAFE:
            raise RefusedError(
                403, f"a page of {origin[:100]} asked for it", "only our own pages may"
            )
        by_browser = found is not None and found.by_cookie
        if by_browser and scope["method"] not in SAFE and origin is None:
            raise RefusedError(403, "a browser asked without saying for which page", "send a key")

    def _note(self, scope: Scope, route: Route | None, status: int, seconds: float) -> None:
        # The route's pattern, not the address: strangers could make a counter for every word.
        path = "none" if route is None else route.path
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._door.metrics.request(method, path, status, seconds)
        if route is not None and route.writes:
            who = scope.get("principal")
            self._audit.note(
                who=who.name if isinstance(who, Principal) else "nobody",
                method=scope["method"],
                path=scope["path"],
                status=status,
                key=_headers(scope).get("idempotency-key", ""),
            )


METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")


class Answered:
    """Hands an answer on with the headers every answer has, and remembers its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Hand a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # What a route says itself, such as how long a picture may be kept, stands.
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


def cookie_of(headers: Mapping[str, str], name: str) -> str:
    """The value of our cookie; empty without one."""
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def token_in(scope: Scope) -> tuple[str, str]:
    """The token in a link that opens the pages, and the link without it."""
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    token = query.pop("token", [""])[0]
    left = urlencode(query, doseq=True)
    return token, scope["path"] + (f"?{left}" if left else "")


def _headers(scope: Scope) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
