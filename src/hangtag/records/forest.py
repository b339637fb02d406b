"""Forests of decision trees: described, as plain arrays, and what was asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangtag.records.spec import ModelSpec, SeenNetwork

FOREST = "forest"
"""The kind of a forest's description, which tells it from a network's."""
LEAF = -1
"""The feature of a node that asks nothing."""


@dataclass(frozen=True, eq=False)
class Trees:
    """Decision trees, all nodes of all trees one after the other.

    A node sends a point left when ``point[feature] <= threshold``, compared in float32: thresholds
    are rounded down to the next float32, which sends every float32 point the way the float64
    threshold would.

    Attributes:
        tree_offsets: ``(n_trees + 1,)`` int64, where each tree's nodes begin, and the end.
        features: ``(nodes,)`` int32, the coordinate a node asks about; -1 for a leaf.
        thresholds: ``(nodes,)`` float32.
        left_children: ``(nodes,)`` int32, the left child, counted from the tree's first node.
        right_children: ``(nodes,)`` int32.
        shares_at: ``(nodes + 1,)`` int64, where each leaf's classes begin in the next two.
        classes: ``(shares,)`` int32, the classes that a leaf has.
        shares: ``(shares,)`` float64, and how much of each.
        n_classes: Classes there are.
        n_features: Coordinates of a point.
    """

    tree_offsets: NDArray[np.int64]
    features: NDArray[np.int32]
    thresholds: NDArray[np.float32]
    left_children: NDArray[np.int32]
    right_children: NDArray[np.int32]
    shares_at: NDArray[np.int64]
    classes: NDArray[np.int32]
    shares: NDArray[np.float64]
    n_classes: int
    n_features: int

    def __len__(self) -> int:
        return len(self.tree_offsets) - 1

    @property
    def n_nodes(self) -> int:
        """Nodes of all trees."""
        return len(self.features)

    def each(self) -> Iterator[Trees]:
        """Every tree as a forest of one."""
        for first, last in zip(self.tree_offsets, self.tree_offsets[1:], strict=False):
            nodes = slice(int(first), int(last))
            at = self.shares_at[int(first) : int(last) + 1]
            part = slice(int(at[0]), int(at[-1]))
            yield Trees(
                tree_offsets=np.array([0, last - first]),
                features=self.features[nodes],
                thresholds=self.thresholds[nodes],
                left_children=self.left_children[nodes],
                right_children=self.right_children[nodes],
                shares_at=at - at[0],
                classes=self.classes[part],
                shares=self.shares[part],
                n_classes=self.n_classes,
                n_features=self.n_features,
            )


@dataclass(frozen=True)
class ForestSpec(ModelSpec):
    """A grown forest in numbers, as its bundle and its run describe it.

    Attributes:
        name: Its kind: ``random-forest`` or ``extra-trees``.
        input_shape: ``(height, width, channels)`` after preprocessing.
        n_estimators: Trees.
        max_depth: Questions on the longest way to a leaf, at most; None for no limit.
        axes: Principal axes that pixels are projected on; None where trees see the pixels.
        n_classes: Classes there are.
        nodes: Nodes of all trees.
        shares: Numbers that all leaves answer with.
        embedding_size: Numbers of an image's embedding.
        network: The network that it sees instead of pixels; None without.
    """

    name: str
    input_shape: tuple[int, int, int]
    n_estimators: int
    max_depth: int | None
    axes: int | None
    n_classes: int
    nodes: int
    shares: int
    embedding_size: int
    kind: str = FOREST
    network: SeenNetwork | None = None

    @property
    def features(self) -> str:
        """What it sees of an image, as it is asked for."""
        if self.network is not None:
            return self.network.name
        return "pixels" if self.axes is None else f"pca:{self.axes}"

    @property
    def n_features(self) -> int:
        """Numbers that a tree may ask about."""
        if self.network is not None:
            return self.network.n_features
        return self.n_pixels if self.axes is None else self.axes

    @property
    def parameters(self) -> int:
        """Numbers that were fitted: a feature and a threshold a question, proportions, and axes."""
        questions = (self.nodes - self.n_estimators) // 2  # every question has two ways to go on
        projection = 0 if self.axes is None else (self.axes + 1) * self.n_pixels
        network = 0 if self.network is None else self.network.stored
        return 2 * questions + self.shares + projection + network
