"""Outcomes of steps in, a section of each out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hangtag.records import Outcome, StudyFacts
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.study import tables
from hangtag.rooms.report.study.figures import ShownFigure

_OURS = ("tables.css", "study/study.css")


def anchors(facts: StudyFacts) -> dict[str, str]:
    """For each step by name the id of its section, made of the name, no two alike."""
    taken: dict[str, str] = {}
    for one in facts.outcomes:
        plain = re.sub(r"[^a-z0-9]+", "-", one.name.lower()).strip("-")
        anchor = wanted = f"step-{plain}" if plain else "step"
        number = 2
        while anchor in taken.values():
            anchor, number = f"{wanted}-{number}", number + 1
        taken[one.name] = anchor
    return taken


def blocks(
    facts: StudyFacts,
    figures: Mapping[str, Sequence[ShownFigure]],
    live: Mapping[str, Sequence[Block]],
    *,
    rows: int,
) -> list[Block]:
    """One section per step.

    Args:
        facts: Of the study.
        figures: Each step's figures.
        live: What can be walked through in each step.
        rows: Of a table that the page has room for.
    """
    known = anchors(facts)
    return [
        _block(number, one, known[one.name], figures[one.name], live.get(one.name, ()), rows)
        for number, one in enumerate(facts.outcomes, start=1)
    ]


def _block(
    number: int,
    outcome: Outcome,
    anchor: str,
    figures: Sequence[ShownFigure],
    live: Sequence[Block],
    rows: int,
) -> Block:
    html = render(
        "study/step.html",
        outcome=outcome,
        anchor=anchor,
        figures=figures,
        tables=[tables.shown(table, rows) for table in outcome.tables],
        live=live,
        commands="\n".join(outcome.commands),
        seeds=outcome.seeds,
    )
    islands: dict[str, Any] = {}
    for one in live:
        islands |= one.islands
    return Block(
        anchor,
        f"{number}. {outcome.title}",
        html,
        styles=(*_OURS, *(style for one in live for style in one.styles)),
        scripts=("tables.js", *(script for one in live for script in one.scripts)),
        islands=islands,
        extras=tuple(extra for one in live for extra in one.extras),
    )
