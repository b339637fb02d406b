"""Thumbnails: none overlaps another, and none more would fit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangtag.errors import OptionError
from hangtag.rooms.reduce import thumbnails


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 99), st.integers(1, 400), st.sampled_from([0.01, 0.04, 0.2, 1.0]))
def test_none_overlaps_and_no_other_would_fit(seed, n, size):
    places = np.random.default_rng(seed).normal(0, [1, 30], (n, 2))
    shown = thumbnails(places, size=size, seed=seed)
    side = np.ptp(places, axis=0).max() * size or size
    gaps = np.abs(places[:, None] - places[shown]).max(axis=2) / side
    among = gaps[shown]
    np.fill_diagonal(among, np.inf)
    assert (among >= 1 - 1e-9).all()
    assert (gaps.min(axis=1) < 1 + 1e-9).all()


def test_repeats_with_the_seed_and_keeps_the_order_of_rows():
    places = np.random.default_rng(0).normal(size=(500, 2))
    one, again, other = (thumbnails(places, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (np.diff(one) > 0).all()
    assert not np.array_equal(one, other)


def test_shows_at_most_as_many_as_asked():
    assert len(thumbnails(np.random.default_rng(0).normal(size=(500, 2)), most=7)) == 7


def test_nothing_and_a_single_spot_are_maps_too():
    assert len(thumbnails(np.empty((0, 2)))) == 0
    assert len(thumbnails(np.ones((9, 2)))) == 1


def test_says_what_is_no_map():
    with pytest.raises(OptionError, match="2 dimensions; got 3"):
        thumbnails(np.zeros((4, 3)))
    with pytest.raises(OptionError, match="cannot be 0 of the map"):
        thumbnails(np.zeros((4, 2)), size=0)
