"""Routes, guards and errors put together: a door goes in, an application comes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from hangtag.errors import HangtagError
from hangtag.serve import problems
from hangtag.serve.audit import AuditLog
from hangtag.serve.checks import Checks
from hangtag.serve.door import Door
from hangtag.serve.drawn import VERSION, problem_page, sign_in_page
from hangtag.serve.guard import Guard
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.keys import door_folder
from hangtag.serve.limits import Limits
from hangtag.serve.problems import RefusedError
from hangtag.serve.repeats import Repeats, Store
from hangtag.serve.routes import ROUTES
from hangtag.serve.shapes import Problem
from hangtag.serve.table import Route

ABOUT = """Tag images, search a catalogue by image and words, and decide what is right.

Every error is a problem document (RFC 9457) with the sentence and the hint of the command line.
Writes take an `Idempotency-Key`: asked again with the same one, they are done once. Send a key of
`hangtag keys add` as `Authorization: Bearer KEY`.
"""
ANY = (401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 429, 500, 503)
"""Statuses any route may answer with besides its own; each is a problem document."""
_PROBLEM = Problem.model_json_schema()  # once, and not for each status of each route


def application(door: Door, keeper: Gatekeeper, names: frozenset[str]) -> FastAPI:
    """All that is served.

    Args:
        door: What routes share.
        keeper: Who may.
        names: Hosts that the server is called by, with their ports.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(door.begin)
        yield
        await asyncio.to_thread(door.end)

    app = FastAPI(
        title="Hangtag",
        version=VERSION,
        description=ABOUT,
        lifespan=lifespan,
        # The library's own pages load scripts from elsewhere; ours is a route like any other.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.door, app.state.keeper = door, keeper
    for route in ROUTES:
        app.add_api_route(
            route.path,
            route.run,
            methods=[route.method],
            tags=[route.tags] if route.tags else None,
            include_in_schema=bool(route.tags),
            responses=_answers(route),
            description=_sentence(route.run) + f"\n\nScope: {route.scope}",
            **route.more,
        )
    app.add_exception_handler(HangtagError, _ours)
    app.add_exception_handler(RequestValidationError, _strange)
    app.add_exception_handler(HTTPException, _of_library)
    folder = door_folder(door.place)
    app.state.checks = Checks(
        routes=ROUTES, door=door, keeper=keeper, names=names, audit=AuditLog(folder)
    )
    # The last that is added is the first that is asked: guard, limits, repeats, routes.
    app.add_middleware(Repeats, store=Store(folder))
    app.add_middleware(Limits)
    app.add_middleware(Guard, checks=app.state.checks, sign_in=sign_in_page)
    return app


def _answers(route: Route) -> dict[int | str, dict[str, Any]]:
    usual: dict[int | str, dict[str, Any]] = {status: _described(status) for status in ANY}
    return usual | dict(route.answers)


def _described(status: int) -> dict[str, Any]:
    content = {problems.TYPE: {"schema": _PROBLEM}}
    return {"description": HTTPStatus(status).phrase, "content": content}


def _sentence(run: Callable[..., object]) -> str:
    return (run.__doc__ or "").partition("\n\n")[0].replace("\n    ", " ")


async def _ours(request: Request, error: Exception) -> Response:
    known = problems.named(error)
    status, headers, body = problems.problem(known)
    if not request.scope["route_asked"].tags:  # a page, which people read
        return HTMLResponse(problem_page(known, status), status)
    return Response(body, status, headers)


async def _strange(request: Request, error: Exception) -> Response:
    """What does not fit a shape: its place and what is wrong with it, as one sentence."""
    assert isinstance(error, RequestValidationError)
    # One sentence, as the command line says one; the number of others says that there are more.
    first, *others = error.errors()
    place = ".".join(str(one) for one in first["loc"] if one not in ("body", "query", "path"))
    more = f" (and {len(others)} more)" if others else ""
    said = f"{place or 'the body'}: {first['msg'].lower()}{more}"
    return await _ours(request, RefusedError(422, said, "/docs has what can be asked"))


async def _of_library(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # A limit that ended the body while the library read it: the limit is what is to be told.
    if isinstance(error.__cause__, HangtagError):
        return await _ours(request, error.__cause__)
    # The library says 400 for bodies that cannot be read; here all that cannot be is 422.
    status = 422 if error.status_code == 400 else error.status_code
    return await _ours(request, RefusedError(status, str(error.detail), "", error.headers))
