"""Findings and their images in, the page of an audit out."""

from __future__ import annotations

from hangtag.records import Findings, ImageSet
from hangtag.rooms.report.about import set_facts
from hangtag.rooms.report.audit import cards, measured, nearness, overstatement
from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.audit.checks import words_of
from hangtag.rooms.report.audit.verdict import verdict
from hangtag.rooms.report.shell import Block, Figure, Heading, assemble, render
from hangtag.rooms.report.words import duration, number, plural, sentence

SECTIONS = (measured.block, nearness.block, overstatement.block, cards.block)
"""From what was audited to a block, or None; in the order of the page, after cautions and data."""


def page(images: ImageSet, findings: Findings, everything: str) -> str:
    """The page's HTML.

    Raises:
        UsageError: The findings are of another set.
    """
    audited = Audited(images, findings, everything)
    audited.check()
    made = (_cautions(audited), _data(audited), *(section(audited) for section in SECTIONS))
    heading = Heading(
        title=f"Audit of {images.name}",
        verdict=verdict(audited),
        kind="audit",
        figures=_figures(audited),
        cautions=len(findings.cautions),
        believing="a score on these images",
    )
    return assemble(heading, [block for block in made if block is not None])


def _figures(audited: Audited) -> tuple[Figure, ...]:
    found = audited.findings
    counts = {"serious": 0, "warning": 0, "info": 0}
    for one in found.findings:
        counts[one.severity] += 1
    seconds = sum(float(facts.get("seconds", 0)) for facts in found.checks.values())
    return (
        Figure("Images", number(len(audited.images))),
        Figure("Serious", number(counts["serious"]), "findings"),
        Figure("Warnings", number(counts["warning"]), "findings"),
        Figure("For information", number(counts["info"]), "findings"),
        Figure("Looked for", plural(len(found.checks), "check"), f"in {duration(seconds)}"),
    )


def _cautions(audited: Audited) -> Block:
    looked_for = [words_of(name).looked_for for name in audited.findings.checks]
    cautions = [sentence(one) for one in audited.findings.cautions]
    html = render("sections/cautions.html", cautions=cautions, checks=looked_for)
    return Block("cautions", "Cautions", html)


def _data(audited: Audited) -> Block:
    return Block("data", "Data", render("sections/data.html", data=set_facts(audited.images)))
