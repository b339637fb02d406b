"""The search box on a shop's own page: it speaks to the shop alone, and no key is in the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="needs chromium: apt-get install --yes chromium"
    ),
]
PAGE = b"""<!doctype html><title>A shop</title><link rel="icon" href="data:,">
<script src="/find/searchbox.js" defer></script>
<hangtag-search link="/p/{id}"></hangtag-search>"""
HANDED_ON = {
    "/find/items/": "/v1/items/",
    "/find/search?": "/v1/search?",
    "/find/searchbox.js": "/static/searchbox.js",
}


@pytest.fixture
def shop(served) -> Iterator[str]:
    """A shop's server that does what deploy/nginx.conf does: /find/ is handed on with a key."""

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ours = next((one for one in HANDED_ON if self.path.startswith(one)), None)
            if ours is None:
                self.answer(200, "text/html", PAGE)
                return
            headers = {"authorization": f"Bearer {served.token}"}
            if kind := self.headers.get("content-type"):
                headers["content-type"] = kind
            path = self.path.replace(ours, HANDED_ON[ours], 1)
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            found = httpx.request(
                self.command, served.address + path, content=body, headers=headers, verify=False
            )
            self.answer(found.status_code, found.headers["content-type"], found.content)

        do_POST = do_GET  # noqa: N815 - what http.server calls

        def answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            # A page that goes on before all its images came has hung up.
            with suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_customer_finds_items_by_words_and_by_a_photo(browser, served, shop, pngs, tmp_path):
    photo = tmp_path / "three.png"
    photo.write_bytes(pngs[3])
    context = browser.new_context()
    asked: list[str] = []
    try:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(shop)
        page.fill("input[type=search]", "00011")
        page.keyboard.press("Enter")
        page.wait_for_selector("hangtag-search li")
        assert page.get_attribute("hangtag-search a", "href") == "/p/all/00011"
        page.fill("input[type=search]", "no such words")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Nothing close was found.")
        page.fill("input[type=search]", "")
        page.set_input_files("input[type=file]", photo)
        page.wait_for_selector("hangtag-search li img")
        assert page.locator("hangtag-search li").count() > 1
    finally:
        context.close()
    assert all(one.startswith((shop, "data:")) for one in asked)
    assert served.token not in "".join(asked)
