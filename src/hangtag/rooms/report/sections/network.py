"""The layers, their shapes and parameters, the diagram, and what the training was asked."""

from __future__ import annotations

import base64
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.words import sentence


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if not facts.layers and not facts.options and not facts.diagram:
        return None
    return {
        "layers": facts.layers,
        "totals": facts.totals,
        "options": {k: v for k, v in facts.options.items() if k not in facts.at_default},
        "usual": {k: v for k, v in facts.options.items() if k in facts.at_default},
        "diagram": _as_image(facts.diagram),
        "diagram_words": facts.diagram_words,
        "notes": [] if facts.candidates is None else map(sentence, facts.candidates.notes),
    }


def _as_image(svg: str) -> str:
    """A given drawing as an image, in which a browser runs no script and loads nothing."""
    if not svg:
        return ""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


SECTION = Section("network", "The model", _content)
