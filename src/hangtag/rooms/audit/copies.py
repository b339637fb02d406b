"""Copies and near-copies: comparable pictures go in, groups and close pairs come out.

Pictures are copies when every pixel is equal. They are near-copies when one explains the other but
for what saving it anew would change: laid over each other at most one pixel off, brightness and
contrast taken out, they correlate at 0.98 or more and at most 8 grey levels are left. Of pale
pictures the same few levels take more of the correlation, so 0.975 is enough where at most 5.5 are
left. The limits are the same for every set and ask for no label, since a single copy with a wrong
label would tell any rule that learns from labels that copies are not copies. JPEG at quality 80
leaves 4 to 9 grey levels on clothes and hands; ``benchmarks/truth_audit.py`` measures what these
limits find and confuse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import pairs_within
from hangtag.progress import Progress, silent
from hangtag.rooms.audit.aligned import LEAST_SIDE, align
from hangtag.rooms.audit.likeness import Likeness, correlation
from hangtag.rooms.audit.spectra import RADIUS, Spectra

RULE = "aligned 2"
"""Names the rule by which groups are made; another name makes kept groups be looked for again."""

LEVELS = 8.0  # grey levels of 255
DIFFERENCE = 0.2  # of standardised pixels, a correlation of 0.98
PALE_LEVELS, PALE_DIFFERENCE = 5.5, 0.225  # or so few levels, at a correlation of 0.975
MOST = 5_000_000  # candidates held and measured


@dataclass(frozen=True, eq=False)
class Copies:
    """Which pictures are copies or near-copies of which.

    Attributes:
        exact: ``(n,)`` int64, equal for pictures whose every pixel is equal.
        groups: ``(n,)`` int64, equal for pictures connected by copies and near-copies.
        pairs: ``(m, 2)`` indices of near-copies, the smaller first; of pictures that are equal only
            the first has pairs.
        nearer: How many times nearer than usual candidates had to be, since there were too many;
            1 as a rule.
    """

    exact: NDArray[np.int64]
    groups: NDArray[np.int64]
    pairs: NDArray[np.int64]
    nearer: float = 1.0


def find_copies(
    pixels: NDArray[np.uint8], likeness: Likeness, *, progress: Progress = silent
) -> Copies:
    """Find all copies and near-copies.

    Args:
        pixels: ``(n, …)`` uint8, the pictures as they are.
        likeness: The pictures made comparable.
        progress: Told how far it is.
    """
    exact, first = exact_groups(pixels.reshape(len(pixels), -1))
    single = np.intersect1d(first, likeness.comparable)
    pairs, nearer = _near(likeness, single, progress)
    return Copies(exact, _connected(exact, first, pairs), pairs, nearer)


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
    found, _, used = pairs_within(points, radius=radius, most=MOST, progress=progress)
    candidates = single[found]
    moves = None if spectra is None else spectra.moves(candidates)
    left = align(likeness, candidates, moves, progress=progress)
    near = (left.differences <= DIFFERENCE) & (left.levels <= LEVELS)
    near |= (left.differences <= PALE_DIFFERENCE) & (left.levels <= PALE_LEVELS)
    return candidates[near], radius / used


def exact_groups(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number pictures so that equal pictures have equal numbers.

    Args:
        pixels: ``(n, d)`` uint8.

    Returns:
        ``(n,)`` numbers, and for each number the index of the first picture that has it.
    """
    rows = np.ascontiguousarray(pixels).view(np.dtype((np.void, pixels.shape[1])))[:, 0]
    _, first, numbers = np.unique(rows, return_index=True, return_inverse=True)
    return numbers.astype(np.int64), first.astype(np.int64)


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
    if copies.nearer == 1:
        return said
    return (
        f"{said}; the set has so many alike pictures that only those {copies.nearer:g} times nearer"
        " than usual were compared, so some near-copies, shifted ones above all, are not found"
    )
