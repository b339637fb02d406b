"""Many picture files into one array: members with labels in, a Raw out.

Used by every format that keeps pictures as files or as encoded bytes. The headers are looked at
first, so that one size and one number of channels can be chosen before anything is allocated:

* size: the one asked for; else the one that at least half of the pictures have; else a square
  with the median of their longer sides. Without a wish never more than 256 on a side.
* colour: as asked; else RGB as soon as one picture has colour.

Then each is decoded straight into its row by the rules of `pictures.py` and `fitting.py`. What
cannot be read is listed and left out. This module is only imported lazily: it loads Pillow.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError
from hangtag.records import Unreadable
from hangtag.rooms.load import fitting, pictures, raw
from hangtag.rooms.load.base import Member, Wish
from hangtag.rooms.load.labels import to_codes

LARGEST_UNASKED = 256
"""Sides of pictures are not longer than this unless a size was asked for."""


@dataclass(frozen=True)
class Plan:
    """What all pictures are made: size, channels, and the sentences that say so."""

    size: tuple[int, int]
    grey: bool
    notes: tuple[str, ...]


def gather(
    members: Sequence[Member],
    wish: Wish,
    where: str,
    *,
    named: Iterable[str] = (),
    notes: tuple[str, ...] = (),
    unreadable: Sequence[Unreadable] = (),
) -> raw.Raw:
    """Read every member, parts in their usual order, members of a part in the given order.

    Args:
        members: The pictures.
        wish: Size and colour asked for, and whom to tell how far it is.
        where: The source, for the error sentences.
        named: Labels that exist even if no picture has them, such as the folders of a tree.
        notes: What was decided before.
        unreadable: What was left out before.

    Raises:
        FormatError: None of them can be read, or all together do not fit into memory.
    """
    ordered = sorted(members, key=lambda one: raw.part_rank(one.part))
    readable, facts, bad = _survey(ordered, wish)
    if not readable:
        first = bad[0] if bad else None
        raise FormatError(
            f"{where} holds no picture that can be read",
            f"the first of {len(bad)}: {first.where} {first.reason}" if first else "add pictures",
        )
    plan = choose(facts, wish)
    images, kept, more = _decode(readable, plan, wish, where)
    codes, unlabelled, all_codes = to_codes([one.label for one in kept], named)
    counts = Counter(one.part for one in kept)
    return raw.Raw(
        images=images,
        codes=codes,
        unlabelled=unlabelled,
        parts=raw.ranges(counts),
        all_codes=all_codes,
        ids=tuple(one.id for one in kept),
        notes=(*notes, *plan.notes),
        unreadable=(*unreadable, *sorted((*bad, *more), key=lambda one: one.where)),
    )


def choose(facts: Sequence[pictures.Facts], wish: Wish) -> Plan:
    """Choose one size and one number of channels for pictures of these kinds."""
    sizes = Counter((one.height, one.width) for one in facts)
    n_grey = sum(one.grey for one in facts)
    grey = n_grey == len(facts) if wish.grey is None else wish.grey
    size = wish.size or _usual_size(sizes)
    notes = []
    if set(sizes) != {size}:
        smallest, largest = min(sizes), max(sizes)
        found = (
            f"{len(sizes)} sizes from {_times(smallest)} to {_times(largest)}"
            if len(sizes) > 1
            else f"size {_times(largest)}"
        )
        notes.append(
            f"pictures have {found}: each is fitted inside {_times(size)} with its aspect kept"
            " and padded with the colour of its border"
        )
    if grey and n_grey < len(facts):
        notes.append(f"{len(facts) - n_grey} of {len(facts)} pictures in colour were made grey")
    if not grey and n_grey:
        notes.append(f"{n_grey} of {len(facts)} pictures are grey and were given three channels")
    return Plan(size, grey, tuple(notes))


def _usual_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    size, often = max(sizes.items(), key=lambda item: (item[1], item[0]))
    if often * 2 < sizes.total():
        side = statistics.median_low([max(one) for one in sizes.elements()])
        size = (side, side)
    if max(size) <= LARGEST_UNASKED:
        return size
    return fitting.inside(size, (LARGEST_UNASKED, LARGEST_UNASKED))


def _survey(
    members: Sequence[Member], wish: Wish
) -> tuple[list[Member], list[pictures.Facts], list[Unreadable]]:
    readable, facts, bad = [], [], []
    found = pictures.in_threads(lambda one: pictures.facts(one.open()), members)
    for number, (member, fact) in enumerate(found):
        if isinstance(fact, FormatError):
            bad.append(Unreadable(member.id, fact.message))
        else:
            readable.append(member)
            facts.append(fact)
        if number % pictures.BATCH == 0:
            wish.progress("look", number, len(members))
    wish.progress("look", len(members), len(members))
    return readable, facts, bad


def _decode(
    members: Sequence[Member], plan: Plan, wish: Wish, where: str
) -> tuple[NDArray[np.uint8], list[Member], list[Unreadable]]:
    shape = (len(members), *plan.size, 1 if plan.grey else 3)
    raw.check_memory(int(np.prod(shape, dtype=object)), f"{where} ({len(members)} pictures)")
    images = np.empty(shape, np.uint8)
    kept: list[Member] = []
    bad: list[Unreadable] = []
    work = pictures.in_threads(
        lambda one: pictures.decode(one.open(), grey=plan.grey, size=plan.size), members
    )
    for number, (member, pixels) in enumerate(work):
        if isinstance(pixels, FormatError):
            bad.append(Unreadable(member.id, pixels.message))
        else:
            images[len(kept)] = fitting.pad(pixels, plan.size)
            kept.append(member)
        if number % pictures.BATCH == 0:
            wish.progress("load", number, len(members))
    wish.progress("load", len(members), len(members))
    return images[: len(kept)], kept, bad


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
