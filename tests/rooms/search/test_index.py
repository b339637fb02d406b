"""An index finds what looking at everything finds, and one that does not fit never answers."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hangtag.geometry import directions
from hangtag.rooms.search import nearest
from hangtag.rooms.search.index import Rows, Stamp, build, open_index

N, WIDTH = 3000, 24
STAMP = Stamp("encoder", WIDTH, N, 7)


def rows(seed=0):
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(60, WIDTH))
    points = middles[rng.integers(60, size=N)] + 0.4 * rng.normal(size=(N, WIDTH))
    small = np.rint(points * (127 / np.abs(points).max(axis=1, keepdims=True))).astype(np.int8)
    scales = (1 / np.linalg.norm(small.astype(np.float32), axis=1)).astype(np.float32)
    ids = np.arange(N)
    return Rows(small, scales, ids + 10, ids // 3, ids)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    found = tmp_path_factory.mktemp("indexes") / "one"
    build(found, STAMP, rows())
    return found


def opened(place, encoder=STAMP.encoder, width=WIDTH):
    return open_index(place, encoder, width)


def questions(n, seed=5):
    return directions(rows(seed).directions(np.arange(n)))


@pytest.mark.parametrize("proportion", [1.0, 0.5, 0.2, 0.05, 0.002])
def test_it_finds_what_is_nearest_under_every_filter(place, proportion):
    found, whole = opened(place), rows()
    every = whole.directions(np.arange(N))
    among = None
    if proportion < 1:
        among = np.flatnonzero(np.random.default_rng(3).random(N) < proportion)
    right = total = 0
    for question in questions(40):
        expected = nearest(every, question, 10, groups=whole.groups, among=among)
        got = found.nearest(question, 10, among=among)
        assert len(got.rows) == len(expected.rows)
        assert len(set(whole.groups[got.rows])) == len(got.rows)  # each group once
        assert list(got.cosines) == sorted(got.cosines, reverse=True)
        right += len(set(got.rows.tolist()) & set(expected.rows.tolist()))
        total += len(expected.rows)
    assert right / total >= 0.99


def test_a_group_is_left_out_and_what_is_not_close_is_held_back(place):
    found, whole = opened(place), rows()
    question = whole.directions(np.asarray([30]))[0]
    assert found.nearest(question, 1).rows[0] == 30
    others = found.nearest(question, 5, without=int(whole.groups[30]))
    assert len(others.rows) == 5
    assert int(whole.groups[30]) not in whole.groups[others.rows]
    held = found.nearest(question, 5, close=(0.9, 0.9999))
    assert (held.rows.tolist(), held.held_back) == ([30], 4)


def test_of_another_encoder_it_does_not_answer_and_it_says_of_what_it_is(place):
    assert opened(place, encoder="another") is None
    assert opened(place, width=WIDTH + 1) is None
    assert opened(place).stamp == STAMP


@pytest.mark.parametrize("proportion", [1.0, 0.5, 0.01])
def test_what_came_and_went_since_is_looked_at_beside_it(place, proportion):
    read, more = rows(), rows(seed=1)
    gone = np.random.default_rng(2).random(N) < 0.04
    gone[:60] = True  # all that is nearest to some questions
    came = 100
    fresh = Rows(*(getattr(more, name)[:came] for name in ("small", "scales")),
                 *(np.arange(came) + 10 * N for _ in range(3)))  # fmt: skip
    found = opened(place).grown(gone, fresh)
    there = np.concatenate(
        [read.directions(np.flatnonzero(~gone)), fresh.directions(np.arange(came))]
    )
    items = np.concatenate([read.items[~gone], fresh.items])
    groups = np.concatenate([read.groups[~gone], fresh.groups])
    assert sorted(found.rows.items[found.rows.items >= 0]) == sorted(items)
    kept = set(
        np.random.default_rng(3).permutation(items)[: round(proportion * len(items))].tolist()
    )
    among = within = None
    if proportion < 1:
        within = np.flatnonzero(np.isin(items, sorted(kept)))
        among = np.flatnonzero(np.isin(found.rows.items, sorted(kept)))
    right = total = 0
    asked = np.concatenate([read.directions(np.arange(30)), fresh.directions(np.arange(30))])
    for question in asked:
        expected = items[nearest(there, question, 10, groups=groups, among=within).rows]
        got = found.rows.items[found.nearest(question, 10, among=among).rows]
        assert len(got) == len(expected)
        right += len(set(got.tolist()) & set(expected.tolist()))
        total += len(expected)
    assert right / total >= 0.99


def _cut(place):
    graph = place / "graph.faiss"
    graph.write_bytes(graph.read_bytes()[:-100])


def _flipped(place):
    small = bytearray((place / "small.npy").read_bytes())
    small[-5] ^= 1
    (place / "small.npy").write_bytes(bytes(small))


def _unsaid(place):
    header = json.loads((place / "header.json").read_bytes())
    del header["sha256"]["graph.faiss"]
    (place / "header.json").write_text(json.dumps(header))


@pytest.mark.parametrize(
    "spoil",
    [_cut, _flipped, _unsaid, lambda place: (place / "header.json").write_bytes(b"{"),
     lambda place: (place / "items.npy").unlink()],
)  # fmt: skip
def test_damaged_it_does_not_answer_and_is_built_anew(tmp_path, spoil):
    place = tmp_path / "index"
    build(place, STAMP, rows())
    spoil(place)
    assert opened(place) is None
    build(place, STAMP, rows())
    assert len(opened(place)) == N
