"""What a random split adds to a score: the same forest on two splits, with intervals."""

from __future__ import annotations

from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.shell import Block, render


def block(audited: Audited) -> Block | None:
    """Both scores; None where they were not measured."""
    facts = audited.findings.checks.get("overstatement", {})
    if "overstatement" not in facts:
        return None
    scores = facts["accuracy"]
    start = max(0.0, int(min(one["low"] for one in scores.values()) * 10) / 10)
    html = render(
        "audit/overstatement.html",
        facts=facts,
        rows=(
            ("split at random", scores["random"]),
            ("near-copies kept together", scores["grouped"]),
        ),
        start=start,
        place=lambda value: round(100 * (value - start) / (1 - start), 2),
    )
    return Block("overstatement", "What a random split adds to a score", html)
