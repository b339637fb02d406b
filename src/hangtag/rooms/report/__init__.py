"""Records in, one HTML page out that needs no network: to read, to print, to hand in.

``page`` puts the page together, ``sections`` has one file per section, ``figures`` what is drawn in
them, ``pictures`` turns pixels into PNG, ``templates`` is what it all looks like.
"""

from __future__ import annotations

from hangtag.records import ReportFacts

__all__ = ["figures", "report"]


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


def figures(facts: ReportFacts) -> dict[str, bytes]:
    """The report's figures as files of their own, for slides and papers.

    Args:
        facts: What to draw.

    Returns:
        File name to content: SVG for what is drawn, PNG for pictures.

    Raises:
        UsageError: The facts do not fit each other.
    """
    from hangtag.rooms.report.check import check
    from hangtag.rooms.report.figures import files

    check(facts)
    return files(facts)
