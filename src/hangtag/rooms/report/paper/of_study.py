"""The facts of a study in, its paper out: what the page has, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from hangtag.records import Compared, Outcome, StudyFacts
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.paper.parts import (
    Code,
    Figure,
    Heading,
    Paper,
    Part,
    Table,
    Words,
    facts_table,
    listed,
    table,
)
from hangtag.rooms.report.study.numbers import with_digits
from hangtag.rooms.report.study.verdict import verdict
from hangtag.rooms.report.words import sentence

OPENING = (
    "from pathlib import Path",
    "here = Path()  # the folder of the study, where this notebook lies",
)


def of_study(facts: StudyFacts) -> Paper:
    """A study as a paper.

    Args:
        facts: What its page shows; figures are read from its folder.
    """
    return Paper(facts.title, OPENING, tuple(_parts(facts)))


def _parts(facts: StudyFacts) -> Iterator[Part]:
    yield Words(verdict(facts))
    yield Heading("What is asked")
    yield from (Words(one) for one in facts.about)
    yield facts_table("The data", set_facts(facts.images) | {"source": facts.images.name})
    if facts.compared:
        yield Heading("The document's figures beside ours")
        yield _compared(facts)
    if facts.cautions:
        yield Heading("Cautions")
        yield from listed([sentence(one) for one in facts.cautions])
    if facts.differs:
        yield Heading("Where the document is wrong")
        yield from listed([sentence(one) for one in facts.differs])
    for place, outcome in enumerate(facts.outcomes, start=1):
        yield from _step(facts, place, outcome)
    yield Heading("How to reproduce this")
    yield Code(str(facts.reproduce.get("command", "")))
    others = {name: one for name, one in facts.reproduce.items() if name != "command"}
    yield facts_table("Seeds, split and data", others)
    yield facts_table("Versions", facts.versions)


def _step(facts: StudyFacts, place: int, outcome: Outcome) -> Iterator[Part]:
    yield Heading(f"{place}. {outcome.title}")
    yield from (Words(one) for one in outcome.words)
    yield from listed([f"Caution: {sentence(one)}" for one in dict.fromkeys(outcome.cautions)])
    folder = facts.folder / "steps" / outcome.name
    for figure in outcome.figures:
        path = folder / figure.file
        # A figure's file may be named by a recipe; nothing outside of the study is read.
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            file = f"steps/{outcome.name}/{figure.file}"
            yield Figure(figure.title, figure.caption, file, path.read_bytes())
    for one in outcome.tables:
        yield table(one, f"steps/{outcome.name}/{one.name}.csv")
    if outcome.commands:
        yield Words("The same by hand:")
        yield Code("\n".join(outcome.commands))


def _compared(facts: StudyFacts) -> Table:
    rows = tuple(
        (
            one.figure,
            _number(one.reported, one),
            _number(one.ours if one.mean is None else one.mean, one),
            one.reached,
        )
        for one in facts.compared
    )
    return Table(
        "Every figure that the document reports",
        ("figure", "reported", "ours", "inside?"),
        rows,
        (False, True, True, False),
        "Ours is the mean over seeds where there are several.",
    )


def _number(value: object, one: Compared) -> str:
    if isinstance(value, list | tuple):
        return " ".join(_number(part, one) for part in value)
    digits = one.digits if one.exact else max(one.digits, 4)
    return with_digits(value, digits)
