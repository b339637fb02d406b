"""A feed that names photos by addresses: fetched only when asked to, once, and named if not."""

from __future__ import annotations

import pytest
from tests.rooms.fetch.servers import HERE, Server, image

import hangtag
from hangtag.errors import OptionError
from hangtag.rooms import catalog
from hangtag.shop import importing

WHY_NOT = "is an address: hangtag catalog import --fetch fetches it"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(importing, "NETWORK", HERE)
    made = Server()
    yield made
    made.close()


@pytest.fixture
def feed(server, tmp_path):
    """Three products of Shopify; the photo of the last one is not there."""
    server.at("/red.png", image("red"))
    server.at("/blue.png", image("blue"))
    rows = [f"{name},{name} shirt,{server.at(f'/{name}.png')}" for name in ("red", "blue", "lost")]
    rows.append(f"red,,{server.at('/blue.png')}")
    place = tmp_path / "products.csv"
    place.write_text("\n".join(["Handle,Title,Image Src", rows[0], rows[3], *rows[1:3], ""]))
    return place


@pytest.fixture
def shop(tmp_path):
    return hangtag.create_catalog(tmp_path / "shop.db")


def counted(shop, feed, **said):
    facts = hangtag.import_items(shop, source=feed, **said).facts
    return {name: n for name, n in facts.items() if n}


def test_nothing_is_fetched_unless_it_is_asked_for(shop, feed, server):
    planned = hangtag.import_items(shop, source=feed)
    assert planned.unreadable[0] == ("red", server.at("/red.png"), WHY_NOT)
    assert counted(shop, feed, fetch=True, write=False) == {"same": 3, "unreadable": 4}
    assert not server.asked


def test_photos_are_fetched_once_and_what_could_not_be_is_named_by_item(shop, feed, server):
    planned = hangtag.import_items(shop, source=feed, fetch=True)
    assert planned.facts["new"] == 3
    lost = ("lost", server.at("/lost.png"), "answered 404 Not Found")
    assert planned.unreadable == (lost,)
    assert server.asked == {"/red.png": 1, "/blue.png": 1, "/lost.png": 1}
    assert catalog.counted(shop)["pictures"] == 3
    assert catalog.counted(shop)["unreadable"] == 1
    (red,) = catalog.items(shop, [catalog.number_of(shop, "red")]).values()
    assert [(shop.root / one).read_bytes() for one in red.photos] == [
        image("red"),
        image("blue"),
    ]
    changes = catalog.counted(shop)["changes"]
    for again in (True, False):  # the same feed changes nothing, and its reason stays
        assert counted(shop, feed, fetch=again) == {"same": 3, "unreadable": 1}
    assert hangtag.import_items(shop, source=feed).unreadable == (lost,)
    assert catalog.counted(shop)["changes"] == changes
    assert server.asked == {"/red.png": 1, "/blue.png": 1, "/lost.png": 2}
    assert catalog.check(shop) == []


def test_a_photo_that_comes_later_is_fetched_then(shop, feed, server):
    hangtag.import_items(shop, source=feed, fetch=True)
    server.at("/lost.png", 403)
    assert counted(shop, feed, fetch=True) == {"changed": 1, "same": 2, "unreadable": 1}
    assert catalog.fetched.reasons(shop) == {server.at("/lost.png"): "answered 403 Forbidden"}
    server.at("/lost.png", image("green"))
    assert counted(shop, feed, fetch=True) == {"changed": 1, "same": 2}
    assert catalog.counted(shop)["unreadable"] == 0


def test_what_is_fetched_at_a_time_is_limited_and_the_same_command_goes_on(shop, feed):
    limited = {"fetch": True, "fetch_pictures": 1}
    assert counted(shop, feed, **limited) == {"new": 3, "unreadable": 3}
    assert counted(shop, feed, **limited) == {"changed": 2, "same": 1, "unreadable": 1}


def test_the_network_of_tests_is_no_one_else_s():
    assert importing.NETWORK is None


def test_only_a_feed_names_addresses(shop, feed):
    with pytest.raises(OptionError, match="names no addresses"):
        hangtag.import_items(shop, source="digits", fetch=True)


def test_a_cell_of_several_addresses_with_commas_in_them_is_taken_apart(shop, server, tmp_path):
    first, second = (server.at(f"/w_1,h_{n}/a.png", image()) for n in (1, 2))
    feed = tmp_path / "woo.csv"
    feed.write_text(f'SKU,Name,Images\n1,shirt,"{first}, {second}"\n2,hat,"{second},{first}"\n')
    assert counted(shop, feed, fetch=True) == {"new": 2}
    assert server.asked == {"/w_1,h_1/a.png": 1, "/w_1,h_2/a.png": 1}


def test_the_command_says_what_could_not_be_fetched(hangtag_command, shop, feed, server):
    asked = ("catalog", "import", shop.path, feed, "--fetch")
    done = hangtag_command(*asked)
    assert done.code == 0
    assert "3  new" in done.out
    said = f"lost {server.at('/lost.png')} answered 404 Not Found"
    assert said in " ".join(done.err.split())
    assert hangtag_command(*asked, "--json").json["problems"] == [said]
