"""How the server is: alive, ready, its figures for Prometheus, its OpenAPI document and page."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from hangtag.rooms import catalog as room
from hangtag.serve import drawn, metrics
from hangtag.serve.door import Door, Here
from hangtag.serve.shapes import Alive, Ready
from hangtag.serve.table import Route


async def health() -> Alive:
    """Say that the process answers; nothing else is looked at."""
    return Alive(version=drawn.VERSION)


async def ready(door: Here, response: Response) -> Ready:
    """Say whether requests will be answered; 503 while it starts and while it ends."""
    waits = [name for name, so in (("start", not door.ready), ("end", door.ending)) if so]
    response.status_code = 503 if waits else 200
    return Ready(status="not ready" if waits else "ready", waits_for=waits)


async def figures(door: Here) -> Response:
    """Give counters and times as Prometheus reads them."""
    gauges: dict[str, float] = {"waiting": door.line.inside, "ready": float(door.ready)}
    gauges |= await door.reads(_counted, door)
    return Response(door.metrics.text(gauges), media_type=metrics.KIND)


def _counted(door: Door) -> dict[str, float]:
    if not door.has_catalog:
        return {}
    return {f"catalog_{name}": float(n) for name, n in room.counted(door.catalog).items()}


async def described(request: Request) -> dict[str, Any]:
    """Give the OpenAPI document."""
    found: dict[str, Any] = request.app.openapi()
    return found


async def page(request: Request) -> Response:
    """Show what can be asked."""
    return HTMLResponse(drawn.api_page(request.app.openapi()))


ROUTES = (
    Route("GET", "/health", "open", health, "about"),
    Route(
        "GET", "/ready", "open", ready, "about",
        answers={503: {"model": Ready, "description": "Not yet, or not any more"}},
    ),
    Route(
        "GET", "/metrics", "read", figures, "about",
        answers={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format"}},
        more={"response_class": Response},
    ),
    Route("GET", "/openapi.json", "read", described, "about"),
    Route("GET", "/docs", "read", page),
)  # fmt: skip
