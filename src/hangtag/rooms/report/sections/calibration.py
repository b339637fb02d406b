"""Whether the model's confidence can be taken at its word."""

from __future__ import annotations

from typing import Any

from hangtag.records import Calibration, ReportFacts
from hangtag.rooms.report.figures import calibration
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.sections.section import Section


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None or found.calibration is None:
        return None
    top = len(found.calibration.counts) - 1
    return {
        "figures": [inline(drawn) for drawn in calibration.draw(facts)],
        "few": calibration.FEW if _has_few(found.calibration) else 0,
        "gap": _gap(found.calibration),
        "error": found.calibration.error,
        "top": _bin(found.calibration, top),
        "temperature": found.temperature,
        "scaled_error": found.scaled_calibration and found.scaled_calibration.error,
    }


def _gap(curve: Calibration) -> float:
    """Mean confidence minus accuracy: above zero for a model too sure of itself."""
    weights = curve.counts / curve.counts.sum()
    return float((weights * (curve.confidence - curve.accuracy)).sum())


def _has_few(curve: Calibration) -> bool:
    return bool(((curve.counts > 0) & (curve.counts < calibration.FEW)).any())


def _bin(curve: Calibration, one: int) -> dict[str, float] | None:
    if not curve.counts[one]:
        return None
    return {
        "from": float(curve.edges[one]),
        "count": int(curve.counts[one]),
        "share": float(curve.counts[one] / curve.counts.sum()),
        "accuracy": float(curve.accuracy[one]),
    }


SECTION = Section("calibration", "Calibration: can its confidence be believed?", _content)
