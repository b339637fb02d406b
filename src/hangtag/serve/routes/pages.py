"""The pages of people: what can be drawn is drawn here, and scripts ask the API for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import util
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import HTMLResponse

import hangtag
from hangtag import settings
from hangtag.errors import HangtagError
from hangtag.requests import SearchRequest
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import attributes, browsing
from hangtag.serve.door import Door, Here
from hangtag.serve.drawn import page
from hangtag.serve.routes import data, duplicates, items, mapped, models, searching
from hangtag.serve.routes import runs as run_routes
from hangtag.serve.runs_shown import runs_shown
from hangtag.serve.table import Route
from hangtag.shop.searching import MOST, shown_by

SIZE = 60
"""Items on a page of the catalogue."""
SHOWN = 12
"""Items that are found by what their images show, below those that words find."""
ALIKE = 20
"""Groups on a page of duplicates."""

Condition = Annotated[list[str] | None, Query(alias="f", max_length=20)]


async def try_it(door: Here) -> HTMLResponse:
    """Try the model on an image."""
    words = await door.reads(_model_in_words, door)
    heic = util.find_spec("pillow_heif") is not None
    return _drawn("try.html", "Try it", "/", model=words, shop=door.has_catalog, heic=heic)


def _model_in_words(door: Door) -> str:
    try:
        found = door.model()
    except HangtagError as error:
        return f"No model answers here yet: {error.message}."
    some = ", ".join(found.class_names[:6])
    more = f" and {len(found.class_names) - 6} more" if len(found.class_names) > 6 else ""
    return f"{found.model_id} tells {some}{more} apart, and says “unknown” where it is not sure."


async def catalog(
    door: Here,
    q: Annotated[str, Query(max_length=500)] = "",
    chosen: Condition = None,
    state: items.State = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> HTMLResponse:
    """Show the catalogue, and what it can be narrowed down by."""
    facts = await door.reads(_catalog, door, q.strip(), chosen or [], state, offset)
    shown: Sequence[room.Item] = ()
    trouble = ""
    if q.strip() and not offset:
        shown, trouble = await door.reads(_shown_by, door, facts)
    return _drawn("catalog.html", "Catalog", "/catalog", shown=shown, trouble=trouble, **facts)


def _catalog(
    door: Door, words: str, selected: list[str], state: str | None, offset: int
) -> dict[str, Any]:
    where = " and ".join(_condition(one) for one in selected)
    order = browsing.chosen(door.catalog, where, words, state)
    some = order[offset : offset + SIZE]
    known = room.items(door.catalog, some)
    return {
        "words": words,
        "selected": selected,
        "state": state,
        "where": where,
        "offset": offset,
        "size": SIZE,
        "total": len(order),
        "numbers": order,
        "items": [known[one] for one in some],
        "facets": browsing.facets(door.catalog, order),
        "link": _links(words, selected, state),
    }


def _shown_by(door: Door, facts: dict[str, Any]) -> tuple[Sequence[room.Item], str]:
    """Items that are found by their images and not by their words; or why none could be."""
    if (read := searching.reader(door)) is None:
        return (), ""
    encoder, seen = read
    said, where, state = set(facts["numbers"]), facts["where"], facts["state"]
    # Where nothing is narrowed down, all items of a large catalogue need not be listed for it.
    among, k = None, min(SHOWN + len(said), MOST)
    if where or state:
        among, k = set(browsing.chosen(door.catalog, where, "", state)) - said, SHOWN
    try:
        found = shown_by(door.catalog, seen, encoder, facts["words"], among, k)
    except HangtagError as error:  # what words find in titles and tags is shown all the same
        return (), error.message
    items = () if found is None else found.items
    return [one for one in items if one.number not in said][:SHOWN], ""


def _condition(one: str) -> str:
    """A facet that was clicked, as a condition: ``category:dress`` is ``category="dress"``."""
    key, _, value = one.partition(":")
    # A value with a quotation mark is put between the other kind.
    mark = "'" if '"' in value else '"'
    return f"{key}={mark}{value}{mark}"


def _links(words: str, selected: list[str], state: str | None) -> Callable[..., str]:
    """Makes the address of this page with one thing changed."""

    def link(toggle: str | None = None, offset: int = 0, state: str | None = state) -> str:
        chosen = [one for one in selected if one != toggle]
        if toggle is not None and toggle not in selected:
            # Two values of one attribute never hold together, so the newer one takes its place.
            key = toggle.partition(":")[0]
            chosen = [one for one in chosen if one.partition(":")[0] != key] + [toggle]
        said = {"q": words, "f": chosen, "state": state, "offset": offset or None}
        query = urlencode({k: v for k, v in said.items() if v}, doseq=True)
        return f"/catalog?{query}" if query else "/catalog"

    return link


async def item(door: Here, id: Annotated[str, Query(max_length=500)]) -> HTMLResponse:  # noqa: A002
    """Show all that is known of an item, and what looks like it."""
    facts = await door.reads(_item, door, id)
    return _drawn("item.html", facts["item"].title or id, "/catalog", **facts)


def _item(door: Door, name: str) -> dict[str, Any]:
    known = items.known(door, name)
    values = {k: [v.label for v in of] for k, of in attributes.attributes(door.catalog).items()}
    trouble, found = "", None
    try:
        found = hangtag.similar_items(door.catalog, SearchRequest(k=12), item=name)
    except HangtagError as error:
        trouble = error.message
    return {
        "item": known,
        "keys": list(values) or ["category"],
        "values": values or {"category": []},
        "decided": {key: _stands(known.history, key) for key in [*values, "category"]},
        "similar": found,
        "trouble": trouble,
    }


def _stands(history: list[Any], key: str) -> bool:
    """Whether a decision on this attribute is there to be undone."""
    said = [one.verdict for one in history if one.attribute == key]
    # Each that was undone has two rows, its own and the one that undid it.
    return len(said) > 2 * said.count("undone")


async def review(door: Here) -> HTMLResponse:
    """Decide on suggestions, one key each."""
    found = await door.reads(attributes.attributes, door.catalog)
    values = {key: [one.label for one in of] for key, of in found.items()}
    return _drawn("review.html", "Review", "/review", values=values)


async def duplicates_page(
    door: Here,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    all: Annotated[bool, Query()] = False,  # noqa: A002 - what it is called in the address
) -> HTMLResponse:
    """Decide which items are one, and which stay apart."""
    shown = await door.reads(duplicates.grouped, door, offset, ALIKE, undecided=not all)
    return _drawn(
        "duplicates.html", "Duplicates and variants", "/duplicates", shown=shown, all=all,
        size=ALIKE, running=_running(door, duplicates.KIND),
    )  # fmt: skip


async def map_page(door: Here) -> HTMLResponse:
    """Look at all items at once."""
    door.catalog  # noqa: B018 - a run has no items, and says so
    return _drawn("map.html", "Map", "/map", running=_running(door, mapped.KIND))


def _running(door: Door, kind: str) -> str:
    """The id of the job of a kind that runs; empty without one."""
    found = [one.id for one in door.jobs.all() if one.state == "running" and one.kind == kind]
    return found[0] if found else ""


async def exchange(door: Here) -> HTMLResponse:
    """Import a feed and export it again."""
    counts = await door.reads(room.counted, door.catalog)
    feeds = await door.reads(browsing.feed_names, door.catalog)
    return _drawn(
        "exchange.html", "Import and export", "/exchange",
        counts=counts, feeds=feeds, root=str(door.catalog.root),
    )  # fmt: skip


async def models_page(door: Here) -> HTMLResponse:
    """Compare models on the same items, use another one, and go back."""
    found = await door.reads(models.listed, door)
    taggings: dict[str, list[Any]] = {}
    for one in reversed(found.taggings):
        taggings.setdefault(one.attribute, []).append(one)
    rows = await door.reads(_runs, door)
    return _drawn(
        "models.html", "Models", "/models",
        taggings=taggings, models=found.models, shop=door.has_catalog, runs=rows,
        measured=[one for one in rows if one["score"] is not None],
        running=_running(door, "tag"),
    )  # fmt: skip


async def runs(door: Here) -> HTMLResponse:
    """Show every run with its accuracy and interval."""
    rows = await door.reads(_runs, door)
    low = min((one["low"] for one in rows), default=0.0)
    return _drawn(
        "runs.html", "Runs", "/runs", runs=rows, low=low, folder=str(settings.runs_folder())
    )


async def data_page(door: Here, run: Annotated[str, Query(max_length=500)] = "") -> HTMLResponse:
    """Look at the images of a run, and decide on what an audit found in them."""
    names = list(await door.reads(run_routes.places, door))
    facts = await door.reads(data.summary, door, run) if run else {"run": ""}
    return _drawn(
        "data.html", f"Data of {run}" if run else "Data", "/data",
        names=names, facts=facts, running=_running(door, data.LOAD) or _running(door, data.KIND),
    )  # fmt: skip


async def jobs(door: Here) -> HTMLResponse:
    """Show what runs, how far it is, and what ran since the start."""
    return _drawn("jobs.html", "Jobs", "/jobs", shop=door.has_catalog)


def _runs(door: Door) -> list[dict[str, Any]]:
    taggings = room.taggings(door.catalog) if door.has_catalog else []
    return runs_shown(door.place, [one.place for one in taggings])


def _drawn(template: str, title: str, here: str, **facts: Any) -> HTMLResponse:  # noqa: ANN401
    return HTMLResponse(page(template, title=title, here=here, **facts))


ROUTES = (
    Route("GET", "/", "read", try_it),
    Route("GET", "/catalog", "read", catalog),
    Route("GET", "/catalog/item", "read", item),
    Route("GET", "/review", "read", review),
    Route("GET", "/duplicates", "read", duplicates_page),
    Route("GET", "/map", "read", map_page),
    Route("GET", "/exchange", "read", exchange),
    Route("GET", "/models", "read", models_page),
    Route("GET", "/runs", "read", runs),
    Route("GET", "/data", "read", data_page),
    Route("GET", "/jobs", "read", jobs),
)
