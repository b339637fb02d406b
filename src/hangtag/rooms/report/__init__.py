"""Records in, one HTML page out that needs no network: to read, to print, to hand in.

``page`` puts the page together, ``sections`` has one file per section, ``figures`` what is drawn in
them, ``pictures`` turns pixels into PNG, ``templates`` is what it all looks like.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import UsageError
from hangtag.records import ReportFacts, RunComparison

__all__ = ["comparison_page", "figures", "report"]


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


def comparison_page(
    found: RunComparison,
    *,
    title: str,
    pictures: Mapping[int, NDArray[np.uint8]],
    ids: Mapping[int, str],
) -> str:
    """Several runs side by side as one HTML page, in the manner of a report.

    Args:
        found: What to show.
        title: Heading of the page.
        pictures: For the index of every disagreement listed, its ``(height, width, channels)``
            uint8 picture.
        ids: For each of them, its name.

    Raises:
        UsageError: A picture or a name is missing.
    """
    from hangtag.rooms.report.comparison import Compared, page

    wanted = {one.index for pair in found.disagreements for way in pair for one in way}
    missing = sorted(wanted - (pictures.keys() & ids.keys()))
    if missing:
        raise UsageError(f"a page of a comparison needs the picture and id of image {missing[0]}")
    return page(found, title, Compared(found, pictures, ids))
