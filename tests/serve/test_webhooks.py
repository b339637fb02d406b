"""Webhooks: signed, numbered, tried again; a kill loses none; nothing is sent inside unasked."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.serve.conftest import serve

from hangtag.errors import AccessError, HangtagError
from hangtag.rooms.fetch import Address
from hangtag.serve import outward


class Receiver:
    """Listens, answers as it is told, and remembers what came."""

    def __init__(self) -> None:
        self.status, self.came, self.asked = 500, [], 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.asked += 1
                if outer.status == 200:
                    outer.came.append((dict(self.headers.items()), body))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?of=shop"

    @property
    def numbers(self) -> list[int]:
        return [one["n"] for _, body in list(self.came) for one in json.loads(body)["changes"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def becomes(look, wanted) -> None:
    until = time.monotonic() + 60
    while look() != wanted and time.monotonic() < until:
        time.sleep(0.05)
    assert look() == wanted


def test_a_receiver_that_fails_and_a_kill_lose_nothing_and_a_replay_sends_it_again(
    tagged_shop, tmp_path, receiver
):
    place = tmp_path / "shop.db"
    shutil.copy(tagged_shop, place)
    server = serve(place, "--hook-host", "127.0.0.1")
    with server.http() as http:
        before = http.get("/v1/changes?limit=10000").json()["until"]
        body = {"url": receiver.url, "what": ["imported", "deleted"]}
        made = http.post("/v1/webhooks", json=body).json()
        assert made["since"] == before
        assert "secret" not in http.get("/v1/webhooks").text
        for name in ("one", "two", "three"):
            assert http.put(f"/v1/items/{name}", json={"title": name}).status_code == 201
        http.put("/v1/items/one", json={"title": "another"}).raise_for_status()
        assert http.delete("/v1/items/two").status_code == 204
        becomes(lambda: receiver.asked > 0, True)
        becomes(
            lambda: http.get("/v1/webhooks").json()["webhooks"][0]["trouble"], "it answered 500"
        )
        log = http.get(f"/v1/changes?since={before}").json()["changes"]
    server.stop(signal.SIGKILL)
    wanted = [one["n"] for one in log if one["what"] in ("imported", "deleted")]
    assert len(wanted) == 4 < len(log)
    assert receiver.came == []
    receiver.status = 200
    server = serve(place, "--hook-host", "127.0.0.1")
    becomes(lambda: receiver.numbers, wanted)
    headers, body = receiver.came[0]
    at, _, digest = headers["hangtag-signature"].removeprefix("t=").partition(",v1=")
    signed = f"{at}.".encode() + body
    assert digest == hmac.new(made["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert int(headers["hangtag-delivery"]) == wanted[-1]
    with server.http() as http:
        again = http.post(f"/v1/webhooks/{made['id']}:replay", params={"since": wanted[0]})
        assert again.status_code == 200
        becomes(lambda: receiver.numbers, wanted + wanted[1:])
        assert http.delete(f"/v1/webhooks/{made['id']}").status_code == 204
        assert http.get("/v1/webhooks").json()["webhooks"] == []
        inside = http.post("/v1/webhooks", json={"url": "https://10.0.0.1/"})
        assert inside.status_code == 403
        assert "--hook-host 10.0.0.1" in inside.json()["hint"]
    assert server.stop() == 0


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433", "127.1", "localhost",
    ],
)  # fmt: skip
def test_private_networks_are_refused_however_they_are_written(host):
    with pytest.raises(AccessError, match="private network"):
        outward.target(f"https://{host}/", ())


@pytest.mark.parametrize(
    "url",
    ["http://8.8.8.8/", "ftp://8.8.8.8/", "https://u:p@8.8.8.8/", "https:///x", "https://[", "x",
     "https://8.8.8.8:99999/"],
)  # fmt: skip
def test_only_plain_addresses_with_tls_are_taken(url):
    with pytest.raises(HangtagError):
        outward.target(url, ())


def test_what_the_operator_named_is_reached_by_the_number_that_was_looked_at():
    to = outward.target("http://127.0.0.1:81/a?b=c", {"127.0.0.1"})
    assert to == outward.Target(Address("http", "127.0.0.1", 81, "/a?b=c"), ("127.0.0.1",))
    assert outward.target("https://8.8.8.8/", ()).address.port == 443
