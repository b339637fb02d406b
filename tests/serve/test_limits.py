"""Whoever sends slowly, or more than is taken, is told so, and holds no place for longer."""

from __future__ import annotations

import asyncio

import pytest

from hangtag.errors import TooLargeError
from hangtag.serve import limits
from hangtag.serve.problems import RefusedError
from hangtag.serve.table import Route

ROUTE = Route("POST", "/v1/tag", "tag", lambda: None, body=1000)


async def read(scope, receive, send):
    """What is behind the limits: it reads a body to its end, and answers with its size."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    await send({"size": size})


def asked(*, piece, every, pieces, headers=()):
    """Send `pieces` of a body, one each `every` seconds; what is answered, and the seconds."""
    sent = 0

    async def receive():
        nonlocal sent
        await asyncio.sleep(every)
        sent += 1
        return {"type": "http.request", "body": piece, "more_body": sent < pieces}

    async def send(message):
        told.append(message)

    told = []
    scope = {"type": "http", "route_asked": ROUTE, "headers": list(headers)}
    asyncio.run(limits.Limits(read)(scope, receive, send))
    return told


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(limits, "SILENCE", 0.2)
    monkeypatch.setattr(limits, "WHOLE", 0.6)


def test_a_body_that_comes_in_time_is_read_to_its_end():
    assert asked(piece=b"abc", every=0.0, pieces=50) == [{"size": 150}]


@pytest.mark.parametrize(("every", "pieces"), [(30.0, 1), (0.05, 1000)])
@pytest.mark.usefixtures("quick")
def test_a_long_silence_and_a_drop_at_a_time_are_told_408(every, pieces):
    with pytest.raises(RefusedError, match="too slowly") as error:
        asked(piece=b"a", every=every, pieces=pieces)
    assert error.value.status == 408


def test_a_body_that_does_not_say_how_long_it_is_ends_where_the_limit_is():
    with pytest.raises(TooLargeError, match="1 kB"):
        asked(piece=b"a" * 300, every=0.0, pieces=1000)


def test_one_that_says_it_is_too_long_is_answered_before_a_byte_is_read():
    said = [(b"content-length", b"2000000000")]
    start, body = asked(piece=b"", every=30.0, pieces=1, headers=said)
    assert start["status"] == 413
    assert (b"connection", b"close") in start["headers"]
    assert b"1 kB" in body["body"]
