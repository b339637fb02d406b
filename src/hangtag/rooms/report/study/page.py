"""The facts of a study in, its page of at most 10 MB out.

What can only be there or not (words, tables) is put together first; figures get most of the room
that is left, and what can be walked through the rest.
"""

from __future__ import annotations

from typing import Any

from hangtag.records import StudyFacts
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.shell import Block, Heading, assemble, render
from hangtag.rooms.report.study import reported, steps
from hangtag.rooms.report.study.figures import Figures
from hangtag.rooms.report.study.live import check_live, live
from hangtag.rooms.report.study.verdict import headline, verdict
from hangtag.rooms.report.words import plural, sentence

LIMIT = 9_600_000  # of the 10 MB a page may have: the rest is for what cannot be told before
_WORDS = 4_000_000  # characters of words and tables above which tables are cut
_ROWS = (2000, 300, 50)  # rows of a table, tried in turn
_LIVE = 60_000  # style and scripts of what can be walked through
_STYLE = ("study/study.css",)


def page(facts: StudyFacts) -> str:
    """The page's HTML.

    Raises:
        UsageError: Maps, models and images do not fit together.
    """
    check_live(facts)
    figures, anchors = Figures(facts), steps.anchors(facts)
    for rows in _ROWS:
        bare = steps.blocks(facts, figures.without(), {}, rows=rows)
        taken = len(_whole(facts, bare).encode())
        if taken <= _WORDS:
            break
    room = LIMIT - taken
    walks = any(facts.maps.values()) or any(facts.models.values())
    packed = figures.within(room * 55 // 100 if walks else room)
    room -= sum(len(one.uri) for some in packed.values() for one in some) + _LIVE
    walked = live(facts, anchors, max(room, 0)) if walks else {}
    return _whole(facts, steps.blocks(facts, packed, walked, rows=rows))


def _whole(facts: StudyFacts, sections: list[Block]) -> str:
    made = [_about(facts), reported.block(facts), _cautions(facts), _differs(facts)]
    blocks = [block for block in made if block is not None]
    heading = Heading(
        title=facts.title,
        verdict=verdict(facts),
        kind="study",
        figures=headline(facts),
        cautions=len(_said(facts)),
        believing="these figures",
    )
    return assemble(heading, [*blocks, *sections, _reproduce(facts)])


def _about(facts: StudyFacts) -> Block:
    html = render(
        "study/about.html",
        about=facts.about,
        document=facts.document,
        limit=facts.limit,
        # Where a set lies on this computer is nothing to a reader.
        data=set_facts(facts.images) | {"source": facts.images.name},
    )
    return Block("about", "What is asked", html, styles=_STYLE)


def _said(facts: StudyFacts) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each caution once, with title and anchor of the steps it comes from."""
    said: dict[str, list[tuple[str, str]]] = {sentence(one): [] for one in facts.cautions}
    known = steps.anchors(facts)
    for place, outcome in enumerate(facts.outcomes, start=1):
        for one in dict.fromkeys(outcome.cautions):
            where = (f"Step {place}: {outcome.title}", known[outcome.name])
            said.setdefault(sentence(one), []).append(where)
    return list(said.items())


def _cautions(facts: StudyFacts) -> Block:
    html = render("study/cautions.html", cautions=_said(facts), checks=facts.checks)
    return Block("cautions", "Cautions", html, styles=_STYLE)


def _differs(facts: StudyFacts) -> Block | None:
    if not facts.differs:
        return None
    html = render("study/differs.html", differs=[sentence(one) for one in facts.differs])
    return Block("differs", "Where the document is wrong", html, styles=_STYLE)


def _reproduce(facts: StudyFacts) -> Block:
    others: dict[str, Any] = {
        key: value for key, value in facts.reproduce.items() if key != "command"
    }
    html = render(
        "study/reproduce.html",
        command=facts.reproduce.get("command", ""),
        facts=others,
        versions=facts.versions,
        recipe=facts.recipe,
        files=_files(facts),
    )
    return Block("reproduce", "How to reproduce this", html, styles=_STYLE)


def _files(facts: StudyFacts) -> list[tuple[str, str]]:
    """What lies beside the page: name, and what it is."""
    listed: dict[str, str] = {}
    if facts.compared:
        count = plural(len(facts.compared), "figure")
        listed["comparison.json"] = f"{count} of the document beside ours, for programs"
    for one in facts.outcomes:
        own = f"steps/{one.name}/"
        runs = [where for where in one.runs.values() if where.startswith(own)]
        held = [
            plural(len(one.figures), "figure") if one.figures else "",
            f"{plural(len(one.tables), 'table')} as CSV" if one.tables else "",
            plural(len(one.maps), "map") if one.maps else "",
            plural(len(runs), "run") if runs else "",
        ]
        said = ", ".join(some for some in held if some)
        if said:
            listed[own] = f"{one.title}: {said}"
    within = tuple(f"steps/{one.name}/" for one in facts.outcomes)
    for one in facts.outcomes:
        for name, where in one.runs.items():
            if not where.startswith(within):
                listed[where] = f"run {name}"
    return list(listed.items())
