"""The facts of one model in, all its figures as files out.

Only imported by what draws, since it brings matplotlib.
"""

from __future__ import annotations

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures import (
    calibration,
    classes,
    confusion,
    coverage,
    grids,
    learning,
    ranking,
)
from hangtag.rooms.report.figures.drawn import on_white

FAMILIES = (classes, learning, confusion, calibration, coverage, ranking)


def files(facts: ReportFacts) -> dict[str, bytes]:
    """Every figure these facts have something for, file name to content."""
    drawn = [one for family in FAMILIES for one in family.draw(facts)]
    made = {f"{one.name}.svg": on_white(one.svg).encode() for one in drawn}
    if facts.diagram:
        made["network.svg"] = facts.diagram.encode()
    pictures = {"samples.png": grids.samples(facts), "mistakes.png": grids.mistakes(facts)}
    return made | {name: content for name, content in pictures.items() if content is not None}
