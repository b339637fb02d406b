"""The most frequent mistakes, in words."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None or not found.pairs:
        return None
    wrong = int(found.confusion.counts.sum() - found.confusion.counts.trace())
    return {
        "names": facts.class_names,
        "pairs": found.pairs,
        "wrong": wrong,
        "together": sum(pair.count for pair in found.pairs) / wrong,
        "opens": facts.pictures is not None and facts.predictions is not None,
    }


SECTION = Section("pairs", "Most confused pairs", _content)
