"""What to know before believing the score; always there, if only to say what was looked for."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any]:
    return {"cautions": facts.cautions, "checks": facts.checks}


SECTION = Section("cautions", "Cautions", _content)
