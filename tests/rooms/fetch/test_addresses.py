"""Only public servers are asked: whatever an address looks like, and wherever it leads."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from tests.rooms.fetch.servers import image, resolving

from hangtag.rooms.fetch import Network
from hangtag.rooms.fetch.addresses import NotFetchedError, is_public, places, read

PRIVATE = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%1",
    "fc00::1",
    "fd12::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "::7f00:1",
    "2001:db8::1",
]
PUBLIC = ["8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("number", PRIVATE)
def test_machines_of_ones_own_network_are_none_of_the_internet(number):
    assert not is_public(ip_address(number))


@pytest.mark.parametrize("number", PUBLIC)
def test_machines_of_the_internet_are(number):
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1"]
)
def test_no_way_to_write_this_machine_is_asked(fetched, server, host):
    address = server.at("/a.png", image(), host=host)
    there, reasons = fetched(address, network=Network())
    assert not there
    assert "which is no public server" in reasons[address]
    assert not server.asked


def test_a_public_server_that_sends_us_home_is_not_followed(fetched, server):
    inside = server.at("/inside.png", image(), host="inside.test")

    def send(handler):
        handler.answer(302, Location=inside)

    network, _ = resolving("127.0.0.1", "10.0.0.1")
    address = server.at("/a.png", send, host="shop.test")
    assert fetched(address, network=network)[1] == {
        address: "leads to 10.0.0.1, which is no public server"
    }
    assert server.asked == {"/a.png": 1}


def test_a_name_that_resolves_to_another_machine_later_is_asked_where_it_was_looked_at(
    fetched, server
):
    network, asked = resolving("127.0.0.1", "10.0.0.1")
    address = server.at("/a.png", image(), host="shop.test")
    there, _ = fetched(address, network=network)
    assert there == {address: image()}
    assert asked == ["shop.test"]  # resolved once, and never by whoever connects


def test_one_private_machine_among_those_of_a_name_is_enough(fetched, server):
    network, _ = resolving("127.0.0.1 192.168.1.1")
    address = server.at("/a.png", image(), host="shop.test")
    assert "192.168.1.1" in fetched(address, network=network)[1][address]
    assert not server.asked


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://shop.test/a.png", "no address of http or https"),
        ("file:///etc/passwd", "no address of http or https"),
        ("http:///a.png", "no address of http or https"),
        ("http://[::1/a.png", "no address"),
        ("http://shop.test:x/a.png", "no address"),
        ("http://ada:secret@shop.test/a.png", "has a password"),
        ("http://a b.test/a.png", "no address"),
        ("http://" + "a" * 300 + ".ä/a.png", "no address"),
    ],
)
def test_what_is_no_address_is_said(address, why):
    with pytest.raises(NotFetchedError, match=why):
        read(address)


def test_what_a_path_may_not_hold_is_written_so_that_it_may():
    assert read("https://shop.test/a b/ä.png?v=1&w=ü").target == "/a%20b/%C3%A4.png?v=1&w=%C3%BC"
    assert read("http://shop.test/a%20b.png\r\nX: y").target == "/a%20b.pngX:%20y"
    assert read("http://ärmel.test").host == "xn--rmel-koa.test"


def test_encryption_is_not_given_up_on_the_way():
    here = read("https://shop.test/a/b.png")
    assert here.towards("c.png").text == "https://shop.test:443/a/c.png"
    with pytest.raises(NotFetchedError, match="from https to http"):
        here.towards("http://shop.test/b.png")


def test_a_name_that_is_not_known_is_said():
    def resolve(host, port, **said):
        raise OSError(-2, "Name or service not known")

    with pytest.raises(NotFetchedError, match=r"is of shop\.test, which is not known"):
        places(read("http://shop.test/a.png"), Network(resolve=resolve))
