"""What came of a verb and its figures in, one HTML page out.

A study's page has a section for every step; this is the page of a step alone. To give a verb a
page: what is told of it, in ``results``, and its figures' files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hangtag.records import Outcome
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render
from hangtag.rooms.report.study import tables
from hangtag.rooms.report.study.figures import ShownFigure, shown
from hangtag.rooms.report.words import sentence

_ROWS = 2000  # of a table
_STYLES = ("tables.css", "study/study.css", "verb_pages/verb_pages.css")
_CHECKS: Mapping[str, Sequence[str]] = {
    "tune": ("a best value that is the largest of many", "trials that failed"),
    "ablate": ("differences that are no more than chance", "intervals of too few seeds"),
}
"""What is looked for before the results of a verb are told, for the section of cautions."""


def page(
    outcome: Outcome,
    files: Mapping[str, bytes],
    *,
    title: str,
    kind: str,
    facts: Mapping[str, Any],
    numbers: Sequence[Figure] = (),
    blocks: Sequence[Block] = (),
) -> str:
    """The page's HTML.

    Args:
        outcome: What is told; its first paragraph is what a reader should take away.
        files: The figures by the names that the outcome has; others are not shown.
        title: Heading of the page.
        kind: What kind of page it is.
        facts: What was asked, label to value; a ``command`` is shown as one.
        numbers: The few that matter most.
        blocks: What the verb shows besides, before figures and tables.
    """
    verdict, *words = outcome.words
    made = (
        _cautions(outcome),
        *blocks,
        _figures(outcome, files, words),
        _tables(outcome),
        _asked(facts),
    )
    heading = Heading(
        title=title,
        verdict=verdict.replace("`", ""),
        kind=kind,
        figures=tuple(numbers),
        cautions=len(outcome.cautions),
        believing="this",
    )
    return assemble(heading, [block for block in made if block is not None])


def _cautions(outcome: Outcome) -> Block | None:
    if not outcome.cautions:
        return None
    cautions = [sentence(one) for one in outcome.cautions]
    looked = _CHECKS.get(outcome.verb, ())
    html = render("sections/cautions.html", cautions=cautions, checks=looked)
    return Block("cautions", "Cautions", html)


def _figures(outcome: Outcome, files: Mapping[str, bytes], words: Sequence[str]) -> Block | None:
    figures = [
        shown(ShownFigure(one, one.file), files[one.file])
        for one in outcome.figures
        if one.file in files
    ]
    if not figures and not words:
        return None
    html = render("verb_pages/figures.html", words=words, figures=figures)
    return Block("results", outcome.title, html, styles=_STYLES)


def _tables(outcome: Outcome) -> Block | None:
    found = [tables.shown(one, _ROWS) for one in outcome.tables]
    if not found:
        return None
    html = render("verb_pages/tables.html", tables=found)
    return Block("tables", "Tables", html, styles=_STYLES, scripts=("tables.js",))


def _asked(facts: Mapping[str, Any]) -> Block | None:
    if not facts:
        return None
    others = {key: value for key, value in facts.items() if key != "command" and value is not None}
    html = render("_command_and_facts.html", command=facts.get("command", ""), facts=others)
    return Block("reproduce", "What was asked", html)
