"""The facts of one model in, all its figures as files out.

Only imported by what draws, since it brings matplotlib.
"""

from __future__ import annotations

from collections.abc import Collection

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
from hangtag.rooms.report.figures.drawn import Drawn, on_white

FAMILIES = {
    classes: ("classes",),
    learning: ("learning",),
    confusion: ("confusion",),
    calibration: ("calibration", "confidence"),
    coverage: ("coverage",),
    ranking: ("roc", "precision-recall"),
}
"""What draws, and how the names of its files begin."""
GRIDS = {"samples": grids.samples, "mistakes": grids.mistakes}


def drawn(
    facts: ReportFacts, wanted: Collection[str] | None = None
) -> tuple[list[Drawn], dict[str, bytes]]:
    """Drawings these facts have something for, and grids of images as PNG by name.

    Args:
        facts: What to draw.
        wanted: Names of files without ending; nothing is drawn that gives none of them. None draws
            all.
    """
    drawing = [
        family
        for family, names in FAMILIES.items()
        if wanted is None or any(one.startswith(names) for one in wanted)
    ]
    made = {name: grid(facts) for name, grid in GRIDS.items() if wanted is None or name in wanted}
    images = {name: data for name, data in made.items() if data is not None}
    return [one for family in drawing for one in family.draw(facts)], images


def files(facts: ReportFacts, wanted: Collection[str] | None = None) -> dict[str, bytes]:
    """The same as files: name to content. Drawings are on white."""
    lines, images = drawn(facts, wanted)
    made = {f"{one.name}.svg": on_white(one.svg).encode() for one in lines}
    if facts.diagram:
        made["network.svg"] = facts.diagram.encode()
    return made | {f"{name}.png": data for name, data in images.items()}
