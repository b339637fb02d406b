"""What a request is asked before anything of its body is read: see :mod:`hangtag.serve.guard`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie

from starlette.routing import compile_path
from starlette.types import Scope

from hangtag.requests.serving import SCOPES
from hangtag.serve.audit import AuditLog
from hangtag.serve.door import Door, Principal
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

SAFE = ("GET", "HEAD", "OPTIONS")
POLICIES = ("open", *SCOPES)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")


class Checks:
    """Every question that a request must answer; each raises what it is refused with.

    Args:
        routes: All that is served.
        door: For its metrics and its line.
        keeper: Who may.
        names: Hosts that the server is called by, with their ports.
        audit: Where writes are noted.
    """

    def __init__(
        self,
        *,
        routes: Iterable[Route],
        door: Door,
        keeper: Gatekeeper,
        names: frozenset[str],
        audit: AuditLog,
    ) -> None:
        self._door, self.keeper, self._names, self._audit = door, keeper, names, audit
        routes = list(routes)
        self._routes = [(compile_path(one.path)[0], one) for one in routes]
        self._plain = {
            (one.method, one.path): one
            for one in routes
            if one.scope in POLICIES and self._first(one.method, one.path) is one
        }

    def _first(self, method: str, path: str) -> Route | None:
        """The route that answers a path."""
        fitting = (one for known, one in self._routes if known.match(path))
        return next((one for one in fitting if one.method == method), None)

    def crowded(self, scope: Scope) -> Route | None:
        """The route of what must wait in a line that may have no room; None for all else."""
        line = self._door.line
        if line.inside < line.each:
            return None
        route = self._plain.get((scope["method"], scope["path"]))
        return route if route is not None and route.waits else None

    def host(self, headers: Mapping[str, str]) -> None:
        """Whether the Host is one of ours."""
        if headers.get("host", "").lower() not in self._names:
            raise RefusedError(
                421,
                f"this server is not called {headers.get('host', '')[:100] or 'nothing'}",
                "open the link it printed, or start it with --name",
            )

    def route(self, scope: Scope) -> Route:
        """The first that fits, as the application will find it, too."""
        # Most paths are a route's own: a look, where all patterns would take longer than a refusal.
        known = self._plain.get((scope["method"], scope["path"]))
        if known is not None:
            return known
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

    def principal(self, scope: Scope, headers: Mapping[str, str], route: Route) -> Principal:
        """Who asks, who may, and for whom there is room."""
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
            found = self.keeper.by_token(token.strip()) if kind.lower() == "bearer" else None
            if found is None:
                raise RefusedError(
                    401, "the key is unknown, expired or revoked", "hangtag keys list",
                    {"www-authenticate": 'Bearer error="invalid_token"'},
                )  # fmt: skip
            return found
        value = cookie_of(headers, self.keeper.cookie)
        return self.keeper.by_cookie(value) if value else None

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

    def count(self, scope: Scope, route: Route | None, status: int, seconds: float) -> None:
        """Count an answer that was given."""
        # The route's pattern, not the address: strangers could make a counter for every word.
        path = "none" if route is None else route.path
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        self._door.metrics.request(method, path, status, seconds)

    def note(self, scope: Scope, status: int) -> None:
        """Write down what changes something, before its answer is sent."""
        route: Route | None = scope.get("route_asked")
        if route is not None and route.writes:
            who = scope.get("principal")
            self._audit.note(
                who=who.name if isinstance(who, Principal) else "nobody",
                method=scope["method"],
                path=scope["path"],
                status=status,
                key=headers_of(scope).get("idempotency-key", ""),
            )


def cookie_of(headers: Mapping[str, str], name: str) -> str:
    """The value of our cookie; empty without one."""
    try:
        jar = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers of a request by their names in small letters."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
