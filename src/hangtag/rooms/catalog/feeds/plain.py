"""A table of a shop's own, or JSON lines: an id, a photo, and whatever else it has."""

from __future__ import annotations

from dataclasses import replace

from hangtag.rooms.catalog.feeds.base import Feed

_IDS = ("id", "external_id", "sku", "SKU", "product_id", "item_id", "ID", "handle")
_PHOTOS = ("image", "image_path", "picture", "photo", "file", "filename", "path", "images")

PLAIN = Feed(
    name="csv",
    title="a table with an id and a photo a row",
    signs=tuple(frozenset({one}) for one in _PHOTOS),
    id=_IDS,
    group=("group", "group_id", "parent"),
    item_title=("title", "name", "description"),
    price=("price",),
    stock=("in_stock", "stock", "quantity"),
    url=("url", "link"),
    photos=_PHOTOS,
    between="|",
    category=("category", "class", "type"),
    rest=True,
)

JSONL = replace(PLAIN, name="jsonl", title="JSON lines with an id and a photo each")
