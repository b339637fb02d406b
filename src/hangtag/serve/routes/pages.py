"""The pages of people: what is shown is drawn here, and scripts ask the API for the rest."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from hangtag.serve.drawn import page
from hangtag.serve.table import Route


async def try_it() -> HTMLResponse:
    """Try the model on a picture."""
    return HTMLResponse(page("try.html", title="Try it", here="/"))


ROUTES = (Route("GET", "/", "read", try_it),)
