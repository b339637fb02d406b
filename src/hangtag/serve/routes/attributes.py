"""What items are tagged with: attributes, their values, and the words that find them."""

from __future__ import annotations

from hangtag.rooms.catalog import attributes as room
from hangtag.serve.door import Here
from hangtag.serve.shapes import Added, Attribute, Attributes, NewAttribute, Value
from hangtag.serve.table import Route


async def all_of_them(door: Here) -> Attributes:
    """Give every attribute with its values and how many items have each."""
    found = await door.reads(room.attributes, door.catalog)
    return Attributes(
        attributes=[
            Attribute(
                key=key,
                values=[
                    Value(label=one.label, synonyms=list(one.synonyms), items=one.items)
                    for one in values
                ],
            )
            for key, values in found.items()
        ]
    )


async def add(asked: NewAttribute, door: Here) -> Added:
    """Add an attribute, or values and synonyms to one that is there."""
    n = await door.reads(room.add, door.catalog, asked.key, asked.values)
    return Added(key=asked.key, values=n)


ROUTES = (
    Route("GET", "/v1/attributes", "read", all_of_them, "attributes"),
    Route("POST", "/v1/attributes", "admin", add, "attributes", writes=True),
)
