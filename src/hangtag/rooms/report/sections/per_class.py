"""Precision, recall and F1 of every class with their intervals, and the averages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.shell import Block


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None:
        return None
    intervals = [score.ends for row in found.classes for score in row.intervals.values()]
    lows = [ends[0] for ends in intervals if ends is not None]
    # The bars start at a round number below all of them, so that differences can be seen.
    start = max(0.0, int(min(lows, default=0.0) * 10) / 10)
    return {
        # The weakest first: that is where there is something to be done. Absent ones say nothing.
        "classes": sorted(found.classes, key=lambda row: (not row.support, row.f1)),
        "averages": found.averages,
        "measures": ("precision", "recall", "f1"),
        "accuracy": found.scores["accuracy"],
        "scores": found.scores,
        "start": start,
        "place": lambda value: round(100 * (value - start) / (1 - start), 2),
    }


def _dressed(block: Block, _: ReportFacts) -> Block:
    return replace(block, scripts=("tables.js",), styles=("tables.css",))


SECTION = Section("per_class", "Classification report", _content, _dressed)
