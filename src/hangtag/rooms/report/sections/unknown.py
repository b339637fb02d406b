"""What is won by saying "unknown" to the images the model is least sure of."""

from __future__ import annotations

from typing import Any

import numpy as np

from hangtag.records import Coverage, ReportFacts
from hangtag.rooms.report.figures import coverage
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.sections.section import Section

_ANSWERED = (1.0, 0.95, 0.9, 0.8, 0.7, 0.5)


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None or found.coverage is None:
        return None
    return {
        "figures": [inline(drawn) for drawn in coverage.draw(facts)],
        "rows": _rows(found.coverage),
        "threshold": found.threshold,
        "wanted": found.threshold_precision,
        "certainty": found.threshold_level,
        "answered": found.scores.get("answered"),
        "right": found.scores.get("accuracy_answered"),
        "strange": found.scores.get("strange"),
        "split": found.split,
    }


def _rows(curve: Coverage) -> list[dict[str, float]]:
    places = sorted({int(np.abs(curve.coverage - proportion).argmin()) for proportion in _ANSWERED})
    return [
        {
            "threshold": float(curve.thresholds[one]),
            "answered": float(curve.coverage[one]),
            "accuracy": float(curve.accuracy[one]),
            "low": float(curve.low[one]),
            "high": float(curve.high[one]),
        }
        for one in reversed(places)
    ]


SECTION = Section("unknown", "Saying “unknown”", _content)
