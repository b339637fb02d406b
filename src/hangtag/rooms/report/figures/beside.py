"""Images of a set in, rows of them beside each other with captions as a PNG file out.

For what is said of pairs: copies, what one model gets right and another wrong, what is alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Findings, ImageSet, RunComparison
from hangtag.rooms.report.figures.grids import grid


def copies(images: ImageSet, findings: Findings, shown: int = 8) -> bytes | None:
    """Draw test images above the images elsewhere that they are copies of.

    Args:
        images: The set that was audited.
        findings: What was found.
        shown: Pairs at most, the worst first.

    Returns:
        A PNG file with the class over each image; None when there are no such pairs.
    """
    found = [one for one in findings.of("leaks") if len(one.indices) > 1][:shown]
    if not found:
        return None
    rows = [_with_classes(images, [one.indices[place] for one in found]) for place in (0, 1)]
    return grid(rows, ["one image", "its near-copy"])


def disagreements(
    found: RunComparison, images: ImageSet, number: int, names: Mapping[str, str]
) -> bytes:
    """Draw the images that one of two runs gets right and the other wrong, a row each way.

    Args:
        found: The comparison.
        images: The set its runs were tested on.
        number: Which of its differences.
        names: What each run is to be called.

    Returns:
        A PNG file: a row for each run and what only it gets right; over each image its class,
        and what the other one answered.
    """
    classes = found.comparison.class_names
    ways = [*found.ways()][number]
    rows = [
        [
            (images.images[one.index], f"{classes[one.label]}\nnot {classes[way.wrongly(one)]}")
            for one in way.images
        ]
        for way in ways
    ]
    return grid(rows, [names[way.right] for way in ways])


def alike(
    images: ImageSet, queries: NDArray[np.int64], found: NDArray[np.int64], shown: int
) -> bytes:
    """Draw queries, one of each class as far as there are classes, and what is most like each.

    Args:
        images: The set.
        queries: ``(n,)`` which of its images were asked about.
        found: ``(n, k)`` the images most like each.
        shown: Queries that are drawn.

    Returns:
        A PNG file.
    """
    rows, names = [], []
    for place in _one_of_each(images.labels[queries], shown):
        index = int(queries[place])
        rows.append([(images.images[index], "asked"), *_with_classes(images, found[place])])
        names.append(images.class_of(index))
    return grid(rows, names)


def _with_classes(images: ImageSet, indices: Iterable[int]) -> list[tuple[NDArray[np.uint8], str]]:
    return [(images.images[at], images.class_of(int(at))) for at in indices]


def _one_of_each(labels: NDArray[np.int64], count: int) -> list[int]:
    _, first = np.unique(labels, return_index=True)
    rest = np.setdiff1d(np.arange(len(labels)), first)
    return [int(one) for one in [*first, *rest][:count]]
