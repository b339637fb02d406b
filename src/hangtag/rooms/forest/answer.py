"""Trees and points go in, class probabilities come out; NumPy only, no scikit-learn.

The probabilities of a forest are the mean of its trees' proportions, added up in the order of the
trees, as scikit-learn does it with one thread.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Trees
from hangtag.records.forest import LEAF

SKETCH = 128
"""Numbers in a sketch of the leaves a point falls into."""
_BLOCK = 8192  # points at a time: what a tree asks of them then stays near a core


def probabilities(trees: Trees, points: NDArray[np.float32]) -> NDArray[np.float64]:
    """``(n, n_classes)`` of ``(n, d)`` float32 points."""
    answers = np.zeros((len(points), trees.n_classes))
    for one in trees.each():
        table = proportions_table(one)
        for where in _blocks(len(points)):
            answers[where] += table[leaves(one, points[where])]
    answers /= len(trees)
    return answers


def sketch(trees: Trees, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """``(n, SKETCH)`` vectors whose products tell in how many trees two points share a leaf.

    Every leaf of every tree adds one or takes one off a number that its hash names (Charikar, Chen
    and Farach-Colton, "Finding frequent items in data streams", 2002): the product of two sketches
    is, but for noise, the proportion of trees in which both fall into one leaf, which is Breiman's
    proximity of the two.
    """
    counts = np.zeros((len(points), SKETCH), np.float32)
    line = np.arange(len(points))
    for number, one in enumerate(trees.each()):
        places, signs = leaf_hashes(number, one.n_nodes)
        for where in _blocks(len(points)):
            found = leaves(one, points[where])
            # One leaf of a tree a point, so no place is named twice in this line and plain adding
            # is safe.
            counts[line[where], places[found]] += signs[found]
    counts /= np.float32(np.sqrt(len(trees)))
    return counts


def leaves(tree: Trees, points: NDArray[np.float32]) -> NDArray[np.int64]:
    """``(n,)`` the leaf of one tree that each point falls into."""
    nodes = np.zeros(len(points), np.int64)
    asked = np.flatnonzero(tree.features[nodes] != LEAF)
    # All points go one question down at a time; those in a leaf drop out, so a deep branch is
    # walked by few.
    while len(asked):
        here = nodes[asked]
        left = points[asked, tree.features[here]] <= tree.thresholds[here]
        nodes[asked] = np.where(left, tree.left_children[here], tree.right_children[here])
        asked = asked[tree.features[nodes[asked]] != LEAF]
    return nodes


def proportions_table(tree: Trees) -> NDArray[np.float64]:
    """``(nodes, n_classes)`` the proportions of one tree's leaves; zeros where a node is none."""
    table = np.zeros((tree.n_nodes, tree.n_classes))
    nodes = np.repeat(np.arange(tree.n_nodes), np.diff(tree.shares_at))
    table[nodes, tree.classes] = tree.shares
    return table


def leaf_hashes(tree: int, n_nodes: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """A place in the sketch and a sign for every node of tree number `tree`, the same for ever.

    Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014 (its finaliser).
    """
    values = np.arange(n_nodes, dtype=np.uint64) + (np.uint64(tree) << np.uint64(32))
    with np.errstate(over="ignore"):
        values = (values + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        values ^= values >> np.uint64(31)
    places = (values % np.uint64(SKETCH)).astype(np.int64)
    signs = np.where(values >> np.uint64(63), np.float32(1), np.float32(-1))
    return places, signs.astype(np.float32)


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(n, start + _BLOCK)) for start in range(0, n, _BLOCK)]
