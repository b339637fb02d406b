"""Records in, one HTML page out that needs no network: to read, to print, to hand in.

``page`` puts the page together, ``sections`` has one file per section, ``figures`` what is drawn in
them, ``images`` turns pixels into PNG, ``templates`` is what it all looks like. Pages of other
kinds have a folder each: ``audit``, ``maps``, ``look``, ``study``, ``tagged``; ``shell`` is what
all share. ``paper`` writes a report as a document and as a notebook.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Loaded first: Python names the folder so when it is loaded, over whatever had that name before,
# and from here on it is a function's.
import hangtag.rooms.report.figures  # noqa: F401
from hangtag.errors import MissingError, OptionError, UsageError
from hangtag.records import (
    Clustering,
    Findings,
    ImageSet,
    Predictions,
    Projection,
    ReportFacts,
    RunComparison,
    StudyFacts,
    Summary,
)
from hangtag.rooms.report.check import check
from hangtag.rooms.report.maps.mapped import Mapped

__all__ = [
    "audit_page",
    "comparison_page",
    "explore_page",
    "figures",
    "hand_in",
    "map_page",
    "report",
    "study_page",
]


def report(facts: ReportFacts) -> str:
    """Everything known about one model as one HTML page of at most 10 MB.

    The page makes no network request and forbids itself to; parts that `facts` does not have are
    left out of it. The same facts give the same page, to the byte.

    Args:
        facts: What to show.

    Returns:
        The page's HTML.

    Raises:
        UsageError: The facts do not fit each other; the sentence says which.
    """
    from hangtag.rooms.report.page import compose, sections_of

    return compose(facts, sections_of(facts))


def figures(facts: ReportFacts, wanted: Collection[str] | None = None) -> dict[str, bytes]:
    """The report's figures as files of their own, for slides and papers.

    Args:
        facts: What to draw.
        wanted: Names without ending of those that are needed; None for all.

    Returns:
        File name to content: SVG for what is drawn, PNG for images.

    Raises:
        UsageError: The facts do not fit each other.
    """
    from hangtag.rooms.report.figures.every import files

    check(facts)
    return files(facts, wanted)


ASSIGNMENT = "assignment"
"""What a report can be for, beside being read: it is handed in as a document and a notebook."""


def check_purpose(purpose: str | None) -> None:
    """Refuse before any work what a report cannot be for.

    Raises:
        OptionError: There is no such purpose.
        MissingError: What writes documents and notebooks is not installed.
    """
    if purpose is None:
        return
    if purpose != ASSIGNMENT:
        raise OptionError(f"a report cannot be for '{purpose}'", f"known: {ASSIGNMENT}")
    if not all(find_spec(one) for one in ("docx", "nbformat", "resvg_py")):
        raise MissingError(
            "documents and notebooks are written by libraries that are not installed",
            "pip install 'hangtag[assignment]'",
        )


def hand_in(facts: ReportFacts | StudyFacts, page: Path, run: str = ".") -> list[Path]:
    """Write what a page shows as a document (``.docx``) and as a notebook that runs, beside it.

    Args:
        facts: What the page shows.
        page: Where it is; both get its name.
        run: The run's folder as seen from there, for the page of a run.

    Returns:
        The files written.
    """
    from hangtag.rooms.report import paper

    if isinstance(facts, StudyFacts):
        return paper.write(paper.of_study(facts), page)
    check(facts)
    return paper.write(paper.of_run(facts, run, f"{page.stem}-figures"), page)


def comparison_page(found: RunComparison, *, title: str, models: Mapping[str, ReportFacts]) -> str:
    """Several runs side by side as one HTML page of at most 10 MB, in the manner of a report.

    Args:
        found: What to show.
        title: Heading of the page.
        models: Of every run its answers, their images and, where it has epochs, its history.

    Raises:
        UsageError: A run or the images of its answers are missing.
    """
    from hangtag.rooms.report.comparison import Compared, page

    for row in found.rows:
        facts = models.get(row.name)
        if facts is None or facts.predictions is None or facts.pictures is None:
            raise UsageError(f"a page of a comparison needs the answers and images of {row.name}")
        check(facts)
    return page(Compared(found, {row.name: models[row.name] for row in found.rows}), title)


def audit_page(images: ImageSet, findings: Findings, *, everything: str = "findings.json") -> str:
    """What an audit found as one HTML page of at most 10 MB, with the images concerned.

    Of each check and severity the worst 40 findings are shown, and how many there are is said.

    Args:
        images: The audited set.
        findings: What was found.
        everything: Name of the file beside the page that has all findings; the page names it.

    Raises:
        UsageError: The findings are of another set.
    """
    from hangtag.rooms.report.audit.page import page

    return page(images, findings, everything)


def map_page(
    images: ImageSet,
    maps: Sequence[Projection],
    *,
    clusterings: Sequence[Clustering] = (),
    answers: Predictions | None = None,
    thumbnails: Mapping[int, NDArray[np.int64]] | None = None,
    reproduce: Mapping[str, Any] | None = None,
) -> str:
    """Maps of a set as one HTML page of at most 10 MB in which one can walk through them.

    Every point is on it, whatever their number; thumbnails are as good as there is room for, and
    the page says how good that is.

    Args:
        images: The set all maps are of.
        maps: At least one, of two or more dimensions.
        clusterings: Of the same set; points can be coloured by them, too.
        answers: What a model answered on some of the images; points are colored by that.
        thumbnails: For a map by its number, the rows whose images stand on its drawing for paper.
        reproduce: ``command`` and what else is needed to get the same again.

    Raises:
        UsageError: Maps, images and clusters do not fit together.
    """
    from hangtag.rooms.report.maps.page import page

    mapped = Mapped(images, maps, clusterings, thumbnails or {}, answers=answers)
    return page(mapped, reproduce or {})


def explore_page(images: ImageSet, summary: Summary) -> str:
    """What is in a set as one HTML page of at most 10 MB.

    Args:
        images: The set.
        summary: Of that set.

    Raises:
        UsageError: The summary is of another set.
    """
    from hangtag.rooms.report.look.page import page

    return page(images, summary)


def study_page(facts: StudyFacts) -> str:
    """What the steps of a study came to as one HTML page of at most 10 MB.

    Beside what a document reports, where there is one. The page makes no network request and
    forbids itself to. Figures are read from the study's folder; where they and what can be walked
    through do not fit together, they are shown smaller, and the page says so. The same facts and
    files give the same page, to the byte.

    Args:
        facts: What to show.

    Raises:
        UsageError: Maps, models and images do not fit together.
    """
    from hangtag.rooms.report.study.page import page

    return page(facts)
