"""The confusion matrix: a table whose cells open the images in them.

A page can have any number of them: :func:`matrix` makes one, :data:`SECTION` the one of a report.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt
from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.shell import Block, render
from hangtag.rooms.report.sprites import shrinkage, sprites

SHADES = 8
SCRIPT = "confusion.js"
DRAWER = "drawer.html"


def matrix(
    facts: ReportFacts, *, anchor: str, title: str, budget: int, explained: bool = True
) -> Block | None:
    """A matrix on a page of several; None without an evaluation.

    Args:
        facts: Class names, evaluation, predictions and images.
        anchor: What the ids of the table and its data begin with.
        title: What the model is called, in the drawer, too.
        budget: Characters its images may take.
        explained: Whether it is said how to read it, which the first of several needs.
    """
    if facts.evaluation is None:
        return None
    made = sprites(facts, budget)
    given = facts.pictures is not None and facts.predictions is not None
    island = f"{anchor}-pictures"
    content = _cells(facts) | {"table": anchor, "of": title, "island": island if made else ""}
    content |= {"score": facts.evaluation.scores["accuracy"], "explained": explained}
    content["about"] = shrinkage(facts, made) if given else ""
    html = render("sections/confusion.html", **content)
    block = Block(anchor, title, html, scripts=(SCRIPT,))
    return replace(block, islands={island: made}, extras=(DRAWER,)) if made else block


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    if facts.evaluation is None:
        return None
    opens = facts.predictions is not None and facts.pictures is not None and len(facts.pictures)
    own = {"table": "matrix", "of": "", "island": "sprites" if opens else "", "about": ""}
    return _cells(facts) | own | {"score": None, "explained": True}


def _dressed(block: Block, facts: ReportFacts) -> Block:
    made = sprites(facts)
    block = replace(block, scripts=(SCRIPT,))
    return replace(block, islands={"sprites": made}, extras=(DRAWER,)) if made else block


def _cells(facts: ReportFacts) -> dict[str, Any]:
    assert facts.evaluation is not None
    table = facts.evaluation.confusion
    proportions = table.shares
    rows = [
        [
            {"count": int(count), "share": float(proportion), "shade": shade(float(proportion))}
            for count, proportion in zip(counts, proportions[row], strict=True)
        ]
        for row, counts in enumerate(table.counts)
    ]
    return {
        "names": facts.class_names,
        "rows": rows,
        "totals": table.counts.sum(axis=1).tolist(),
        "split": facts.evaluation.split,
    }


def shade(proportion: float) -> int:
    """0 for nothing to 8 for a whole row; by the square root, so that a few mistakes show too."""
    return ceil(sqrt(proportion) * SHADES)


SECTION = Section("confusion", "Confusion matrix", _content, _dressed)
