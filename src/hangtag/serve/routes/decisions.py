"""What people should look at, and what they say of it: bulk, undone again, in one name each."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

import hangtag
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Decided, browsing
from hangtag.serve.door import Door, Here, Who
from hangtag.serve.shapes import Decisions, Doubt, Kept, Review
from hangtag.serve.table import Route
from hangtag.shop.alike import alike


async def review(
    door: Here,
    limit: Annotated[int, Query(ge=1, le=5000)] = 200,
    attribute: Annotated[str | None, Query(max_length=200)] = None,
    suggested: Annotated[str | None, Query(max_length=500)] = None,
) -> Review:
    """Give suggestions that wait for a decision, the most valuable first."""
    return await door.reads(waiting, door, limit, attribute, suggested)


def waiting(door: Door, limit: int, attribute: str | None, suggested: str | None) -> Review:
    """What waits, and how far it is."""
    done, left = browsing.progress(door.catalog)
    found = room.doubts(door.catalog, limit, attribute=attribute, suggested=suggested)
    found = alike(door.catalog, found)
    return Review(doubts=[Doubt(**vars(one)) for one in found], decided=done, waiting=left)


async def decide(asked: Decisions, door: Here, who: Who) -> Kept:
    """Keep decisions, all or none; 'undone' takes the last one on an item's attribute back."""
    said = [
        Decided(one.item, one.attribute, one.verdict, one.label, who.name)
        for one in asked.decisions
    ]
    return Kept(asked=len(said), new=await door.reads(hangtag.decide, door.catalog, said))


ROUTES = (
    Route("GET", "/v1/review", "read", review, "decisions"),
    Route("POST", "/v1/decisions", "decide", decide, "decisions", writes=True, body=10_000_000),
)
