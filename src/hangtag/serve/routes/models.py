"""Models: what answers here, what answered for the catalogue; forward to a new one, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

import hangtag
from hangtag.errors import HangtagError, UnknownNameError, nearest
from hangtag.rooms import catalog as room
from hangtag.serve import shapes
from hangtag.serve.door import Door, Here, is_model
from hangtag.serve.shapes import Models, Moved, Preview, Tagging, Used
from hangtag.serve.table import Route

Number = Annotated[int, Path(ge=0, le=2**53)]


async def models(door: Here) -> Models:
    """List the models that answer here and the taggings of the catalogue."""
    return await door.reads(listed, door)


def listed(door: Door) -> Models:
    """What answers here: the current model, and those of all taggings that can be opened."""
    taggings = room.taggings(door.catalog) if door.has_catalog else []
    try:
        current = door.answering()[0]
    except HangtagError:
        current = ""
    # The one that answers first, then the newest; each once.
    places = dict.fromkeys([current, *(one.place for one in reversed(taggings))])
    known = [_model(door, place, current) for place in places if place and is_model(place)]
    return Models(
        models=[one for one in known if one is not None],
        taggings=[Tagging(**vars(one)) for one in taggings],
    )


def _model(door: Door, place: str, current: str) -> shapes.Model | None:
    try:
        found = door.opened(place)
    except HangtagError:
        return None  # it was moved away since; its tagging still says what it answered
    return shapes.Model(
        place=place,
        model=found.model_id,
        kind=str(getattr(getattr(found, "spec", None), "kind", "") or "model"),
        classes=list(found.class_names),
        threshold=found.threshold,
        current=place == current,
    )


async def preview(number: Number, door: Here) -> Preview:
    """Say what would change if a tagging came into use; what people decided never does."""
    return await door.reads(previewed, door, number)


def previewed(door: Door, number: int) -> Preview:
    """What a tagging would change.

    Raises:
        UnknownNameError: There is none of that number.
    """
    one = tagging_of(door, number)
    moved = [
        Moved(before=before, after=after, items=n)
        for before, after, n in room.preview(door.catalog, number)
    ]
    return Preview(tagging=Tagging(**vars(one)), moved=moved)


def tagging_of(door: Door, number: int) -> room.Tagging:
    """The tagging of that number.

    Raises:
        UnknownNameError: There is none.
    """
    known = {one.id: one for one in room.taggings(door.catalog)}
    if number not in known:
        raise UnknownNameError(f"there is no tagging {number}", nearest("", map(str, known)))
    return known[number]


async def use(number: Number, door: Here) -> Used:
    """Take a tagging's suggestions for the tags; also the way back to an earlier one."""
    await door.reads(tagging_of, door, number)
    return Used(changed=await door.reads(hangtag.use_tagging, door.catalog, number))


ROUTES = (
    Route("GET", "/v1/models", "read", models, "models"),
    Route("GET", "/v1/taggings/{number}", "read", preview, "models"),
    Route("POST", "/v1/taggings/{number}:use", "admin", use, "models", writes=True),
)
