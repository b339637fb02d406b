"""Several forests go in, one with all their trees comes out."""

from __future__ import annotations

import numpy as np

from hangtag.records import Trees


def joined(trees: list[Trees]) -> Trees:
    """The trees of several forests as one, in order; there must be at least one."""
    nodes = np.cumsum([0, *(one.n_nodes for one in trees)])
    offsets = np.cumsum([0, *(len(one.shares) for one in trees)])
    starts = [one.tree_offsets[:-1] + at for one, at in zip(trees, nodes, strict=False)]
    shares_at = [one.shares_at[:-1] + at for one, at in zip(trees, offsets, strict=False)]
    return Trees(
        tree_offsets=np.concatenate([*starts, nodes[-1:]]),
        features=np.concatenate([one.features for one in trees]),
        thresholds=np.concatenate([one.thresholds for one in trees]),
        left_children=np.concatenate([one.left_children for one in trees]),
        right_children=np.concatenate([one.right_children for one in trees]),
        shares_at=np.concatenate([*shares_at, offsets[-1:]]),
        classes=np.concatenate([one.classes for one in trees]),
        shares=np.concatenate([one.shares for one in trees]),
        n_classes=trees[0].n_classes,
        n_features=trees[0].n_features,
    )
