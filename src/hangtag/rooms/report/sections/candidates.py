"""Every model that was tried when one was chosen of several, as a table that can be sorted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.results.candidates import rows_of
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.shell import Block
from hangtag.rooms.report.study import tables

_ROWS = 1000


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    tried = facts.candidates
    if tried is None or len(tried) < 2:
        return None
    best = [(tried.best, "validation accuracy")]
    note = "Chosen by validation accuracy; training scores are optimistic."
    made = table("candidates", "Every candidate", rows_of(tried), best=best, note=note)
    return {"tables": [tables.shown(made, _ROWS)]}


def _dressed(block: Block, _: ReportFacts) -> Block:
    return replace(block, styles=("tables.css",), scripts=("tables.js",))


SECTION = Section("candidates", "What was tried", _content, _dressed)
