"""How many images each class has in each part of the split: bars, and the numbers as a table."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures import classes
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if not facts.counts:
        return None
    by_name = sorted(range(len(facts.class_names)), key=lambda one: facts.class_names[one])
    return {
        "figures": [inline(drawn) for drawn in classes.draw(facts)],
        "parts": list(facts.counts),
        "totals": [sum(counts) for counts in facts.counts.values()],
        "rows": [
            (facts.class_names[one], [int(counts[one]) for counts in facts.counts.values()])
            for one in by_name
        ],
    }


SECTION = Section("classes", "Class distribution", _content)
