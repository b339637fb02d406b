"""Killed while it writes: nothing that was acknowledged is lost, and nothing is there twice."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.serve.conftest import serve

from hangtag.rooms import catalog

KILLS = int(os.environ.get("HANGTAG_KILLS", "50"))


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's list of processes")
def test_a_killed_server_leaves_no_process_behind(tagged_shop, tmp_path):
    place = tmp_path / "shop.db"
    shutil.copy(tagged_shop, place)
    server = serve(place, "--workers", "2")
    threads = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    children = [Path("/proc") / one for own in threads for one in own.read_text().split()]
    assert len(children) >= 2
    server.stop(signal.SIGKILL)
    until = time.monotonic() + 20
    while any(map(_runs, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_runs, children))


def _runs(process: Path) -> bool:
    """Whether a process is more than an entry that nobody has read yet."""
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.torture
def test_fifty_kills_lose_nothing_that_was_acknowledged(tagged_shop, tmp_path):
    place = tmp_path / "shop.db"
    shutil.copy(tagged_shop, place)
    acknowledged: dict[str, str] = {}
    unsure: dict[str, str] = {}
    for turn in range(KILLS):
        server = serve(place)
        # After the first few hundred milliseconds of writing, at another moment each time.
        threading.Timer(0.2 + turn % 10 / 10, server.stop, (signal.SIGKILL,)).start()
        with server.http() as http:
            for number in range(10_000):
                name, title = f"kill-{turn}-{number}", f"title {turn} {number}"
                key = {"idempotency-key": name}
                try:
                    answer = http.put(f"/v1/items/{name}", json={"title": title}, headers=key)
                except httpx.TransportError:
                    unsure[name] = title
                    break
                assert answer.status_code == 201
                acknowledged[name] = title
    server = serve(place)
    with server.http() as http:
        # What nobody heard of is asked once more, as a client would: then it is there once.
        for name, title in unsure.items():
            key = {"idempotency-key": name}
            answer = http.put(f"/v1/items/{name}", json={"title": title}, headers=key)
            assert answer.status_code in (200, 201)
    assert server.stop() == 0
    shop = catalog.open_catalog(place)
    assert catalog.check(shop) == []
    found = list(catalog.items(shop, catalog.numbers(shop)).values())
    titles = {one.external_id: one.title for one in found if one.external_id.startswith("kill-")}
    assert titles == acknowledged | unsure
    assert len(acknowledged) > KILLS
