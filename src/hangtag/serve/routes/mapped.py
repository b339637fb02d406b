"""The map: where every item lies by its embeddings, and what it is tagged with, for one canvas."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import Query

from hangtag.errors import UnknownNameError, nearest
from hangtag.progress import Progress
from hangtag.records import UNKNOWN
from hangtag.rooms.catalog import held
from hangtag.serve import found
from hangtag.serve.door import Door, Here
from hangtag.serve.shapes_items import Placed
from hangtag.serve.table import Route
from hangtag.shop.mapping import map_items

KIND = "map"
FINEST = 65535
"""Places are whole numbers up to this: finer than any screen, and short as text."""
STATES = ("decided by people", "suggested by a model", UNKNOWN)


def draw(door: Door, progress: Progress) -> dict[str, Any]:
    """Place all items and keep it; what a job does."""
    of = found.state(door)
    made = map_items(door.catalog, progress=progress)
    places = np.rint(made.places * FINEST).astype(np.int64)
    facts = {"items": made.items.tolist(), "x": places[:, 0].tolist(), "y": places[:, 1].tolist()}
    found.keep(door, KIND, {**facts, "share": made.share}, of)
    return {"items": len(made.items), "share": made.share}


async def placed(
    door: Here,
    by: Annotated[
        str | None, Query(max_length=200, description="Attribute; left out, who decided")
    ] = None,
) -> Placed:
    """Give the map that the last job 'map' made: places from 0 to 65535, and a label for each."""
    return await door.reads(_placed, door, by)


def _placed(door: Door, by: str | None) -> Placed:
    catalog = door.catalog
    known = found.kept(door, KIND)
    keys = held.keys(catalog)
    if by is not None and by not in keys:
        raise UnknownNameError(f"nothing is tagged with '{by}'", nearest(by, keys))
    if known is None:
        return Placed(
            ids=[],
            x=[],
            y=[],
            labels=[],
            label=[],
            keys=keys,
            share=0.0,
            found=False,
            current=False,
        )
    facts, current = known
    names = held.names(catalog)
    # Items that were taken out since lie nowhere; new ones wait for the next map.
    rows = [row for row, item in enumerate(facts["items"]) if item in names]
    items = [facts["items"][row] for row in rows]
    said = _states(door, items) if by is None else held.labels(catalog, by)
    labels = sorted({said.get(item, UNKNOWN) for item in items})
    number = {label: n for n, label in enumerate(labels)}
    return Placed(
        ids=[names[item] for item in items],
        x=[facts["x"][row] for row in rows],
        y=[facts["y"][row] for row in rows],
        labels=labels,
        label=[number[said.get(item, UNKNOWN)] for item in items],
        keys=keys,
        share=facts["share"],
        found=True,
        current=current,
    )


def _states(door: Door, items: list[int]) -> dict[int, str]:
    decided, tagged = held.decided(door.catalog), held.tagged(door.catalog)
    said = {n: STATES[1] for n in items if n in tagged}
    return said | {n: STATES[0] for n in items if n in decided}


ROUTES = (Route("GET", "/v1/map", "read", placed, "items"),)
