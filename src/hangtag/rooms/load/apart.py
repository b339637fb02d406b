"""Dividing without parting groups: images, labels and groups go in, whole groups come out.

Groups are gone through in random order; one is taken where what is taken comes nearer to the
wanted number of each class by it. So classes keep their proportions as well as whole groups allow.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import SplitError
from hangtag.rooms.load.draws import Indices, Taken


def whole_groups(order: Indices, n: int, seed: int, labels: Indices, groups: Indices) -> Taken:
    """Take groups of about `n` images, each class with its proportion.

    Args:
        order: Positions to take from.
        n: Images to take; groups make it a few more or fewer.
        seed: Of the order of the groups.
        labels: ``(len(set),)`` classes.
        groups: ``(len(set),)`` numbers of groups.

    Returns:
        Positions that stay, and positions that are taken.

    Raises:
        SplitError: There is one group alone.
    """
    names, which = np.unique(groups[order], return_inverse=True)
    if len(names) < 2:
        raise SplitError(
            "one group alone is left, which cannot stand on two sides",
            "group by another column, or take fewer images away",
        )
    n_classes = int(labels[order].max()) + 1
    counts = np.zeros((len(names), n_classes))
    np.add.at(counts, (which, labels[order]), 1)
    missing = counts.sum(0) * n / len(order)
    chosen = np.zeros(len(names), bool)
    for group in np.random.default_rng(seed).permutation(len(names)):
        nearer = 2 * missing @ counts[group] > counts[group] @ counts[group]
        if nearer and chosen.sum() < len(names) - 1:
            chosen[group] = True
            missing = missing - counts[group]
    if not chosen.any():  # every group is more than twice too large: the least wrong one
        chosen[np.argmin(((missing - counts) ** 2).sum(1))] = True
    taken = chosen[which]
    return order[~taken], order[taken]


def joined(groups: Indices, others: Indices) -> Indices:
    """Groups that part neither of both: what either keeps together stays together.

    Args:
        groups: ``(n,)`` numbers.
        others: ``(n,)`` numbers of other groups of the same images.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, one = np.unique(groups, return_inverse=True)
    _, other = np.unique(others, return_inverse=True)
    # Both kinds of groups are points; an image ties its two. What hangs together is a group.
    size = int(one.max(initial=-1)) + int(other.max(initial=-1)) + 2
    ties = (np.ones(len(one)), (one, one.max(initial=-1) + 1 + other))
    _, parts = connected_components(coo_matrix(ties, shape=(size, size)), directed=False)
    found: Indices = parts[one].astype(np.int64)
    return found


def check_sides(pool: Indices, groups: Indices, n_sides: int) -> None:
    """Refuse fewer groups than sides.

    Raises:
        SplitError: There are.
    """
    n = len(np.unique(groups[pool]))
    if n < n_sides:
        raise SplitError(
            f"{n_sides} parts need as many groups at least; there {'is' if n == 1 else 'are'} {n}",
            "group by a column with more values, or leave --group away",
        )


def notes(groups: NDArray[np.int64], parts: Mapping[str, Indices]) -> tuple[str, ...]:
    """How many groups each part of a split has, and a caution where some stand in several."""
    found = {name: np.unique(groups[rows]) for name, rows in parts.items() if len(rows)}
    several = np.unique(np.concatenate(list(found.values())), return_counts=True)[1] > 1
    shown = ", ".join(f"{len(held):,} in {name}" for name, held in found.items())
    if several.any():
        return (
            f"caution: {several.sum():,} groups stand in several parts of this split ({shown}), so "
            "that its scores are partly memory",
        )
    return (f"groups: {shown}; none in two",)
