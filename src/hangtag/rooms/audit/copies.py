"""Copies and near-copies: comparable images go in, groups and close pairs come out.

Images are copies when every pixel is equal. They are near-copies when one explains the other but
for what saving it anew would change: laid over each other at most one pixel off, brightness and
contrast taken out, they correlate at 0.98 or more and at most 8 grey levels are left. Of pale
images the same few levels take more of the correlation, so 0.975 is enough where at most 5.5 are
left. The limits are the same for every set and ask for no label, since a single copy with a wrong
label would tell any rule that learns from labels that copies are not copies. JPEG at quality 80
leaves 4 to 9 grey levels on clothes and hands; ``benchmarks/truth_audit.py`` measures what these
limits find and confuse.

Where features are given, images that are near by these are near-copies as well, by a limit of
their own (``sight.py``): a network knows a cropped image again, which pixels do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import pairs_within
from hangtag.progress import Progress, silent
from hangtag.rooms.audit.aligned import LEAST_SIDE, align
from hangtag.rooms.audit.likeness import Likeness, correlation
from hangtag.rooms.audit.sight import Sight
from hangtag.rooms.audit.sight import describe as describe_sight
from hangtag.rooms.audit.spectra import RADIUS, Spectra

RULE = "aligned 2"
"""Names the rule by which groups are made; another name makes kept groups be looked for again."""

LEVELS = 8.0  # grey levels of 255
DIFFERENCE = 0.2  # of standardised pixels, a correlation of 0.98
PALE_LEVELS, PALE_DIFFERENCE = 5.5, 0.225  # or so few levels, at a correlation of 0.975
MOST, EACH = 5_000_000, 40  # candidates held and measured, in all, and in large sets an image
_BLOCK = 1 << 19  # candidates measured at a time
_COMPARED = 1 << 24  # bytes of images held against their neighbors at a time


@dataclass(frozen=True, eq=False)
class Copies:
    """Which images are copies or near-copies of which.

    Attributes:
        exact: ``(n,)`` int64, equal for images whose every pixel is equal.
        groups: ``(n,)`` int64, equal for images connected by copies and near-copies.
        pairs: ``(m, 2)`` indices of near-copies, the smaller first; of images that are equal only
            the first has pairs.
        nearer: How many times nearer than usual candidates had to be, since there were too many;
            1 as a rule.
        by_features: What a near-copy is by features, in a sentence; empty without.
        limit: The cosine distance of that sentence; None without.
        found: Proportion of images altered on purpose that lie within it, by alteration.
    """

    exact: NDArray[np.int64]
    groups: NDArray[np.int64]
    pairs: NDArray[np.int64]
    nearer: float = 1.0
    by_features: str = ""
    limit: float | None = None
    found: Mapping[str, float] = field(default_factory=dict)


def find_copies(
    pixels: NDArray[np.uint8],
    likeness: Likeness,
    sight: Sight | None = None,
    *,
    progress: Progress = silent,
) -> Copies:
    """Find all copies and near-copies.

    Args:
        pixels: ``(n, …)`` uint8, the images as they are.
        likeness: The images made comparable.
        sight: The images as features, which show near-copies that pixels do not; None for pixels
            alone.
        progress: Told how far it is.
    """
    exact, first = exact_groups(pixels.reshape(len(pixels), -1))
    single = np.intersect1d(first, likeness.comparable)
    pairs, nearer = _near(likeness, single, progress)
    groups = _connected(exact, first, pairs)
    if sight is None or len(single) < 2:
        return Copies(exact, groups, pairs, nearer)
    # What pixels show is shown by few numbers too, but for the limit: both have their say.
    alike = sight.alike(single, groups, progress=progress)
    pairs = np.unique(np.concatenate([pairs, alike.pairs]), axis=0)
    said = describe_sight(alike, sight.name)
    groups = _connected(exact, first, pairs)
    return Copies(exact, groups, pairs, nearer, said, alike.limit, alike.found)


def _near(
    likeness: Likeness, single: NDArray[np.int64], progress: Progress
) -> tuple[NDArray[np.int64], float]:
    """The near-copies, and how many times nearer than usual candidates had to be."""
    if len(single) < 2:
        return np.empty((0, 2), np.int64), 1.0
    if min(likeness.shape[:2]) < LEAST_SIDE:
        spectra, points, radius = None, likeness.corrected.points[single], PALE_DIFFERENCE
    else:
        spectra = Spectra(likeness)
        points, radius = spectra.points[single], RADIUS
    most = max(MOST, EACH * len(single))
    found, _, used = pairs_within(points, radius=radius, most=most, progress=progress)
    pairs = [np.empty((0, 2), np.int64)]
    for start in range(0, len(found), _BLOCK):
        candidates = single[found[start : start + _BLOCK]]
        moves = None if spectra is None else spectra.moves(candidates)
        left = align(likeness, candidates, moves)
        near = (left.differences <= DIFFERENCE) & (left.levels <= LEVELS)
        near |= (left.differences <= PALE_DIFFERENCE) & (left.levels <= PALE_LEVELS)
        pairs.append(candidates[near])
        progress("align", min(start + _BLOCK, len(found)), len(found))
    return np.concatenate(pairs), radius / used


def exact_groups(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number images so that equal images have equal numbers.

    Args:
        pixels: ``(n, d)`` uint8.

    Returns:
        ``(n,)`` numbers, and for each number the index of the first image that has it.
    """
    rows = np.ascontiguousarray(pixels).view(np.dtype((np.void, pixels.shape[1])))[:, 0]
    # As np.unique does it, which would bring all images into their order: all memory once more.
    order = rows.argsort(kind="stable")
    begins = np.ones(len(rows), bool)
    step = max(1, _COMPARED // pixels.shape[1])
    for start in range(1, len(rows), step):
        some = order[start - 1 : start + step]
        begins[start : start + step] = rows[some[1:]] != rows[some[:-1]]
    numbers = np.empty(len(rows), np.int64)
    numbers[order] = np.cumsum(begins) - 1
    return numbers, order[begins].astype(np.int64)


def _connected(
    exact: NDArray[np.int64], first: NDArray[np.int64], pairs: NDArray[np.int64]
) -> NDArray[np.int64]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = exact[pairs]
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(first),) * 2)
    _, numbers = connected_components(links, directed=False)
    groups: NDArray[np.int64] = numbers[exact].astype(np.int64)
    return groups


def describe(copies: Copies) -> str:
    """One sentence on what a near-copy is in this set."""
    said = (
        f"near-copies correlate at {correlation(DIFFERENCE):.2f} or more and differ by at most"
        f" {LEVELS:g} grey levels (at {correlation(PALE_DIFFERENCE):.3f} by {PALE_LEVELS:g}), once"
        " brightness, contrast and a shift by at most one pixel are taken out"
    )
    if copies.by_features:
        said = f"{said}; {copies.by_features}"
    if copies.nearer == 1:
        return said
    return (
        f"{said}; the set has so many alike images that only those {copies.nearer:.2g} times"
        " nearer than usual were compared, so some near-copies, shifted ones above all, are not"
        " found"
    )
