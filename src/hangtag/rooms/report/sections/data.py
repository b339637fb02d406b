"""The facts of the data set, as a table."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    return {"data": facts.data} if facts.data else None


SECTION = Section("data", "Data", _content)
