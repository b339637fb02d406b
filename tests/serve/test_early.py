"""A full line refuses before anything is set in motion, and whoever may not ask learns nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse

import pytest
import uvicorn

from hangtag.requests import ServeRequest
from hangtag.serve import early
from hangtag.serve.app import application
from hangtag.serve.door import Door
from hangtag.serve.keeper import Gatekeeper
from hangtag.serve.keys import Keys


@dataclass
class Running:
    """A server of this process, and what reached the application."""

    door: Door
    port: int
    reached: list[str] = field(default_factory=list)

    def fill(self) -> None:
        self.door.line.inside += self.door.line.most

    def empty(self) -> None:
        self.door.line.inside = 0

    def ask(self, line: HTTPConnection, path: str, body: bytes | None, **said: str) -> HTTPResponse:
        headers = {"authorization": "Bearer token", "content-type": "image/png", **said}
        line.request("POST" if body is not None else "GET", path, body, headers)
        answer = line.getresponse()
        answer.said = answer.read()
        return answer


@pytest.fixture
def running(model) -> Iterator[Running]:
    door = Door(model, ServeRequest())
    listening = socket.create_server(("127.0.0.1", 0))
    here = Running(door, listening.getsockname()[1])
    app = application(
        door,
        Gatekeeper(Keys(door.place), "token", "owner", here.port),
        frozenset([f"127.0.0.1:{here.port}"]),
    )

    async def watched(scope, receive, send):
        if scope["type"] == "http":
            here.reached.append(scope["path"])
        await app(scope, receive, send)

    config = uvicorn.Config(watched, http=early.protocol(app.state.checks), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        line = HTTPConnection("127.0.0.1", here.port, timeout=30)
        while here.ask(line, "/ready", None).status != 200:
            pass
        line.close()
        here.reached.clear()
        yield here
    finally:
        here.empty()
        server.should_exit = True
        thread.join(60)


def test_a_full_line_answers_before_the_application_and_the_connection_goes_on(running, pngs):
    running.fill()
    line = HTTPConnection("127.0.0.1", running.port, timeout=30)
    for body in (pngs[0], b"\0" * 3_000_000):  # also one that comes in many pieces
        answer = running.ask(line, "/v1/tag", body)
        assert answer.status == 503
        assert answer.headers["retry-after"] == "2"
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-frame-options"] == "DENY"
        assert b"more are not taken" in answer.said
    assert running.reached == []
    assert running.ask(line, "/health", None).status == 200  # which waits in no line
    running.empty()
    assert running.ask(line, "/v1/tag", pngs[0]).status == 200
    assert running.reached == ["/health", "/v1/tag"]
    line.close()
    counted = running.door.metrics.text({})
    assert 'hangtag_requests_total{method="POST",route="/v1/tag",status="503"} 2' in counted


def test_one_client_that_fills_its_share_is_told_so(running, pngs):
    running.door.line.inside = running.door.line.each
    running.door.line._of["owner"] = running.door.line.each
    line = HTTPConnection("127.0.0.1", running.port, timeout=30)
    answer = running.ask(line, "/v1/tag", pngs[0])
    assert answer.status == 429
    assert b"of yours" in answer.said
    assert running.reached == []
    line.close()


@pytest.mark.parametrize(
    ("said", "status"), [({"authorization": "Bearer wrong"}, 401), ({"host": "elsewhere"}, 421)]
)
def test_whoever_may_not_ask_is_not_told_that_it_is_full(running, pngs, said, status):
    running.fill()
    line = HTTPConnection("127.0.0.1", running.port, timeout=30)
    assert running.ask(line, "/v1/tag", pngs[0], **said).status == status
    line.close()


def test_a_client_that_ends_its_connection_sees_it_end(running, pngs):
    running.fill()
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as line:
        host = f"127.0.0.1:{running.port}"
        head = (
            f"POST /v1/tag HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer token\r\n"
            f"Connection: close\r\nContent-Length: {len(pngs[0])}\r\n\r\n"
        )
        line.sendall(head.encode() + pngs[0])
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"\r\nconnection: close\r\n" in answer
