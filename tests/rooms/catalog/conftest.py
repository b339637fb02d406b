"""A catalogue without items, and one of a small shop."""

from __future__ import annotations

import pytest
from tests.rooms.catalog.shops import OFFERS

from hangtag.rooms import catalog


@pytest.fixture
def empty(tmp_path):
    return catalog.create(tmp_path / "shop.db")


@pytest.fixture
def shop(empty):
    catalog.carry_out(empty, catalog.plan(empty, OFFERS))
    return empty
