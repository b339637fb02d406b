"""An image, words or both go in, the items nearest to them come out; or "nothing close"."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import Query, Request

import hangtag
from hangtag.errors import FormatError, OptionError, UsageError
from hangtag.records import Classifier
from hangtag.requests import SearchRequest
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Embedded
from hangtag.serve.door import Door, Here, Who
from hangtag.serve.limits import IMAGE
from hangtag.serve.routes.tagging import BODY
from hangtag.serve.shapes import Found, Hit
from hangtag.serve.table import Route
from hangtag.serve.uploads import form_of
from hangtag.shop.reading import is_any_reader
from hangtag.shop.searching import Indexed, answered

Count = Annotated[int, Query(ge=1, le=1000, description="Items at most")]
Where = Annotated[
    str | None, Query(max_length=2000, description="Such as category=dress and price<50")
]
Words = Annotated[
    str | None,
    Query(max_length=500, description="Words in titles and tags, of images where they are read"),
]
Everything = Annotated[bool, Query(description="Also what is not close")]
GroupBy = Annotated[str | None, Query(max_length=200, description="An attribute")]
OPTIONAL = {"requestBody": {**BODY["requestBody"], "required": False}}


async def search(
    request: Request,
    door: Here,
    who: Who,
    k: Count = 12,
    where: Where = None,
    text: Words = None,
    everything: Everything = False,
    group_by: GroupBy = None,
) -> Found:
    """Find items by an image, by words, or by both; of variants of one item the nearest."""
    asked = SearchRequest(k=k, where=where, text=text or None, everything=everything)
    images = []
    if request.headers.get("content-type"):
        images = (await form_of(request)).images
    if len(images) > 1:
        raise OptionError(f"{len(images)} images were sent", "search with one at a time")
    async with door.line.turn(who.name):
        found = await (_by_image(door, images[0], asked) if images else _by_words(door, asked))
    return told(found, group_by)


async def _by_words(door: Door, asked: SearchRequest) -> room.Found:
    """In titles and tags, and among images where the encoder reads words and is still there."""
    found = await door.reads(reader, door) if asked.text else None
    if found is not None:
        encoder, seen = found
        return await door.reads(answered, door.catalog, seen, encoder, None, asked)
    return await door.reads(hangtag.search, door.catalog, asked)


def reader(door: Door) -> tuple[Classifier, Embedded | Indexed] | None:
    """The model that embedded the catalogue, and its embeddings, where some encoder reads words."""
    if not is_any_reader():
        return None
    with suppress(UsageError):  # nothing was embedded yet, or its model is gone
        return door.encoder(), door.seen()
    return None


async def _by_image(door: Door, file: tuple[str, bytes], asked: SearchRequest) -> room.Found:
    encoder = await door.reads(door.encoder)
    # In the shape the encoder wants, which may be another model than the one that tags.
    (image,) = await door.decoders.images([file], encoder.preprocessing)
    if image.pixels is None:
        raise FormatError(f"{image.id} {image.error}", "give an image, such as a JPEG or PNG")
    points = await door.thinking(encoder.embeddings, image.pixels[None])
    seen = await door.reads(door.seen)
    return await door.reads(answered, door.catalog, seen, encoder, points, asked)


async def similar(
    name: str,
    door: Here,
    who: Who,
    k: Count = 12,
    where: Where = None,
    everything: Everything = False,
    group_by: GroupBy = None,
) -> Found:
    """Find the items most like one; its own variants are left out."""
    asked = SearchRequest(k=k, where=where, everything=everything)
    async with door.line.turn(who.name):
        seen = await door.reads(door.seen)
        found = await door.reads(hangtag.similar_items, door.catalog, asked, item=name, seen=seen)
    return told(found, group_by)


def told(found: room.Found, group_by: str | None) -> Found:
    """What was found as JSON has it, with ids by the values of an attribute."""
    groups: dict[str, list[str]] | None = None
    if group_by is not None:
        groups = {}
        for one in found.items:
            groups.setdefault(one.label(group_by) or "unknown", []).append(one.external_id)
    return Found(
        items=[Hit.model_validate(one) for one in found.facts["items"]],
        held_back=found.held_back,
        close=found.close,
        groups=groups,
    )


ROUTES = (
    Route(
        "POST", "/v1/search", "read", search, "search", waits=True,
        body=IMAGE + 100_000, more={"openapi_extra": OPTIONAL},
    ),
    Route("GET", "/v1/items/{name:path}/similar", "read", similar, "search"),
)  # fmt: skip
