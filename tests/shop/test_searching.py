"""A large catalogue is searched by an index, which is a cache: the answers are those without it."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rooms.catalog.shops import offer
from tests.shop.conftest import (
    PATTERNS,
    WIDTH,
    N,
    embedded_shop,
    pattern_of,
    points,
    tagged_again,
)

import hangtag
from hangtag import settings
from hangtag.errors import FormatError, UsageError
from hangtag.geometry import fit_metric
from hangtag.requests import SearchRequest
from hangtag.rooms import catalog
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog import Embedded
from hangtag.rooms.catalog.removal import remove
from hangtag.shop import searching
from hangtag.shop.searching import Indexed

ASKED = SearchRequest(k=7, everything=True)


@pytest.fixture
def large(monkeypatch):
    """Collections of this size count as large."""
    monkeypatch.setattr(search_room, "FROM", 100)


def answers(shop, asked=ASKED, **said):
    seen = searching.opened(shop)
    return type(seen), [
        [one.external_id for one in searching.by_points(shop, seen, question[None], asked).items]
        for question in points(12, seed=4)
    ]


def test_answers_are_those_of_looking_at_everything(shop, monkeypatch):
    kind, small = answers(shop)
    assert kind is Embedded
    monkeypatch.setattr(search_room, "FROM", 100)
    kind, large = answers(shop)
    assert kind is Indexed
    assert small == large
    condition = SearchRequest(k=7, everything=True, where="pattern=striped and price>100")
    with_index = answers(shop, condition)[1]
    monkeypatch.setattr(search_room, "FROM", 10**6)
    assert answers(shop, condition)[1] == with_index


def test_an_index_is_opened_as_long_as_it_fits_and_built_anew_then(shop, large, monkeypatch):
    built = []
    real = search_room.build
    monkeypatch.setattr(
        search_room, "build", lambda *given: (built.append(given[1]), real(*given))[1]
    )
    searching.opened(shop)
    searching.opened(shop)
    assert len(built) == 1
    # A decision changes no embedding; another photo does, and few of them are looked past.
    catalog.decide(shop, [catalog.Decided("s1", "pattern", "corrected", "plain", "Ada")])
    searching.opened(shop)
    assert len(built) == 1
    catalog.carry_out(shop, catalog.plan(shop, [offer(1, photo="other.jpg")], keep=True))
    assert np.count_nonzero(searching.opened(shop).items >= 0) == N - 1
    assert len(built) == 1
    others = [offer(row, photo=f"{row}.jpg") for row in range(round(0.06 * N))]
    catalog.carry_out(shop, catalog.plan(shop, others, keep=True))
    seen = searching.opened(shop)
    assert len(built) == 2
    assert len(seen.items) == N - len(others)


def test_whatever_comes_and_goes_the_answers_are_those_of_looking_at_everything(
    tmp_path, monkeypatch
):
    rng = np.random.default_rng(1)
    shop = embedded_shop(tmp_path / "shop.db")
    catalog.carry_out(shop, catalog.plan(shop, [offer(n, group_id="g") for n in (3, 9)], keep=True))
    monkeypatch.setattr(search_room, "FROM", 100)
    monkeypatch.setattr(searching, "BESIDE", 0.3)
    index = searching.opened(shop).index.stamp
    for step in range(4):
        known = rng.permutation(N)[:8].tolist()
        offers = [offer(n, photo=f"{step}/{n}.jpg") for n in known[:3]]  # other photos
        offers += [offer(n, group_id=f"g{step % 2}") for n in known[3:5]]  # variants of others
        offers += [offer(n, group_id="g", photo=f"{n}.jpg") for n in (N + step, 2 * N + step)]
        catalog.carry_out(shop, catalog.plan(shop, offers, keep=True))
        remove(shop, [f"s{n}" for n in known[5:]])
        tagged_again(shop, points(3 * N, seed=step + 5))
        seen = searching.opened(shop)
        assert seen.index.stamp == index
        with_index = answers(shop)
        monkeypatch.setattr(search_room, "FROM", 10**6)
        assert answers(shop)[1] == with_index[1]
        monkeypatch.setattr(search_room, "FROM", 100)
        similar = hangtag.similar_items(shop, item=f"s{N}", k=5, everything=True)
        assert f"s{2 * N}" not in [one.external_id for one in similar.items]  # one group


def test_a_damaged_index_is_built_anew(shop, large):
    before = answers(shop)
    for graph in (settings.cache_folder() / "indexes").rglob("graph.faiss"):
        graph.write_bytes(graph.read_bytes()[:50])
    assert answers(shop) == before


def test_without_faiss_everything_is_looked_at_and_that_is_said(shop, large, monkeypatch):
    monkeypatch.setattr(search_room, "is_installed", lambda: False)
    told = []
    seen = searching.opened(shop, lambda stage, *rest: told.append((stage, rest[-1])))
    assert isinstance(seen, Embedded)
    assert told == [("caution", told[0][1])]
    assert "hangtag[index]" in told[0][1]


def test_nothing_embedded_is_a_sentence(tmp_path):
    with pytest.raises(UsageError, match="no embeddings"):
        searching.opened(catalog.create(tmp_path / "bare.db"))


def test_what_is_packed_is_what_is_embedded(shop):
    whole = catalog.embedded(shop)
    small, scales, items, groups, photos = catalog.packed(shop, whole.encoder)
    assert np.allclose(small * scales[:, None], whole.directions, atol=1e-6)
    for one, other in ((items, whole.items), (groups, whole.groups), (photos, whole.photos)):
        assert one.tolist() == other.tolist()


def test_groups_are_whole_however_the_rows_are_read(tmp_path, monkeypatch):
    shop = embedded_shop(tmp_path / "shop.db", points(30))
    moved = [offer(row, group_id=f"g{row % 4}", photo=f"photos/{row}.jpg") for row in range(30)]
    catalog.carry_out(shop, catalog.plan(shop, moved))
    whole = catalog.embedded(shop)
    monkeypatch.setattr(catalog.vectors, "_PART", 7)
    assert catalog.packed(shop, whole.encoder)[3].tolist() == whole.groups.tolist()


@pytest.fixture
def turned(tmp_path):
    """A shop of four patterns whose encoder sees hardly anything of them, and what tells them
    apart."""
    rows = points(noise=1.2)
    shop = embedded_shop(tmp_path / "turned.db", rows, lambda row: {"pattern": pattern_of(row)})
    learned = fit_metric(rows, np.arange(N) % len(PATTERNS))
    catalog.note_through(shop, "encoder of a test", (0.2, 0.1), learned)
    return shop, rows, learned


def test_a_metric_turns_what_is_searched_and_what_is_asked_and_nothing_else(turned):
    shop, rows, learned = turned
    seen, own = searching.opened(shop), catalog.embedded(shop)
    np.testing.assert_allclose(own.directions, rows, atol=0.01)
    assert own.metric is None
    np.testing.assert_allclose(seen.directions, learned.of(own.directions), atol=1e-6)
    question = searching.question_of(seen, 7 * rows[5:6])
    np.testing.assert_allclose(question, learned.of(rows[5:6]), atol=1e-5)
    assert searching.by_points(shop, seen, rows[5:6], ASKED).items[0].external_id == "s5"


def test_by_a_metric_more_of_what_is_found_is_of_its_kind(turned, tmp_path):
    shop, rows, _ = turned
    bare = embedded_shop(tmp_path / "own.db", rows, lambda row: {"pattern": pattern_of(row)})
    worth = searching.measured(shop, "pattern", 10).precision
    assert worth > searching.measured(bare, "pattern", 10).precision + 0.05


def test_an_index_is_turned_as_everything_is_and_one_from_before_is_not_asked(turned, monkeypatch):
    shop, _, learned = turned
    catalog.note_through(shop, "encoder of a test", (0.2, 0.1))
    monkeypatch.setattr(search_room, "FROM", 100)
    assert searching.opened(shop).direction(0).shape == (WIDTH,)
    catalog.note_through(shop, "encoder of a test", (0.2, 0.1), learned)
    kind, with_index = answers(shop)
    assert kind is Indexed
    assert searching.opened(shop).direction(0).shape == (learned.width,)
    monkeypatch.setattr(search_room, "FROM", 10**6)
    assert answers(shop)[1] == with_index


def test_a_damaged_metric_is_a_sentence(turned):
    shop, *_ = turned
    with shop.writing() as connection:
        connection.execute(catalog.metrics.metric.update().values(arrays=b"nothing"))
    with pytest.raises(FormatError, match="measures by is damaged"):
        searching.opened(shop)
    assert catalog.check(shop) == ["what a search of this catalog measures by is damaged"]
