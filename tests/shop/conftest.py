"""A shop whose photos were embedded: two hundred items in three clouds of directions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rooms.catalog.shops import offer

import hangtag
from hangtag.geometry import directions
from hangtag.rooms import catalog

N, WIDTH = 240, 16
PATTERNS = ("plain", "striped", "dotted")


def pattern_of(row):
    return PATTERNS[row % 3]


def points(n=N, noise=0.25, seed=0):
    """Directions of items: a cloud for each pattern."""
    rng = np.random.default_rng(seed)
    middles = np.eye(WIDTH, dtype=np.float32)[[0, 1, 2]]
    rows = middles[np.arange(n) % 3] + noise * rng.normal(size=(n, WIDTH)).astype(np.float32)
    return directions(rows)


def embedded_shop(place, found=None, said=lambda row: {}, model="encoder of a test"):
    """A catalogue of items that a model has embedded and called all the same."""
    found = points() if found is None else found
    shop = catalog.create(place)
    offers = [offer(row, attributes=said(row)) for row in range(len(found))]
    catalog.carry_out(shop, catalog.plan(shop, offers))
    tagged_again(shop, found, model)
    return shop


def tagged_again(shop, found, model="encoder of a test"):
    """The model embeds whatever it has not embedded yet."""
    of = catalog.begin(shop, "category", model, "a run", 0.5)
    encoder = catalog.encoder_of(shop, model, "a run", found.shape[1])
    for batch in catalog.pending(shop, of):
        answers = [catalog.Answer(one.item, "shirt", 0.9, True) for one in batch]
        rows = {number: found[int(one.name[1:])] for one in batch for number, *_ in one.photos}
        catalog.keep(shop, of, answers, rows, encoder)
    catalog.use(shop, of)


@pytest.fixture
def shop(tmp_path):
    """Every second item's pattern is in the feed."""
    return embedded_shop(
        tmp_path / "shop.db",
        said=lambda row: {"pattern": pattern_of(row)} if row % 2 else {},
    )


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A model that embeds, in a place of its own: what is in the folder of runs others count."""
    place = tmp_path_factory.mktemp("model") / "run"
    return hangtag.train("digits", model="linear", c=[0.1], split="stratified:0.2", out=place)
