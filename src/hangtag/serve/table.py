"""What a route is: its method and path, who may, what runs; a group is a file in routes/."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Route:
    """A route.

    Attributes:
        method: Such as ``GET``.
        path: Such as ``/v1/items/{name:path}``.
        scope: Who may: ``open`` for everybody, else the scope that a key needs.
        run: What answers.
        tags: Its group on the page of the API; empty for pages, which are not on it.
        writes: Whether it changes anything: noted in the audit log, done once per Idempotency-Key.
        body: Bytes it takes at most.
        waits: Whether it takes its turn in the line, so that a full one refuses it unread.
        answers: What it answers with besides the usual, by status, as OpenAPI says it.
        more: What FastAPI is told besides, such as ``response_model``.
    """

    method: str
    path: str
    scope: str
    run: Callable[..., Any]
    tags: str = ""
    writes: bool = False
    body: int = 1_000_000
    waits: bool = False
    answers: dict[int, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
