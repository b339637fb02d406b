"""A feed goes in, with what it would change shown before; the same feed with tags comes out."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Query, Request, Response

import hangtag
from hangtag.errors import OptionError
from hangtag.requests import ImportRequest
from hangtag.rooms import catalog as room
from hangtag.serve.door import Door, Here, Who
from hangtag.serve.shapes import Plan
from hangtag.serve.table import Route
from hangtag.serve.uploads import form_of

FEED = 100_000_000
"""Bytes of a feed."""
SHOWN = 50
"""Ids of each kind of change that are told."""
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["feed"],
                    "properties": {"feed": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


async def import_(
    request: Request,
    door: Here,
    who: Who,
    dry_run: Annotated[bool, Query(description="Only say what would change")] = False,
    keep: Annotated[bool, Query(description="Items that the feed lacks stay")] = False,
    kind: Annotated[
        Literal["shopify", "woocommerce", "merchant", "csv"] | None,
        Query(description="Told by its columns if left out"),
    ] = None,
) -> Plan:
    """Import a feed (CSV of Shopify, WooCommerce, Google Merchant, or with an id and photo)."""
    sent = await form_of(request)
    if "feed" not in sent.files:
        raise OptionError("there is no feed in the request", "a file in the field 'feed'")
    name, content = sent.files["feed"]
    catalog = door.catalog
    asked = ImportRequest(feed=kind, keep=keep, root=catalog.root)
    async with door.line.turn(who.name):
        planned = await door.reads(_imported, door, asked, name, content, not dry_run)
    return told(planned, written=not dry_run)


def _imported(
    door: Door, asked: ImportRequest, name: str, content: bytes, write: bool
) -> room.Plan:
    # A name from the network becomes a file's: its folder is dropped, and so is what is no letter.
    plain = re.sub(r"[^\w .()-]+", "_", Path(name).name).lstrip(".")[-100:] or "feed.csv"
    if not plain.lower().endswith(room.feeds.TABLES):
        plain += ".csv"
    # Feeds are read from files; this one is gone when the import is done.
    with tempfile.TemporaryDirectory(prefix="hangtag-") as folder:
        place = Path(folder) / plain
        place.write_bytes(content)
        if room.feeds.read(place, asked.feed) is None:
            raise OptionError(
                f"{plain} is no feed: it has no column for an id and none for a photo",
                "call them id and image, or say what kind it is",
            )
        return hangtag.import_items(door.catalog, asked, source=place, write=write)


def told(planned: room.Plan, *, written: bool) -> Plan:
    """A plan as JSON has it."""
    some = {
        "new": [one.external_id for one in planned.new[:SHOWN]],
        "changed": [one.external_id for one in planned.changed[:SHOWN]],
        "back": [one.external_id for one in planned.back[:SHOWN]],
        "gone": list(planned.gone[:SHOWN]),
        "twice": list(planned.twice[:SHOWN]),
    }
    bad = [" ".join(one) for one in planned.unreadable[:SHOWN]]
    return Plan(written=written, some=some, problems=bad, **planned.facts)


async def export(
    door: Here,
    who: Who,
    format: Annotated[  # noqa: A002 - what it is called in the address
        Literal["csv", "jsonl"], Query(description="csv: the feed as it came, with tags")
    ] = "csv",
    since: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    feed: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Export tags: the feed as it came, the same byte for byte outside of them, or JSON lines."""
    async with door.line.turn(who.name):
        until = (await door.reads(room.counted, door.catalog))["changes"]
        if format == "jsonl":
            content = await door.reads(_lines, door, since)
        else:
            content = await door.reads(hangtag.export_catalog, door.catalog, feed=feed, since=since)
    kind = "text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson"
    headers = {
        "content-disposition": f'attachment; filename="tags.{format}"',
        "hangtag-until": str(until),
    }
    return Response(content, media_type=kind, headers=headers)


def _lines(door: Door, since: int | None) -> bytes:
    found = room.items(door.catalog, room.numbers(door.catalog, since=since))
    lines = (json.dumps(one.facts, ensure_ascii=False) for one in found.values())
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


TABLE = {
    200: {
        "description": "The feed, or a line of JSON per item; hangtag-until has the last change",
        "content": {"text/csv": {}, "application/x-ndjson": {}},
    }
}
ROUTES = (
    Route(
        "POST", "/v1/items:import", "admin", import_, "exchange", writes=True, body=FEED,
        more={"openapi_extra": FORM},
    ),
    Route(
        "GET", "/v1/export", "read", export, "exchange",
        answers=TABLE, more={"response_class": Response},
    ),
)  # fmt: skip
