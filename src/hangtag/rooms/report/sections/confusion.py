"""Who was taken for whom: a table whose cells open the pictures in them."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section

SHADES = 8


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if facts.evaluation is None:
        return None
    table = facts.evaluation.confusion
    shares = table.shares
    rows = [
        [
            {"count": int(count), "share": float(share), "shade": shade(float(share))}
            for count, share in zip(counts, shares[row], strict=True)
        ]
        for row, counts in enumerate(table.counts)
    ]
    return {
        "names": facts.class_names,
        "rows": rows,
        "totals": table.counts.sum(axis=1).tolist(),
        "opens": facts.pictures is not None and facts.predictions is not None,
        "split": facts.evaluation.split,
    }


def shade(share: float) -> int:
    """0 for nothing to 8 for a whole row; by the square root, so that a few mistakes show too."""
    return ceil(sqrt(share) * SHADES)


SECTION = Section("confusion", "Confusion matrix", _content)
