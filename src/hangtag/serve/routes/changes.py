"""What changed since a number: whoever keeps a copy of the tags asks with its last one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from hangtag.rooms.catalog import changes as room
from hangtag.serve.door import Here
from hangtag.serve.shapes import Change, Changes
from hangtag.serve.table import Route


async def changes(
    door: Here,
    since: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> Changes:
    """Give what happened after a change, in order."""
    found = await door.reads(room.changes, door.catalog, since, limit)
    return Changes(
        changes=[Change(**vars(one)) for one in found],
        until=found[-1].n if found else since,
        more=len(found) == limit,
    )


ROUTES = (Route("GET", "/v1/changes", "read", changes, "changes"),)
