"""What a reader can walk through in a study's steps: maps and confusion matrices, in shared room.

Each part gets its share of what is left and passes on what it did not need: first the matrices,
which need little, then the maps, whose thumbnails are as good as there is room for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hangtag.records import StudyFacts, StudyModel
from hangtag.rooms.report.check import check
from hangtag.rooms.report.maps.block import block as map_block
from hangtag.rooms.report.maps.mapped import Mapped
from hangtag.rooms.report.sections import confusion
from hangtag.rooms.report.shell import Block, render

_MAP = 3  # a map's share of the room, where a matrix has 1


@dataclass(frozen=True, eq=False)
class _Wanted:
    step: str
    weight: int
    make: Callable[[int], Block | None]
    title: str


def check_live(facts: StudyFacts) -> None:
    """Raise UsageError unless maps and models fit the set and each other."""
    for step in facts.maps:
        if facts.maps[step]:
            _mapped(facts, step).check()
    for models in facts.models.values():
        for model in models:
            check(model.facts)


def live(
    facts: StudyFacts, anchors: Mapping[str, str], budget: int
) -> Mapping[str, Sequence[Block]]:
    """Blocks of each step by name, in at most so many characters."""
    wanted = _matrices(facts, anchors) + _maps(facts, anchors)
    made: dict[str, list[Block]] = {one.name: [] for one in facts.outcomes}
    weights = sum(one.weight for one in wanted)
    for one in wanted:
        share = budget * one.weight // weights
        block = one.make(share)
        if block is None:
            continue
        if block.size > share:
            block = _no_room(one.title, block.anchor)
        made[one.step].append(block)
        budget -= block.size
        weights -= one.weight
    # On the page maps stand first: they are what a step is about, models what comes of it.
    return {name: sorted(some, key=_matrix_last) for name, some in made.items()}


def _matrix_last(block: Block) -> bool:
    return confusion.SCRIPT in block.scripts


def _maps(facts: StudyFacts, anchors: Mapping[str, str]) -> list[_Wanted]:
    return [_wanted_map(facts, step, anchors[step]) for step in anchors if facts.maps.get(step)]


def _wanted_map(facts: StudyFacts, step: str, anchor: str) -> _Wanted:
    title = "The map to walk through" if len(facts.maps[step]) == 1 else "The maps to walk through"

    def make(budget: int) -> Block:
        # Headings, names of classes and drawings vary; what is over is caught by the caller.
        return map_block(
            _mapped(facts, step), anchor=f"{anchor}-map", title=title, budget=budget * 97 // 100
        )

    return _Wanted(step, _MAP, make, title)


def _mapped(facts: StudyFacts, step: str) -> Mapped:
    thumbnails = {
        number: np.asarray(rows) for number, rows in facts.thumbnails.get(step, {}).items()
    }
    return Mapped(facts.images, facts.maps[step], facts.clusterings.get(step, ()), thumbnails)


def _matrices(facts: StudyFacts, anchors: Mapping[str, str]) -> list[_Wanted]:
    return [
        _wanted_matrix(step, model, f"{anchor}-matrix-{number}")
        for step, anchor in anchors.items()
        for number, model in enumerate(facts.models.get(step, ()), start=1)
    ]


def _wanted_matrix(step: str, model: StudyModel, anchor: str) -> _Wanted:
    def make(budget: int) -> Block | None:
        return confusion.matrix(
            model.facts, anchor=anchor, title=model.name, budget=budget * 9 // 10 - 30_000
        )

    return _Wanted(step, 1, make, model.name)


def _no_room(title: str, anchor: str) -> Block:
    return Block(anchor, title, render("study/no_room.html"))
