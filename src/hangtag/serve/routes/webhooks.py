"""Webhooks: registered, looked at, replayed from a number, taken out; see ``serve/hooks.py``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Response

from hangtag.rooms import catalog as room
from hangtag.serve import outward
from hangtag.serve.door import Door, Here
from hangtag.serve.hooks import Hook
from hangtag.serve.shapes_hooks import MadeWebhook, NewWebhook, Webhook, Webhooks
from hangtag.serve.table import Route

Number = Annotated[int, Path(ge=0, le=2**53)]


async def all_of_them(door: Here) -> Webhooks:
    """List the webhooks, how far each is, and what is wrong with it."""
    return await door.reads(_listed, door)


def _listed(door: Door) -> Webhooks:
    last = room.last_change(door.catalog)
    return Webhooks(webhooks=[Webhook(**_facts(one, last)) for one in door.hooks.all()])


async def add(asked: NewWebhook, door: Here) -> MadeWebhook:
    """Register an address; the secret that its deliveries are signed with is told once."""
    return await door.reads(_added, door, asked)


def _added(door: Door, asked: NewWebhook) -> MadeWebhook:
    last = room.last_change(door.catalog)
    outward.target(asked.url, frozenset(door.asked.hook_host))
    made = door.hooks.add(asked.url, asked.what, last if asked.since is None else asked.since)
    return MadeWebhook(**_facts(made, last), secret=made.secret)


async def replay(
    number: Number,
    door: Here,
    since: Annotated[int, Query(ge=0, le=2**53, description="All that came after this change")],
) -> Webhook:
    """Send everything after a change once more."""
    return await door.reads(_replayed, door, number, since)


def _replayed(door: Door, number: int, since: int) -> Webhook:
    last = room.last_change(door.catalog)
    return Webhook(**_facts(door.hooks.replay(number, since), last))


async def remove(number: Number, door: Here) -> Response:
    """Take a webhook out."""
    door.catalog  # noqa: B018 - a run has none, and says so
    await door.reads(door.hooks.remove, number)
    return Response(status_code=204)


def _facts(one: Hook, last: int) -> dict[str, object]:
    return {
        "id": one.id,
        "url": one.url,
        "what": list(one.what),
        "since": one.since,
        "waiting": max(0, last - one.since),
        "tries": one.tries,
        "trouble": one.trouble,
        "created_at": one.created_at,
    }


ROUTES = (
    Route("GET", "/v1/webhooks", "admin", all_of_them, "webhooks"),
    Route(
        "POST", "/v1/webhooks", "admin", add, "webhooks", writes=True, more={"status_code": 201}
    ),
    Route("POST", "/v1/webhooks/{number}:replay", "admin", replay, "webhooks", writes=True),
    Route(
        "DELETE", "/v1/webhooks/{number}", "admin", remove, "webhooks", writes=True,
        more={"status_code": 204, "response_class": Response},
    ),
)  # fmt: skip
