"""A shop's server for half an hour under everything it is asked: does its memory stay flat?

Four customers ask in turn, without a pause: images are tagged and searched, words found, items
listed, put, decided on, undone and taken out, and pages opened. What the server and its decoding
processes hold is looked at every ten seconds.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import numpy as np

import hangtag
from benchmarks.serve import _png, _resident, _started

TITLE = "Half an hour of a shop's server"
SECONDS = int(os.environ.get("HANGTAG_BENCH_SOAK", "1800"))
CUSTOMERS, LOOK, ITEMS = 4, 10.0, 2000


def run() -> str:
    """Make a shop, serve it, ask, and describe."""
    with tempfile.TemporaryDirectory() as folder:
        images = hangtag.load("fashion-mnist", limit=ITEMS)
        run = hangtag.train(
            images, network="s0-cnn", options={"epochs": 1}, out=Path(folder) / "run"
        )
        shop = hangtag.create_catalog(Path(folder) / "shop.db")
        hangtag.import_items(shop, source=images)
        hangtag.tag_catalog(shop, model=run)
        shop.close()
        server, token, port, _ = _started(Path(folder) / "shop.db")
        try:
            pngs = [_png(one[:, :, 0]) for one in images.images[:64]]
            names = [images.id_of(row) for row in range(len(images))]
            held, answers, times = _asked(server.pid, port, token, pngs, names)
        finally:
            server.terminate()
            server.wait(40)
    return _told(held, answers, times)


def _asked(
    pid: int, port: int, token: str, pngs: list[bytes], names: list[str]
) -> tuple[list[tuple[float, float]], Counter, list[float]]:
    """Seconds and megabytes of every look; answers by question and status; their seconds."""
    ended = threading.Event()
    answers: Counter = Counter()
    times: list[float] = []

    def customer(number: int) -> None:
        base = f"http://127.0.0.1:{port}"
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=base, headers=headers, timeout=60) as http:
            for what, question in _questions(number, http, pngs, names):
                began = time.perf_counter()
                status = question().status_code
                times.append(time.perf_counter() - began)
                answers[what, status] += 1
                if ended.is_set():
                    return

    threads = [threading.Thread(target=customer, args=(one,)) for one in range(CUSTOMERS)]
    for one in threads:
        one.start()
    held, began = [], time.perf_counter()
    while (now := time.perf_counter() - began) < SECONDS:
        held.append((now, _resident(pid)))
        time.sleep(LOOK)
    ended.set()
    for one in threads:
        one.join()
    return held, answers, times


def _questions(
    number: int, http: httpx.Client, pngs: list[bytes], names: list[str]
) -> Iterator[tuple[str, Callable[[], httpx.Response]]]:
    """What a customer asks, for ever."""
    for n in count(number, CUSTOMERS):
        file = {"picture": ("a.png", pngs[n % len(pngs)], "image/png")}
        item, own = names[n % len(names)], f"own-{number}-{n % 50}"
        decided = {"decisions": [{"item": item, "verdict": "accepted"}]}
        undone = {"decisions": [{"item": item, "verdict": "undone"}]}
        put = {"title": f"thing {n}", "price": 1 + n % 90}
        yield "tag", lambda file=file: http.post("/v1/tag", files=file)
        yield "search by image", lambda file=file: http.post("/v1/search", files=file)
        yield "search by words", lambda: http.post("/v1/search", params={"text": "thing"})
        yield "items", lambda n=n: http.get("/v1/items", params={"limit": 50, "q": str(n % 100)})
        yield "an item", lambda item=item: http.get(f"/v1/items/{item}")
        yield "similar", lambda item=item: http.get(f"/v1/items/{item}/similar")
        yield "put", lambda own=own, put=put: http.put(f"/v1/items/{own}", json=put)
        yield "decide", lambda decided=decided: http.post("/v1/decisions", json=decided)
        yield "undo", lambda undone=undone: http.post("/v1/decisions", json=undone)
        yield "take out", lambda own=own: http.delete(f"/v1/items/{own}")
        for page in ("/", "/catalog", "/review", "/models"):
            yield f"page {page}", lambda page=page: http.get(page)


def _told(held: list[tuple[float, float]], answers: Counter, times: list[float]) -> str:
    later = [one for one in held if one[0] >= held[-1][0] / 6]  # once caches are full
    at, much = np.asarray(later).T
    slope = np.polyfit(at / 3600, much, 1)[0]
    fifths = [float(np.median(one)) for one in np.array_split(much, 5)]
    wrong = {key: n for key, n in answers.items() if key[1] >= 400}
    rows = "\n".join(
        f"| {what} | {sum(n for (one, _), n in answers.items() if one == what):,} |"
        for what in dict.fromkeys(what for what, _ in answers)
    )
    middle, late = 1000 * np.quantile(times, [0.5, 0.99])
    return f"""{CUSTOMERS} customers without a pause for {held[-1][0] / 60:.0f} minutes, a catalog
of {ITEMS:,} items: {sum(answers.values()):,} questions, half answered within {middle:.0f} ms, a
hundredth after {late:.0f} ms; answers of 400 and above: {wrong or "none"}.

Memory of the server and its decoding processes, medians of each fifth after the first sixth of the
time: {" · ".join(f"{one:.0f}" for one in fifths)} MB, {slope:+.0f} MB an hour (bar: flat).

| question | asked |
|---|---|
{rows}"""


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
