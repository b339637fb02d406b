"""What a reader can walk through in a study's steps: maps and confusion matrices, in shared room.

Points and drawings of the maps take what they need; the images of the matrices get a part of the
rest, and what they do not need goes to the maps' thumbnails, which are as good as there is room
for. Maps of the same images share them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from hangtag.records import StudyFacts
from hangtag.rooms.report.check import check
from hangtag.rooms.report.maps.block import Prepared, finish, prepare
from hangtag.rooms.report.maps.mapped import Mapped
from hangtag.rooms.report.maps.sheets import Sheets, sheets
from hangtag.rooms.report.sections import confusion
from hangtag.rooms.report.shell import Block, render

_THUMBNAILS = 5  # parts of the room for the thumbnails of a map, where a matrix has one
_TABLE = 40_000  # characters of a matrix of 30 classes beside its images

Walked = dict[str, list[Block]]


def check_live(facts: StudyFacts) -> None:
    """Raise UsageError unless maps and models fit the set and each other."""
    for step in _with_maps(facts):
        _mapped(facts, step).check()
    for models in facts.models.values():
        for model in models:
            check(model.facts)


def live(
    facts: StudyFacts, anchors: Mapping[str, str], budget: int
) -> Mapping[str, Sequence[Block]]:
    """What can be walked through in each step by name, in at most so many characters.

    On the page maps stand before matrices: first what a step is about, then what came of it.
    """
    walked: Walked = {}
    prepared: dict[str, Prepared] = {}
    for step in _with_maps(facts):
        made = prepare(_mapped(facts, step), f"{anchors[step]}-map")
        if made.taken <= budget:
            prepared[step] = made
            budget -= made.taken
        else:
            walked[step] = [_no_room(made.anchor, _title(facts, step))]
    alike = _alike(prepared)
    count = sum(map(len, facts.models.values()))
    matrices = _matrices(facts, anchors, budget * count // max(1, count + _THUMBNAILS * len(alike)))
    budget -= sum(block.size for some in matrices.values() for block in some)
    for step, found, held in _thumbnails(prepared, alike, budget):
        walked[step] = [finish(prepared[step], _title(facts, step), found, held=held)]
    return {step: [*walked.get(step, ()), *matrices.get(step, ())] for step in anchors}


def _matrices(facts: StudyFacts, anchors: Mapping[str, str], budget: int) -> Walked:
    wanted = [
        (step, number, model)
        for step in anchors
        for number, model in enumerate(facts.models.get(step, ()), start=1)
    ]
    walked: Walked = {}
    for place, (step, number, model) in enumerate(wanted):
        allowance = budget // (len(wanted) - place)
        anchor = f"{anchors[step]}-matrix-{number}"
        title = f"Confusion matrix: {model.name}"
        block = confusion.matrix(
            model.facts,
            anchor=anchor,
            title=model.name,
            budget=allowance - _TABLE,
            explained=not place,
        )
        if block is not None:
            fits = block.size <= max(allowance, 2 * _TABLE)
            made = replace(block, title=title) if fits else _no_room(anchor, title)
            walked.setdefault(step, []).append(made)
            budget -= made.size
    return walked


def _alike(prepared: Mapping[str, Prepared]) -> list[list[str]]:
    """Steps by name, those whose maps show the same images together."""
    alike: dict[bytes, list[str]] = {}
    for step, one in prepared.items():
        alike.setdefault(one.mapped.indices.tobytes(), []).append(step)
    return list(alike.values())


def _thumbnails(
    prepared: Mapping[str, Prepared], alike: Sequence[Sequence[str]], budget: int
) -> Iterator[tuple[str, Sheets | None, str]]:
    """For each step its thumbnails, and which data hold them where it is not its own."""
    counts = [len(prepared[steps[0]].mapped.indices) for steps in alike]
    for place, steps in enumerate(alike):
        first = prepared[steps[0]]
        allowance = budget * counts[place] // sum(counts[place:])
        found = sheets(first.mapped.images.images[first.mapped.indices], allowance)
        budget -= len(found) if found is not None else 0
        for step in steps:
            held = first.island if found is not None and step != steps[0] else ""
            yield step, found, held


def _with_maps(facts: StudyFacts) -> list[str]:
    return [one.name for one in facts.outcomes if facts.maps.get(one.name)]


def _mapped(facts: StudyFacts, step: str) -> Mapped:
    thumbnails = {
        number: np.asarray(rows) for number, rows in facts.thumbnails.get(step, {}).items()
    }
    return Mapped(facts.images, facts.maps[step], facts.clusterings.get(step, ()), thumbnails)


def _title(facts: StudyFacts, step: str) -> str:
    return "The map to walk through" if len(facts.maps[step]) == 1 else "The maps to walk through"


def _no_room(anchor: str, title: str) -> Block:
    return Block(anchor, title, render("study/no_room.html"))
