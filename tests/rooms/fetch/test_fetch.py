"""Photos are fetched once, within limits; what could not be fetched is named with its reason."""

from __future__ import annotations

import errno
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PIL import Image
from tests.rooms.fetch.servers import Server, image, resolving

from hangtag import atomic
from hangtag.rooms.fetch.files import ENOUGH, TRIES

ROOT = Path(__file__).parents[3]


def endless(handler):
    """No length is declared, and no end comes."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.stop.is_set():
        handler.wfile.write(b"x" * 4096)


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x" * 10)


def test_images_are_fetched_once(fetched, server):
    first = server.at("/a.png", image("red"))
    second = server.at("/b.jpg?v=2", image("blue", kind="JPEG"))
    there, reasons = fetched(first, second)
    assert there == {first: image("red"), second: image("blue", kind="JPEG")}
    assert fetched(first, second) == (there, reasons)
    assert server.asked == {"/a.png": 1, "/b.jpg?v=2": 1}


def test_what_is_no_image_or_too_large_is_not_kept_and_not_asked_for_again(
    fetched, server, tmp_path
):
    Image.new("1", (5001, 5000)).save(tmp_path / "large.png")
    pages = {
        "/long": (image() + b"x" * 20_000, "has more than 0.02 MB"),
        "/endless": (endless, "has more than 0.02 MB"),
        "/large": ((tmp_path / "large.png").read_bytes(), "megapixels; at most 25 are read"),
        "/page": (b"<html>not found</html>", "is not an image of a kind"),
        "/none": (404, "answered 404 Not Found"),
        "/odd": (299, "answered 299"),
        "/packed": (lambda one: one.answer(200, b"x", Content_Encoding="gzip"), "is sent packed"),
        "/round": (lambda one: one.answer(301, Location="/round"), "more than 3 times"),
    }
    asked = {path: server.at(path, page) for path, (page, _) in pages.items()}
    there, reasons = fetched(*asked.values(), size=20_000, redirects=3)
    assert not there
    for path, (_, why) in pages.items():
        assert why in reasons[asked[path]]
        assert server.asked[path] == (4 if path == "/round" else 1)


def test_a_trouble_that_passes_is_waited_out_and_one_that_stays_is_said(fetched, server):
    def better(handler):
        again = handler.server.asked["/busy"] < TRIES
        handler.answer(503 if again else 200, b"" if again else image(), Retry_After="0")

    def later(handler):
        handler.answer(429, Retry_After="3600")

    busy, down = server.at("/busy", better), server.at("/down", 500)
    closed, full = server.at("/cut", cut), server.at("/full", later)
    there, reasons = fetched(busy, down, closed, full)
    assert list(there) == [busy]
    assert reasons[down] == "answered 500 Internal Server Error"
    assert reasons[closed] == "broke off after 10 of 1,000 bytes"
    assert reasons[full] == "answered 429 Too Many Requests"
    # A server that asks for an hour is left alone.
    assert server.asked == {"/busy": TRIES, "/down": TRIES, "/cut": TRIES, "/full": 1}


def test_an_image_may_take_only_so_long(fetched, server):
    def silent(handler):
        handler.server.stop.wait(20)

    def drop(handler):
        handler.send_response(200)
        handler.end_headers()
        while not handler.server.stop.wait(0.02):
            handler.wfile.write(b"x")

    quiet, slow = server.at("/quiet", silent), server.at("/slow", drop)
    # Apart, since on a busy machine the second may be silent as long as the first.
    assert fetched(quiet, silence=0.1, seconds=10)[1] == {quiet: "is not answered"}
    assert fetched(slow, silence=10, seconds=0.2)[1] == {slow: "takes longer than 0.2 seconds"}


def test_redirects_lead_to_the_image(fetched, server):
    server.at("/there.png", image())
    moved = server.at("/moved.png", lambda one: one.answer(301, Location="there.png"))
    assert fetched(moved)[0] == {moved: image()}


def test_a_server_that_is_down_is_asked_no_more(fetched):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    asked = [f"http://127.0.0.1:{port}/{n}.png" for n in range(ENOUGH + 10)]
    _, reasons = fetched(*asked)
    assert reasons[asked[0]] == "is of a server that takes no connection"
    assert reasons[asked[-1]] == f"was not asked for: 127.0.0.1 failed {ENOUGH} times in a row"


def test_no_more_than_asked_is_fetched_at_a_time_and_the_next_time_goes_on(fetched, server):
    asked = [server.at(f"/{n}.png", image(size=(8, n + 1))) for n in range(5)]
    there, reasons = fetched(*asked, images=3)
    assert list(there) == asked[:3]
    assert reasons[asked[4]] == "is beyond the 3 that are fetched at a time"
    there, _ = fetched(*asked, images=3)
    assert len(there) == 5
    assert set(server.asked.values()) == {1}
    more = server.at("/more.png", image())
    assert "is beyond the 1e-08 GB" in fetched(more, total=10)[1][more]


def test_a_full_disk_is_the_machine_s_trouble_and_no_image_s(fetched, server, monkeypatch):
    def full(step, path):
        if step == "write":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(atomic, "hook", full)
    with pytest.raises(OSError, match="No space left"):
        fetched(server.at("/a.png", image()))
    monkeypatch.undo()
    assert len(fetched(server.at("/a.png"))[0]) == 1


FETCH = """
import sys
from pathlib import Path
from tests.rooms.fetch.servers import HERE
from hangtag.rooms import fetch
from hangtag.rooms.load.decoding import facts
folder = Path(sys.argv[1])
wanted = {one: folder / one.rpartition("/")[2] for one in sys.argv[2:]}
fetch.fetch(wanted, folder, facts, limits=fetch.Limits(), network=HERE)
"""


def test_killed_it_goes_on_with_what_is_missing(server, tmp_path):
    """The server answers half, and holds the others until the first process is dead."""
    open_again = threading.Event()

    def held(handler):
        open_again.wait(60)
        handler.answer(200, image())

    asked = [server.at(f"/{n}.png", image() if n < 6 else held) for n in range(12)]
    folder = tmp_path / "pictures"
    words = [sys.executable, "-c", FETCH, str(folder), *asked]
    first = subprocess.Popen(words, cwd=ROOT)
    while len(list(folder.glob("[0-9]*.png"))) < 6:
        assert first.poll() is None
        time.sleep(0.02)
    first.kill()
    first.wait()
    open_again.set()
    before = {f"/{n}.png": server.asked[f"/{n}.png"] for n in range(6)}
    subprocess.run(words, cwd=ROOT, check=True)
    assert before == dict.fromkeys(before, 1)
    assert {path: server.asked[path] for path in before} == before
    assert sorted(one.name for one in folder.iterdir()) == sorted(f"{n}.png" for n in range(12))
    assert {one.read_bytes() for one in folder.iterdir()} == {image()}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_certificate_must_be_the_name_s_though_the_number_is_asked(
    fetched, tmp_path, monkeypatch
):
    import ssl

    key, own = tmp_path / "key.pem", tmp_path / "own.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {key} -out {own} -days 2 "
        "-subj /CN=shop.test -addext subjectAltName=DNS:shop.test".split(),
        check=True,
        capture_output=True,
    )
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    try:
        network, _ = resolving("127.0.0.1")
        good = server.at("/a.png", image(), host="shop.test").replace("http:", "https:")
        other = good.replace("shop.test", "other.test")
        assert "cannot show who it is" in fetched(good, network=network)[1][good]
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        there, reasons = fetched(good, other, network=network)
        assert there == {good: image()}
        assert "Hostname mismatch" in reasons[other]
    finally:
        server.close()
