"""The facts of one model in, one HTML page out.

:func:`sections_of` gives the sections of one model, and another kind of page (a study of several)
composes its own list and hands it to :func:`compose`.
"""

from __future__ import annotations

from collections.abc import Sequence

from hangtag.records import ReportFacts, Score
from hangtag.rooms.report import words
from hangtag.rooms.report.check import check
from hangtag.rooms.report.sections import SECTIONS, Section
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render


def sections_of(facts: ReportFacts) -> tuple[Block, ...]:
    """All sections that these facts have something for, in order.

    Raises:
        UsageError: The facts do not fit each other.
    """
    check(facts)
    made = (section(one, facts) for one in SECTIONS)
    return tuple(block for block in made if block is not None)


def section(one: Section, facts: ReportFacts) -> Block | None:
    """One section of these facts; None when they have nothing for it."""
    content = one.content(facts)
    if content is None:
        return None
    made = Block(one.name, one.title, render(f"sections/{one.name}.html", **content))
    return made if one.dress is None else one.dress(made, facts)


def compose(facts: ReportFacts, blocks: Sequence[Block], *, verdict: str = "") -> str:
    """One page of these sections.

    Args:
        facts: For the heading, the verdict and the scores beside it.
        blocks: The sections, in order.
        verdict: The sentence under the heading; made from the facts when empty.
    """
    figures = headline(facts)
    heading = Heading(
        title=facts.title,
        verdict=verdict or words.verdict(facts),
        figures=figures,
        cautions=len(facts.cautions),
        believing="this score" if figures else "anything here",
    )
    return assemble(heading, blocks)


_HEADLINE = (
    ("accuracy", "Accuracy", True),
    ("top_3", "Right class in top 3", True),
    ("macro", "Macro F1", False),
    ("auc", "AUC", False),
    ("loss", "Log loss", False),
)


def headline(facts: ReportFacts) -> tuple[Figure, ...]:
    """The few scores that stand at the top, with their intervals."""
    found = facts.evaluation
    if found is None:
        return ()
    known = dict(found.scores)
    known |= {row.name.split()[0]: row.intervals["f1"] for row in found.averages if row.intervals}
    return tuple(
        _figure(title, known[key], as_percent)
        for key, title, as_percent in _HEADLINE
        if key in known
    )


def _figure(title: str, score: Score, as_percent: bool) -> Figure:
    if as_percent:
        return Figure(title, words.percent(score.value), words.percent_range(score))
    return Figure(title, words.decimal(score.value), words.decimal_range(score, to=" to "))
