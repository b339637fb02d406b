"""Pairs of near directions are those of a plain loop."""

from __future__ import annotations

import numpy as np

from hangtag.geometry import directions
from hangtag.rooms.search import near_pairs


def test_each_row_has_its_nearest_of_other_groups():
    rng = np.random.default_rng(0)
    found = directions(rng.normal(size=(90, 7)).astype(np.float32))
    groups = np.arange(90) // 2
    expected = set()
    for row in range(90):
        cosines = found @ found[row]
        cosines[groups == groups[row]] = -2
        for other in np.argsort(-cosines)[:3].tolist():
            expected.add((min(row, other), max(row, other)))
    assert set(map(tuple, near_pairs(found, groups, 3).tolist())) == expected


def test_wide_directions_keep_their_near_pairs():
    rng = np.random.default_rng(1)
    base = rng.normal(size=(150, 300)).astype(np.float32)
    twins = base + 0.01 * rng.normal(size=base.shape).astype(np.float32)
    found = directions(np.concatenate([base, twins]))
    pairs = set(map(tuple, near_pairs(found, np.arange(300), 1).tolist()))
    assert {(row, row + 150) for row in range(150)} <= pairs


def test_one_alone_has_no_pair():
    assert near_pairs(np.ones((1, 4), np.float32), np.zeros(1, np.int64)).shape == (0, 2)
