"""Some images of every class."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.images import data_uri, shrunk
from hangtag.rooms.report.sections.section import Section

_BUDGET = 1_200_000  # characters, of the 10 MB a page may have


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if not any(len(images) for images in facts.samples):
        return None
    most = max(len(images) for images in facts.samples)
    for side, count in ((96, most), (64, most), (64, 6), (48, 4), (32, 3), (32, 1), (16, 1)):
        rows = [
            (name, [data_uri(image) for image in shrunk(images[:count], side)])
            for name, images in zip(facts.class_names, facts.samples, strict=True)
        ]
        if sum(len(one) for _, uris in rows for one in uris) <= _BUDGET:
            break
    return {"rows": rows}


SECTION = Section("samples", "Samples of each class", _content)
