"""How near the images of one part come to those of another: quantiles, as a table."""

from __future__ import annotations

from collections.abc import Mapping

from hangtag.rooms.report.audit.audited import Audited
from hangtag.rooms.report.shell import Block, render


def block(audited: Audited) -> Block | None:
    """The tables, one for every two parts; None where none was measured."""
    pairs = [
        {"earlier": name.partition(" to ")[0], "later": name.partition(" to ")[2], "facts": facts}
        for name, facts in audited.findings.checks.get("leaks", {}).items()
        if isinstance(facts, Mapping) and "nearest_of" in facts
    ]
    if not pairs:
        return None
    why = audited.findings.checks["leaks"].get("why_near", "")
    return Block(
        "nearness", "How near the parts are", render("audit/nearness.html", pairs=pairs, why=why)
    )
