"""A server, and a folder that photos are fetched into."""

from __future__ import annotations

import hashlib

import pytest
from tests.rooms.fetch.servers import HERE, Server

from hangtag.rooms import fetch as room
from hangtag.rooms.fetch.asking import Patience
from hangtag.rooms.load.decoding import facts


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def fetched(tmp_path):
    """Fetch addresses; the files, by address, and why the others are not there."""

    def fetch(*addresses, network=HERE, images=100, total=1e9, **each):
        folder = tmp_path / "pictures"
        wanted = {one: folder / hashlib.sha256(one.encode()).hexdigest() for one in addresses}
        limits = room.Limits(images, total, Patience(**each), pause=0.001)
        reasons = room.fetch(wanted, folder, facts, limits=limits, network=network)
        there = {one: place.read_bytes() for one, place in wanted.items() if place.is_file()}
        assert there.keys().isdisjoint(reasons)
        assert there.keys() | reasons.keys() == wanted.keys()
        return there, reasons

    return fetch
