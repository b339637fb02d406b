"""Drawing images at random: images and a seed in, the indices that scikit-learn draws out.

Its ShuffleSplit and StratifiedShuffleSplit take a permutation or two from NumPy's generator; to
import them takes two seconds, longer than to read most sets. Tests compare every index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
Taken = tuple[Indices, Indices]


def any_of(order: Indices, n: int, seed: int) -> Taken:
    """Draw `n` of `order`: the indices of ShuffleSplit and train_test_split for this seed.

    Returns:
        Those that are left and those that were drawn.
    """
    # ShuffleSplit takes its test images from the front of the permutation, so these are drawn
    # first.
    shuffled = order[np.random.RandomState(seed).permutation(len(order))]
    return shuffled[n:], shuffled[:n]


def by_class(order: Indices, n: int, seed: int, labels: Indices) -> Taken:
    """Draw `n` of `order` with the proportions of classes: the indices of StratifiedShuffleSplit.

    Args:
        order: What to draw from; no class may have one image only.
        n: How many to draw; at least as many as there are classes, and as many must be left.
        seed: Of the draw.
        labels: ``(len(order),)`` classes of `order`.

    Returns:
        Those that are left and those that were drawn.
    """
    # scikit-learn's old generator, drawn from in its order: the same seed must take the same
    # images.
    stream = np.random.RandomState(seed)
    _, which, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    left = _apportioned(sizes, len(order) - n, stream)
    drawn = _apportioned(sizes - left, n, stream)
    members = np.split(np.argsort(which, kind="stable"), np.cumsum(sizes)[:-1])
    shuffled = [one[stream.permutation(len(one))] for one in members]
    kept = [one[:most] for one, most in zip(shuffled, left, strict=True)]
    taken = [
        one[first : first + most] for one, first, most in zip(shuffled, left, drawn, strict=True)
    ]
    return (
        order[stream.permutation(np.concatenate(kept))],
        order[stream.permutation(np.concatenate(taken))],
    )


def _apportioned(sizes: Indices, n: int, stream: np.random.RandomState) -> Indices:
    """`n` places for classes of `sizes`, by proportions; what rounding leaves goes to large rests.

    Among equal rests the stream chooses, and is asked even where all of them get a place: what is
    drawn later would else differ from scikit-learn's.
    """
    exact = sizes / sizes.sum() * n
    whole = np.floor(exact)
    rests = exact - whole
    missing = int(n - whole.sum())
    for rest in sorted(set(rests.tolist()), reverse=True):
        if missing <= 0:
            break
        equal = np.flatnonzero(rests == rest)
        lucky = stream.choice(equal, size=min(missing, len(equal)), replace=False)
        whole[lucky] += 1
        missing -= len(lucky)
    places: Indices = whole.astype(np.int64)
    return places
