"""What a browser needs besides pages: signing in and out, styles and scripts."""

from __future__ import annotations

from importlib import resources
from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from hangtag.errors import UnknownNameError, nearest
from hangtag.serve.checks import cookie_of
from hangtag.serve.drawn import sign_in_page
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


async def sign_in(request: Request) -> Response:
    """Take a key from the page that asks for one."""
    keeper: Gatekeeper = request.app.state.keeper
    form = parse_qs((await request.body()).decode("latin-1"))
    token = form.get("token", [""])[0].strip()
    value = keeper.sign_in(token)
    if value is None:
        wrong = RefusedError(401, "the key is unknown, expired or revoked", "hangtag keys list")
        return HTMLResponse(sign_in_page(wrong), 401)
    headers = {"location": "/", "set-cookie": keeper.set_cookie(value, request.scope)}
    return Response(status_code=303, headers=headers)


async def sign_out(request: Request) -> Response:
    """Forget this browser."""
    keeper: Gatekeeper = request.app.state.keeper
    keeper.sign_out(cookie_of(dict(request.headers), keeper.cookie))
    headers = {"location": "/", "set-cookie": keeper.set_cookie("", request.scope)}
    return Response(status_code=303, headers=headers)


async def static(name: str) -> Response:
    """Give a style sheet or a script of the pages."""
    folder = resources.files("hangtag.serve") / "static"
    known = {one.name: one for one in folder.iterdir() if one.is_file()}
    if name not in known:  # a name that is looked up in a list cannot lead out of the folder
        raise UnknownNameError(f"there is no file '{name}'", nearest(name, known))
    kind = KINDS.get("." + name.rpartition(".")[2], "application/octet-stream")
    headers = {"cache-control": "no-cache"}
    return Response(known[name].read_bytes(), media_type=f"{kind}; charset=utf-8", headers=headers)


ROUTES = (
    Route("POST", "/signin", "open", sign_in),
    Route("POST", "/signout", "read", sign_out),
    Route("GET", "/static/{name}", "open", static),
)
