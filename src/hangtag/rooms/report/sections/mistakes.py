"""The five most wrong answers of each class, with what they should have been."""

from __future__ import annotations

from typing import Any

import numpy as np

from hangtag.records import ReportFacts
from hangtag.rooms.report.images import data_uri, shrunk
from hangtag.rooms.report.sections.section import Section

PER_CLASS = 5
_BUDGET = 1_500_000  # characters, of the 10 MB a page may have


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    found = facts.evaluation
    if found is None or facts.predictions is None or facts.pictures is None:
        return None
    if found.mistakes is None:
        return None
    for side, count in ((96, PER_CLASS), (64, PER_CLASS), (48, PER_CLASS), (32, 3), (32, 1)):
        rows = _rows(facts, found.mistakes, side, count)
        if sum(len(one["uri"]) for row in rows for one in row["mistakes"]) <= _BUDGET:
            break
    return {"rows": rows, "per_class": count, "split": found.split}


def _rows(
    facts: ReportFacts, mistakes: np.ndarray[Any, np.dtype[np.int64]], side: int, count: int
) -> list[dict[str, Any]]:
    assert facts.predictions is not None
    labels = facts.predictions.labels
    rows = []
    for one, name in enumerate(facts.class_names):
        of_class = mistakes[labels[mistakes] == one]
        rows.append({
            "name": name,
            "total": len(of_class),
            "images": int((labels == one).sum()),
            "mistakes": [_mistake(facts, int(where), side) for where in of_class[:count]],
        })  # fmt: skip
    return rows


def _mistake(facts: ReportFacts, where: int, side: int) -> dict[str, Any]:
    assert facts.predictions is not None
    assert facts.pictures is not None
    chances = facts.predictions.probabilities[where]
    label = int(facts.predictions.labels[where])
    predicted = int(chances.argmax())
    return {
        "uri": data_uri(shrunk(facts.pictures[where : where + 1], side)[0]),
        "id": facts.ids[where] if facts.ids else f"image {where}",
        "label": facts.class_names[label],
        "predicted": facts.class_names[predicted],
        "confidence": float(chances[predicted]),
        "own": float(chances[label]),
    }


SECTION = Section("mistakes", "The most wrong answers", _content)
