"""ROC and precision–recall of every class against the rest."""

from __future__ import annotations

from typing import Any

import numpy as np

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures import ranking
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None or not found.rankings:
        return None
    rows = sorted(found.rankings, key=lambda one: one.average_precision)
    return {
        "figures": [inline(one) for one in ranking.draw(facts)],
        "rows": [(facts.class_names[one.label], one) for one in rows],
        "mean": float(np.mean([one.average_precision for one in rows])),
        "area": found.scores.get("auc"),
        "gray": len(rows) - len(ranking.weakest(rows)),
        "two": len(facts.class_names) == 2,
    }


SECTION = Section("ranking", "ROC and precision–recall curves", _content)
