"""How to read the page: its words explained."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None and facts.history is None:
        return None
    return {
        "evaluated": found is not None,
        "trained": facts.history is not None,
        "calibrated": found is not None and found.calibration is not None,
    }


SECTION = Section("reading", "How to read this", _content)
