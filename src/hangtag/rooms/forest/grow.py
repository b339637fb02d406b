"""Points, labels and a tree's own seed go in, that tree of scikit-learn's forest comes out.

A forest with an integer seed gives each of its trees a seed of its own, drawn one after the other,
so the first m trees of any forest are the forest of m trees. That holds along the number of trees
and not along the depth: a tree is grown depth first from one stream of random numbers, so that what
is drawn for one branch depends on how deep the branches before it went. Only a tree that never
reaches a limit is the same tree with the limit and without.

To add a kind of forest: a line in ``kinds.KINDS``, and its tree here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.forest.kinds import KINDS
from hangtag.rooms.forest.training_points import TrainingPoints

_SEEDS = int(np.iinfo(np.int32).max)


class GrownTree(Protocol):
    """What is used of scikit-learn's ``Tree``: nodes in depth-first order, parents first."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    children_left: NDArray[np.int64]
    children_right: NDArray[np.int64]
    value: NDArray[np.float64]
    node_count: int
    max_depth: int

    def apply(self, points: NDArray[np.float32]) -> NDArray[np.int64]:
        """The leaf each point falls into."""


@dataclass(frozen=True, eq=False)
class Grown:
    """A tree that has just been grown.

    Attributes:
        tree: scikit-learn's ``Tree``.
        seconds: Processor seconds it took.
    """

    tree: GrownTree
    seconds: float


def tree_seeds(seed: int, n_estimators: int) -> NDArray[np.int64]:
    """``(n_estimators,)`` the seed of every tree of a forest with that seed."""
    drawn: NDArray[np.int64] = np.random.RandomState(seed).randint(_SEEDS, size=n_estimators)
    return drawn


def grow(learnt: TrainingPoints, seed: int, max_depth: int | None) -> Grown:
    """Grow the tree with that seed.

    Args:
        learnt: The points.
        seed: The tree's own.
        max_depth: Questions at most on the way to a leaf; None for no limit.
    """
    from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

    trees: dict[str, Any] = {
        "random-forest": DecisionTreeClassifier,
        "extra-trees": ExtraTreeClassifier,
    }
    # Processor time of this thread: trees grow side by side, and the wall clock would count what
    # the others take from it.
    began = time.thread_time()
    weights = None
    if KINDS[learnt.kind].bootstrap:
        n = len(learnt.points)
        # scikit-learn draws a tree's bootstrap from the tree's own seed, anew, before the tree uses
        # it.
        chosen = np.random.RandomState(seed).randint(0, n, n)
        weights = np.bincount(chosen, minlength=n)
    tree = trees[learnt.kind](**vars(learnt.growth), max_depth=max_depth, random_state=seed)
    tree.fit(learnt.points, learnt.labels, sample_weight=weights, check_input=False)
    return Grown(tree.tree_, time.thread_time() - began)
