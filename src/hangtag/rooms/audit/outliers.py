"""Outliers: images that are far from every other image of their class.

An image's distance is the mean to its five nearest images of the same class, copies of itself
left out, in each of the two views of ``likeness``. Its evidence is by how many interquartile ranges
the logarithm of that distance lies above its class's upper quartile, summed over both views; it is
an outlier above 3.5, which is a little beyond the fence of Tukey (Exploratory Data Analysis, 1977),
1.5, in both. Logarithms, since distances are skewed: without them the fence reports the long tail
of every class. The sum, since what is odd is odd in both views, while an image that is merely dark
or pale is far in one. Where features are given there is one view, of angles between them, and it
counts twice. Real sets have odd images of their own: ``benchmarks/truth_audit.py`` says
how many are reported beside planted ones. In a class of very many images each is held against
some of the class, drawn by the seed and the same for all: its distances grow alike for all images
then, and the fence is made of these very distances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import nearest_neighbours
from hangtag.records import Finding
from hangtag.rooms.audit.check import Checked, Context
from hangtag.rooms.audit.likeness import View

NEIGHBOURS = 5
FENCE = 3.5
NOT_PLANTED = 0.0002, 0.008
"""Proportion of the images that nobody planted which are reported all the same, on hands, clothes
(``benchmarks/truth_audit.py``) and digits: false alarms, or images that were odd before."""

FEWEST = 20  # images of a class below which quartiles say nothing
MOST = 10_000  # images of a class that each of it is held against; more are drawn from


def check(context: Context) -> Checked:
    """Find images far out of their class."""
    findings: list[Finding] = []
    asked, drawn = 0, False
    for label in np.unique(context.images.labels).tolist():
        found, counted, sampled = _in_class(context, label)
        findings += found
        asked += counted
        drawn |= sampled
    findings.sort(key=lambda finding: -(finding.value or 0.0))
    facts: dict[str, Any] = {
        "measure": f"mean distance to the {NEIGHBOURS} nearest of its class",
        "fence": f"{FENCE:g} interquartile ranges above the class's upper quartile, of logarithms,"
        f" in {_ways(context)} together",
        "asked": asked,
        "found": len(findings),
    }
    if drawn:
        facts["measure"] += f"; of classes of more, of {MOST:,} images drawn (seed {context.seed})"
    # What pixels report of ordinary images was measured on sets; of features it was not.
    if findings and context.sight is None:
        low, high = (min(len(findings), round(proportion * asked)) for proportion in NOT_PLANTED)
        facts |= {"expected_false": [low, high], "note": _note(len(findings), low, high)}
    return Checked(facts, tuple(findings))


def _ways(context: Context) -> str:
    if context.sight is not None:
        return f"angles of {context.sight.name}, counted twice, and so"
    return "grey levels and corrected for brightness and contrast"


def _note(found: int, low: int, high: int) -> str:
    least, most = (f"{proportion:.2%}" for proportion in NOT_PLANTED)
    return (
        f"of hands, clothes and digits {least} to {most} of the images that nobody had planted"
        f" were reported; of these {found:,} that would be {low:,} to {high:,}"
    )


def _in_class(context: Context, label: int) -> tuple[list[Finding], int, bool]:
    """The outliers of a class, how many images were asked, and whether they met a sample."""
    comparable = context.likeness.comparable
    members = comparable[context.images.labels[comparable] == label]
    groups = context.copies.groups[members]
    single = members[np.unique(groups, return_index=True)[1]]
    if len(single) < FEWEST:
        return [], 0, False
    sampled = len(single) > MOST
    if sampled:
        drawn = np.random.default_rng(context.seed).permutation(single)[:MOST]
        single = np.sort(drawn)
    measured = [_far(class_distances(context, view, members, single)) for view in context.views]
    # The mean of the views times two: the fence is that of a sum of two.
    evidence = 2 * np.mean([evidence for evidence, _ in measured], axis=0)
    times = np.max([times for _, times in measured], axis=0)
    name = context.images.class_names[label] if label >= 0 else "the unlabelled"
    return (
        [
            _finding(context, int(members[at]), float(evidence[at]), float(times[at]), name)
            for at in np.flatnonzero(evidence > FENCE)
        ],
        len(members),
        sampled,
    )


def class_distances(
    context: Context, view: View, members: NDArray[np.int64], single: NDArray[np.int64]
) -> NDArray[np.float32]:
    """How far images are from the nearest of their class.

    Args:
        context: The images under audit.
        view: What far means.
        members: Indices of the images asked for.
        single: Indices of images that may be near, one of each group of copies.

    Returns:
        ``(m,)`` mean differences from the nearest five that are of another group.
    """
    groups = context.copies.groups
    k = min(NEIGHBOURS + 1, len(single))
    graph = nearest_neighbours(
        view.points[single], k=k, queries=view.points[members], progress=context.progress
    )
    others = single[graph.indices]
    own = groups[others] == groups[members][:, None]
    own[~own.any(axis=1), -1] = True  # its own group is not among the nearest: drop the furthest
    pairs = np.stack([np.repeat(members, k - 1), others[~own]], axis=1)
    means: NDArray[np.float32] = view.differences(pairs).reshape(len(members), k - 1).mean(axis=1)
    return means


def _far(distances: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interquartile ranges above the upper quartile, of logarithms; and times the median."""
    logarithms = np.log(np.maximum(distances, 1e-6).astype(np.float64))
    low, middle, high = np.quantile(logarithms, [0.25, 0.5, 0.75])
    return (logarithms - high) / max(high - low, 1e-6), np.exp(logarithms - middle)


def _finding(context: Context, index: int, evidence: float, times: float, name: str) -> Finding:
    message = f"{times:.1f} times as far from the nearest images of {name} as is usual there"
    return context.finding("outliers", "info", (index,), message, value=evidence)
