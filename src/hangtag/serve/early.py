"""Refusing before anything is set in motion: the server's side of a full line.

Under three times the load two of three requests are refused, so what a refusal costs decides what
is left for the others. A request that must wait in the line is asked here, when its headers have
come and before a task, an application's layers or its body: where the line has no room for whoever
asks, the answer is written at once. Anything else goes its usual way, and so does every request
while the line is short.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from hangtag.errors import CrowdedError, HangtagError
from hangtag.serve import problems
from hangtag.serve.checks import Checks, headers_of
from hangtag.serve.guard import HEADERS
from hangtag.serve.problems import RefusedError

CLOSE = (b"connection", b"close")
_ALWAYS = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items()).encode()


def protocol(checks: Checks) -> type[HttpToolsProtocol]:
    """The protocol for uvicorn's ``http``, with its questions.

    Args:
        checks: The application's.
    """

    class Refusing(HttpToolsProtocol):
        """uvicorn's own; what it overrides is where a request becomes a task."""

        def _start_asgi_task(
            self,
            cycle: RequestResponseCycle,
            app: Any,  # noqa: ANN401 - its type is private
        ) -> None:
            error = refusal(checks, cast("Scope", cycle.scope))
            if error is None:
                super()._start_asgi_task(cycle, app)
                return
            # As a cycle leaves a request that it has answered: the rest of its body is thrown away.
            more = cycle.default_headers if cycle.keep_alive else [*cycle.default_headers, CLOSE]
            cycle.transport.write(written(error, more))
            cycle.response_started = cycle.response_complete = True
            if not cycle.keep_alive:
                cycle.transport.close()
            cycle.on_response()

    return Refusing


def refusal(checks: Checks, scope: Scope) -> HangtagError | None:
    """What a request is refused with that finds no room, None for every other.

    Args:
        checks: What a request is asked.
        scope: The request's.
    """
    route = checks.crowded(scope)
    if route is None:
        return None
    began = time.perf_counter()
    headers = headers_of(scope)
    try:
        checks.host(headers)
        checks.principal(scope, headers, route)
    except (CrowdedError, RefusedError) as error:
        status = problems.status_of(error)
        if status not in problems.RETRY:
            return None  # whoever may not ask is told so by the guard
        scope["route_asked"] = route
        checks.note(scope, status)
        checks.count(scope, route, status, time.perf_counter() - began)
        return error
    return None


def written(error: HangtagError, more: Iterable[tuple[bytes, bytes]]) -> bytes:
    """An answer as it goes over the wire.

    Args:
        error: What is told.
        more: Headers besides its own and those that every answer has.
    """
    status, said, body = problems.problem(error)
    own = {**said, "content-length": str(len(body))}
    lines = [f"{name}: {value}\r\n".encode("latin-1", "replace") for name, value in own.items()]
    lines += [name + b": " + value + b"\r\n" for name, value in more]
    return b"".join([STATUS_LINE[status], _ALWAYS, *lines, b"\r\n", body])
