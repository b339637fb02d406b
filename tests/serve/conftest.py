"""A shop of 300 digits that a model has tagged, served by a process of its own over a socket."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

import hangtag


@dataclass
class Server:
    """A server that runs."""

    process: subprocess.Popen
    url: str
    token: str
    place: Path

    @property
    def address(self) -> str:
        return self.url.partition("/?")[0]

    def http(self, token: str | None = None, **headers: str) -> httpx.Client:
        said = {"authorization": f"Bearer {token or self.token}"} | headers
        return httpx.Client(base_url=self.address, headers=said, timeout=30, verify=False)

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        self.process.stdout.close()
        return self.process.wait(60)


def serve(place: Path, *words: str) -> Server:
    command = [
        sys.executable,
        "-m",
        "hangtag",
        "serve",
        str(place),
        "--port",
        "0",
        "--json",
        *words,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    lines = ""
    while not lines.endswith("}\n"):
        line = process.stdout.readline()
        assert line, "the server ended before it said where it is"
        lines += line
    said = json.loads(lines)
    server = Server(process, said["url"], said["token"], place)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if httpx.get(f"{server.address}/ready").status_code == 200:
                return server
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server was not ready in a minute")


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("served") / "run"
    run = hangtag.train("digits", model="linear", c=[0.1], out=place)
    hangtag.evaluate(run)
    return place


@pytest.fixture(scope="session")
def tagged_shop(tmp_path_factory, model) -> Path:
    """A catalogue to copy from."""
    place = tmp_path_factory.mktemp("shop") / "shop.db"
    shop = hangtag.create_catalog(place)
    hangtag.import_items(shop, source=hangtag.load("digits", limit=300))
    hangtag.tag_catalog(shop, model=model, threshold=0.8)
    shop.close()
    return place


@pytest.fixture(scope="session")
def served(tagged_shop) -> Iterator[Server]:
    """One server for all tests that only look, or tidy up behind themselves."""
    server = serve(tagged_shop)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="session")
def own_server(tagged_shop, tmp_path_factory) -> Iterator[Server]:
    """A server on a copy of the shop, for tests that change it: each its own items."""
    place = tmp_path_factory.mktemp("changed") / "shop.db"
    shutil.copy(tagged_shop, place)
    server = serve(place)
    yield server
    assert server.stop() == 0


@pytest.fixture
def fresh_server(tagged_shop, tmp_path) -> Iterator[Server]:
    """A server on a copy of the shop, for a test that depends on what others would change."""
    place = tmp_path / "shop.db"
    shutil.copy(tagged_shop, place)
    server = serve(place)
    yield server
    assert server.stop() == 0


@pytest.fixture
def http(served) -> Iterator[httpx.Client]:
    with served.http() as client:
        yield client


@pytest.fixture(scope="session")
def pngs(digits) -> list[bytes]:
    """Twelve digits as files."""
    return [as_png(pixels[:, :, 0]) for pixels in digits.images[:12]]


def as_png(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
