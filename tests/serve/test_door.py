"""What a server holds of its catalogue is what there is, read as seldom as that allows."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from tests.rooms.catalog.shops import offer
from tests.shop.conftest import N, embedded_shop, points, tagged_again

from hangtag.requests import ServeRequest
from hangtag.rooms import catalog
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog.removal import remove
from hangtag.serve import door as door_room
from hangtag.serve.door import Door
from hangtag.shop.searching import Indexed


@pytest.fixture
def door(tmp_path):
    embedded_shop(tmp_path / "shop.db").close()
    made = Door(tmp_path / "shop.db", ServeRequest(port=0))
    yield made
    made.end()


def more(door, first, count):
    """Items come, and a model embeds them."""
    planned = catalog.plan(door.catalog, [offer(first + n) for n in range(count)], keep=True)
    catalog.carry_out(door.catalog, planned)
    tagged_again(door.catalog, points(first + count))


def test_embeddings_are_read_once_and_anew_when_more_were_made(door):
    first = door.seen()
    assert door.seen() is first
    catalog.decide(door.catalog, [catalog.Decided("s1", "pattern", "corrected", "plain", "Ada")])
    assert door.seen() is first
    more(door, N, 3)
    assert len(door.seen().items) == N + 3


def test_while_a_model_tags_they_are_read_every_few_seconds_and_at_once_when_it_is_through(
    door, monkeypatch
):
    planned = catalog.plan(door.catalog, [offer(N + n) for n in range(3)], keep=True)
    catalog.carry_out(door.catalog, planned)
    first, through = door.seen(), threading.Event()
    job = door.jobs.begin("tag", {}, lambda _: through.wait(60) and {})
    tagged_again(door.catalog, points(N + 3))
    assert door.seen() is first
    monkeypatch.setattr(door_room, "EVERY", 0.0)
    second = door.seen()
    assert len(second.items) == N + 3
    monkeypatch.setattr(door_room, "EVERY", 1e6)
    remove(door.catalog, ["s1"])
    assert len(door.seen().items) == N + 2  # what went is never found
    through.set()
    job.thread.join()
    more(door, N + 3, 2)
    assert len(door.seen().items) == N + 4


def test_a_search_of_a_large_catalog_never_waits_for_an_index_to_be_built_anew(door, monkeypatch):
    monkeypatch.setattr(search_room, "FROM", 100)
    assert isinstance(door.seen(), Indexed)
    monkeypatch.setattr(search_room, "build", lambda *_: pytest.fail("it was built anew"))
    more(door, N, N)
    seen = door.seen()
    assert np.count_nonzero(seen.items >= 0) == 2 * N
    hits = seen.index.nearest(seen.direction(2 * N - 1), 1)
    assert hits.rows.tolist() == [2 * N - 1]
