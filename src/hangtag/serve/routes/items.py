"""Items of the catalogue: looked at, put, taken out; their photos, small and without metadata."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Query, Response

from hangtag.errors import ConflictError, OptionError, UnknownNameError
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Offer, OfferedPhoto, browsing, provenance, removal
from hangtag.serve import shapes, uploads
from hangtag.serve.door import Door, Here, Who
from hangtag.serve.limits import IMAGE
from hangtag.serve.routes.searching import Where, Words
from hangtag.serve.shapes import Item, Items, Known, Past, Put, Said
from hangtag.serve.table import Route

MOST_SMALL = 2000
"""Small photos that are kept ready."""

State = Annotated[
    str | None, Query(pattern="^(decided|waiting)$", description="'decided' or 'waiting'")
]


async def browse(
    door: Here,
    where: Where = None,
    text: Words = None,
    state: State = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 60,
) -> Items:
    """Give a page of the catalogue."""
    catalog = door.catalog
    # All numbers are found and one page of items is read: counting needs them, showing does not.
    order = await door.reads(browsing.chosen, catalog, where, text, state)
    some = order[offset : offset + limit]
    known = await door.reads(room.items, catalog, some)
    return Items(
        items=[Item.model_validate(known[one].facts) for one in some],
        total=len(order),
        offset=offset,
    )


async def look(name: str, door: Here) -> Known:
    """Give all that is known of an item: tags, what models said, what people decided."""
    return await door.reads(known, door, name)


def known(door: Door, name: str) -> Known:
    """An item with where its tags come from.

    Raises:
        UnknownNameError: There is none of that name.
    """
    number = room.number_of(door.catalog, name)
    (one,) = room.items(door.catalog, [number]).values()
    said = [Said(**vars(each)) for each in provenance.suggested(door.catalog, number)]
    past = [
        Past(attribute=p.attribute, verdict=p.verdict, label=p.label, who=p.who, at=p.at)
        for p in room.history(door.catalog, name)
    ]
    return Known(**one.facts, said=said, history=past)


async def put(name: str, asked: Put, door: Here, who: Who, response: Response) -> Item:
    """Put an item as the shop has it; the same twice changes nothing. A model tags it later."""
    catalog = door.catalog
    if len(name) > 500:
        raise OptionError(f"an id of {len(name)} signs was given", "500 at most")
    async with door.line.turn(who.name):
        photos = [await _offered(door, name, n, one) for n, one in enumerate(asked.pictures)]
        offer = Offer(
            name,
            photos,
            asked.group,
            asked.title,
            asked.price,
            asked.in_stock,
            asked.url,
            asked.attributes,
        )
        planned = await door.reads(room.plan, catalog, [offer], keep=True)
        await door.reads(room.carry_out, catalog, planned)
    response.status_code = 201 if planned.new or planned.back else 200
    number = await door.reads(room.number_of, catalog, name)
    found = await door.reads(room.items, catalog, [number])
    return Item.model_validate(found[number].facts)


async def _offered(door: Door, name: str, n: int, one: shapes.Picture) -> OfferedPhoto:
    if (one.path is None) == (one.content is None):
        raise OptionError(f"photo {n} of '{name}' is not said", "give a path or its content")
    if one.path is not None:
        root = door.catalog.root
        found = await door.reads(room.look, door.catalog, root, {}, one.path)
        if found.reason:
            raise OptionError(f"the photo {one.path} {found.reason}", f"a path below {root.name}")
        return found
    content = uploads.from_text(f"photo {n}", one.content or "")
    await door.decoders.image_file(content, 64)  # a photo that cannot be read is not kept
    # As imports digest files, so that the same photo is the same wherever it comes from.
    digest = hashlib.sha256(content).hexdigest()
    return OfferedPhoto(f"{name}/{n}", digest, content)


async def remove(name: str, door: Here) -> Response:
    """Take an item out; its decisions stay, for the day it comes back."""
    if not await door.reads(removal.remove, door.catalog, [name]):
        raise UnknownNameError(f"the catalog has no item '{name}'", "it may be gone already")
    return Response(status_code=204)


async def picture(
    name: str,
    number: int,
    door: Here,
    size: Annotated[int, Query(ge=16, le=2048)] = 320,
) -> Response:
    """Give a photo of an item as JPEG at most so many pixels wide and high."""
    kept = await door.reads(provenance.images_of, door.catalog, name)
    if not 0 <= number < len(kept):
        raise UnknownNameError(f"'{name}' has no photo {number}", f"it has {len(kept)}")
    one = kept[number]
    if one.reason:
        raise ConflictError(f"photo {number} of '{name}' {one.reason}", "import it again")
    key = (one.sha256, size)
    content = door.small.get(key)
    if content is None:
        content = await door.decoders.image_file(one.source, size)
        door.small[key] = content
        while len(door.small) > MOST_SMALL:
            door.small.popitem(last=False)
    # Named by its content, so a browser that has it need not ask; others may not keep it for us.
    headers = {"cache-control": "private, max-age=3600", "etag": f'"{one.sha256[:24]}-{size}"'}
    return Response(content, media_type="image/jpeg", headers=headers)


JPEG = {200: {"content": {"image/jpeg": {}}, "description": "A photo"}}
ROUTES = (
    Route("GET", "/v1/items", "read", browse, "items"),
    Route(
        "GET", "/v1/items/{name:path}/pictures/{number}", "read", picture, "items",
        answers=JPEG, more={"response_class": Response},
    ),
    Route("GET", "/v1/items/{name:path}", "read", look, "items"),
    Route(
        "PUT", "/v1/items/{name:path}", "admin", put, "items", writes=True,
        body=8 * IMAGE, answers={201: {"model": Item, "description": "It is new"}},
    ),
    Route(
        "DELETE", "/v1/items/{name:path}", "admin", remove, "items", writes=True,
        more={"status_code": 204, "response_class": Response},
    ),
)  # fmt: skip
