"""Suggestions that wait go in, which of their items look alike comes out: decided on together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import ConflictError
from hangtag.rooms import catalog as room
from hangtag.rooms.catalog import Catalog, Doubt


def alike(catalog: Catalog, found: Sequence[Doubt]) -> list[Doubt]:
    """The same suggestions, those of items that look alike with the number of their group.

    A suggestion joins the first one before it of the same value whose photo is as near as half
    of all these photos are to their nearest. So the most valuable leads its group, and what is
    near in one collection is not what is near in another. One without an embedding joins none.

    Args:
        catalog: The catalogue.
        found: Suggestions in their order, which stays.
    """
    numbers = room.numbers_of(catalog, [one.item for one in found])
    try:
        digest, _ = room.newest_encoder(catalog)
        items, _, directions = room.of_items(catalog, digest, sorted(set(numbers.values())))
    except ConflictError:  # no model has looked at a photo yet
        return list(found)
    # An item's first photo stands for it.
    first = {number: row for row, number in reversed(list(enumerate(items.tolist())))}
    places = [at for at, one in enumerate(found) if numbers.get(one.item) in first]
    if len(places) < 2:
        return list(found)
    rows = np.asarray([first[numbers[found[at].item]] for at in places])
    cosines = directions[rows] @ directions[rows].T
    # An item that waits for two decisions, of a category and of a color, is no neighbor of itself.
    cosines[rows[:, None] == rows] = -1
    groups = _groups(cosines, [(found[at].attribute, found[at].suggested) for at in places])
    said = dict(zip(places, groups, strict=True))
    return [replace(one, alike=said.get(at)) for at, one in enumerate(found)]


def _groups(cosines: NDArray[np.float32], values: Sequence[tuple[str, str]]) -> list[int | None]:
    """The number of each one's group, from 1 in the order of their leaders; None for one alone."""
    near = float(np.median(cosines.max(axis=1)))
    leaders: list[int] = []
    leader_of: list[int] = []
    for at, value in enumerate(values):
        joins = (one for one in leaders if values[one] == value and cosines[at, one] >= near)
        leader_of.append(next(joins, at))
        if leader_of[at] == at:
            leaders.append(at)
    sizes = np.bincount(leader_of, minlength=len(values))
    several = [one for one in leaders if sizes[one] > 1]
    numbered = {one: number for number, one in enumerate(several, 1)}
    return [numbered.get(one) for one in leader_of]
