"""How to get the same again."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if not facts.reproduce and not facts.versions:
        return None
    others = {key: value for key, value in facts.reproduce.items() if key != "command"}
    return {
        "command": facts.reproduce.get("command", ""),
        "facts": others,
        "versions": facts.versions,
    }


SECTION = Section("reproduce", "How to reproduce this", _content)
