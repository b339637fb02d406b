"""Items that show one photo, and one item in two colors: groups, and what people said of them.

What people say is a decision like any other, on an attribute of its own: an item that is the same
as another has that one's id as its tag, one that is not has it rejected. So it has a history, is
undone, comes out with exports and is never touched by models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query

from hangtag.progress import Progress
from hangtag.rooms.catalog import held, looks, schema
from hangtag.serve import found
from hangtag.serve.door import Door, Here
from hangtag.serve.shapes_items import Alike, AlikeGroup, AlikeGroups
from hangtag.serve.table import Route
from hangtag.shop.duplicates import Pair, find_duplicates

KIND = "duplicates"
COPY, VARIANT = "duplicate of", "variant of"
ATTRIBUTES = (COPY, VARIANT)


def look_for(door: Door, progress: Progress) -> dict[str, Any]:
    """Find pairs and keep them; what a job does."""
    # Before the work: what changes meanwhile makes the result old, not unnoticed.
    of = found.state(door)
    pairs = find_duplicates(door.catalog, progress=progress)
    found.keep(door, KIND, {"pairs": [asdict(one) for one in pairs]}, of)
    return {"pairs": len(pairs)}


async def groups(
    door: Here,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 30,
    undecided: Annotated[bool, Query(description="Only groups where something waits")] = False,
) -> AlikeGroups:
    """Give the groups that the last job 'duplicates' found, those with most items first."""
    return await door.reads(grouped, door, offset, limit, undecided=undecided)


def grouped(door: Door, offset: int, limit: int, *, undecided: bool) -> AlikeGroups:
    """What was found, put into groups, with what people decided since."""
    known = found.kept(door, KIND) if door.has_catalog else None
    if known is None:
        door.catalog  # noqa: B018 - a run has no items, and says so
        return AlikeGroups(groups=[], total=0, waiting=0, offset=0, found=False, current=False)
    pairs = [Pair(**{**one, "titles": tuple(one["titles"])}) for one in known[0]["pairs"]]
    said = held.verdicts(door.catalog, ATTRIBUTES)
    there = set(held.names(door.catalog).values())
    copies = [one for one in pairs if one.relation != looks.OTHER_COLOR]
    colors = [one for one in pairs if one.relation == looks.OTHER_COLOR]
    made = [
        *_made(copies, COPY, said, there),
        *_made(colors, VARIANT, said, there),
    ]
    waiting = [one for one in made if any(not each.said for each in one.others)]
    shown = waiting if undecided else made
    return AlikeGroups(
        groups=shown[offset : offset + limit],
        total=len(shown),
        waiting=len(waiting),
        offset=offset,
        found=True,
        current=known[1],
    )


def _made(
    pairs: Sequence[Pair],
    attribute: str,
    said: dict[tuple[str, str], tuple[str, str]],
    there: set[str],
) -> list[AlikeGroup]:
    """Groups of items that pairs tie together, each under the item that came first."""
    first: dict[str, str] = {}
    near: dict[str, Pair] = {}
    titles: dict[str, str] = {}

    def top(name: str) -> str:
        while first.setdefault(name, name) != name:
            first[name] = name = first[first[name]]
        return name

    for pair in pairs:
        if pair.item not in there or pair.other not in there:
            continue  # taken out since
        titles |= {pair.item: pair.titles[0], pair.other: pair.titles[1]}
        one, other = top(pair.item), top(pair.other)
        first[other] = one
        # The closest relation comes first among pairs, so what is there already stays.
        near.setdefault(pair.other, pair)
        near.setdefault(pair.item, pair)
    members: dict[str, list[str]] = {}
    for name in titles:
        members.setdefault(top(name), []).append(name)
    made = [
        _group(head, names, attribute, near, titles, said)
        for head, names in members.items()
        if len(names) > 1
    ]
    return sorted(made, key=lambda one: -len(one.others))


def _group(
    head: str,
    names: Sequence[str],
    attribute: str,
    near: dict[str, Pair],
    titles: dict[str, str],
    said: dict[tuple[str, str], tuple[str, str]],
) -> AlikeGroup:
    others = []
    for name in names:
        if name == head:
            continue
        verdict, label = said.get((name, attribute), ("", ""))
        word = {schema.REJECTED: "apart", schema.CORRECTED: "same", schema.ACCEPTED: "same"}
        others.append(
            Alike(
                item=name,
                title=titles[name],
                relation=near[name].relation,
                cosine=near[name].cosine,
                said=word.get(verdict, "") if label == head else "",
            )
        )
    return AlikeGroup(attribute=attribute, item=head, title=titles[head], others=others)


ROUTES = (Route("GET", "/v1/duplicates", "read", groups, "items"),)
