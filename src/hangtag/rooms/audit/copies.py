"""Copies and near-copies: comparable pictures go in, groups and close pairs come out.

Pictures are copies when every pixel is equal. They are near-copies when they differ, in either view
of ``likeness``, by at most a radius that the data chooses: half the distance at which the closest
one in a thousand pictures finds a picture of *another* class. Pictures of different classes are not
copies, so this is how near two different pictures come by themselves; half of it is nearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.geometry import nearest_neighbours, pairs_within
from hangtag.progress import Progress, silent
from hangtag.rooms.audit.likeness import Likeness, View, correlation

QUANTILE = 0.001
FRACTION = 0.5
_SAMPLE = 10_000  # pictures asked for their nearest of another class
_CANDIDATES = 4  # nearest by coordinates that are measured on the pixels


@dataclass(frozen=True)
class Limits:
    """What a radius may be in a view.

    Attributes:
        largest: Beyond it nobody would call two pictures copies.
        unknown: Taken where there are no two classes to learn from.
    """

    largest: float
    unknown: float


CORRECTED = Limits(0.25, 0.1)  # correlations of 0.969 and 0.995
PLAIN = Limits(16.0, 4.0)  # grey levels of 255


@dataclass(frozen=True)
class Radius:
    """The difference up to which two pictures are near-copies, and why.

    Attributes:
        value: In the view's measure.
        reason: A clause.
    """

    value: float
    reason: str


@dataclass(frozen=True, eq=False)
class Copies:
    """Which pictures are copies or near-copies of which.

    Attributes:
        exact: ``(n,)`` int64, equal for pictures whose every pixel is equal.
        groups: ``(n,)`` int64, equal for pictures connected by copies and near-copies.
        pairs: ``(m, 2)`` indices of near-copies, the smaller first; of pictures that are equal only
            the first has pairs.
        plain: The radius in grey levels.
        corrected: The radius without brightness and contrast.
    """

    exact: NDArray[np.int64]
    groups: NDArray[np.int64]
    pairs: NDArray[np.int64]
    plain: Radius
    corrected: Radius


def find_copies(
    pixels: NDArray[np.uint8],
    likeness: Likeness,
    labels: NDArray[np.int64],
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Copies:
    """Find all copies and near-copies.

    Args:
        pixels: ``(n, …)`` uint8, the pictures as they are.
        likeness: The pictures made comparable.
        labels: ``(n,)`` dense classes, -1 where unlabelled; they only help to choose the radii.
        seed: Draws the pictures the radii are chosen from.
        progress: Told how far it is.
    """
    exact, first = exact_groups(pixels.reshape(len(pixels), -1))
    single = np.intersect1d(first, likeness.comparable)
    near = []
    for view, limits in ((likeness.plain, PLAIN), (likeness.corrected, CORRECTED)):
        radius = choose_radius(view, labels, single, limits, seed=seed, progress=progress)
        near.append(_near(view, single, radius, progress))
    pairs = np.unique(np.concatenate([found for found, _ in near]), axis=0)
    groups = _connected(exact, first, pairs)
    return Copies(exact, groups, pairs, plain=near[0][1], corrected=near[1][1])


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


def choose_radius(
    view: View,
    labels: NDArray[np.int64],
    among: NDArray[np.int64],
    limits: Limits,
    *,
    seed: int,
    progress: Progress = silent,
) -> Radius:
    """Choose how near near-copies are, from how near pictures of different classes come.

    Args:
        view: The pictures made comparable.
        labels: ``(n,)`` dense classes, -1 where unlabelled.
        among: Indices of the pictures to choose from, no two of them equal.
        limits: What the radius may be.
        seed: Draws at most 10,000 pictures that are asked.
        progress: Told how far it is.
    """
    known = among[labels[among] >= 0]
    if len(np.unique(labels[known])) < 2:
        return Radius(limits.unknown, "fixed, since there are no two classes to learn from")
    asked = np.random.default_rng(seed).permutation(known)[:_SAMPLE]
    near = [
        _to_others(view, known[labels[known] != one], asked[labels[asked] == one], progress)
        for one in np.unique(labels[asked])
    ]
    reference = float(np.quantile(np.concatenate(near), QUANTILE))
    value = min(FRACTION * reference, limits.largest)
    most = "" if value < limits.largest else f", but at most {limits.largest:g}"
    return Radius(
        value,
        f"half of {reference:.3g}, by which the closest one in a thousand of {len(asked):,}"
        f" pictures (seed {seed}) differs from its nearest picture of another class{most}",
    )


def _to_others(
    view: View, others: NDArray[np.int64], asked: NDArray[np.int64], progress: Progress
) -> NDArray[np.float32]:
    """How far each picture is from the nearest of its four candidates; exact where that is near."""
    k = min(_CANDIDATES, len(others))
    graph = nearest_neighbours(
        view.points[others], k=k, queries=view.points[asked], progress=progress
    )
    pairs = np.stack([np.repeat(asked, k), others[graph.indices].ravel()], axis=1)
    nearest: NDArray[np.float32] = view.differences(pairs).reshape(-1, k).min(axis=1)
    return nearest


def _near(
    view: View, single: NDArray[np.int64], radius: Radius, progress: Progress
) -> tuple[NDArray[np.int64], Radius]:
    if len(single) < 2:
        return np.empty((0, 2), np.int64), radius
    found, _, used = pairs_within(view.points[single], radius=radius.value, progress=progress)
    if used < radius.value:
        radius = Radius(used, f"{radius.reason}; halved until the pairs were few enough to keep")
    pairs = single[found]
    return pairs[view.differences(pairs) <= used], radius


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
    return (
        f"near-copies differ by at most {copies.plain.value:.3g} grey levels"
        f" ({copies.plain.reason}), or correlate at {correlation(copies.corrected.value):.4f} or"
        f" more, a corrected difference of {copies.corrected.value:.3g}"
        f" ({copies.corrected.reason})"
    )
