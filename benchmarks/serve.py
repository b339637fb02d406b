"""Tagging over HTTP against tagging in this process, and against LitServe.

The load comes from a process of its own that speaks HTTP over plain sockets, since a comfortable
client would take as much of the two cores as the server. An open loop asks at its rate whether
answers come or not, and a request's time counts from when it was due: a server that falls behind
cannot hide it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np

import hangtag
from benchmarks import peers_environment
from hangtag.rooms import load as load_room
from hangtag.rooms import tag as tag_room

TITLE = "Tagging over HTTP"
SECONDS = int(os.environ.get("HANGTAG_BENCH_SECONDS", "20"))
RATES = (50, 100, 150, 450)
"""A second. The bar names 150; 450 are three times that."""
MANY = 64
PEERS = Path(__file__).parent / "peers"
CONNECTIONS = 48
BOUND = b"hangtag-benchmark"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def run() -> str:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        images = hangtag.load("fashion-mnist", limit=2000)
        hangtag.train(images, network="s0-cnn", options={"epochs": 1}, out=place)
        pngs = [_png(one[:, :, 0]) for one in images.images[:256]]
        inside = _in_process(place, pngs)
        server, token, port, cold = _started(place)
        try:
            rows, capacity = _measured(server.pid, port, token, pngs)
        finally:
            server.terminate()
            server.wait(40)
        theirs = _theirs(place / "bundle" / "model.onnx", pngs)
    return _told(inside, cold, rows, capacity, theirs)


def _theirs(model: Path, pngs: list[bytes]) -> list[str]:
    """The same model, images and load with LitServe, which asks for no token."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    began = time.perf_counter()
    words = [peers_environment.python(), PEERS / "served.py", model, port]
    given = [str(one) for one in words]
    server = subprocess.Popen(given, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not _answers(port):
            time.sleep(0.05)
        cold = time.perf_counter() - began
        rows, _ = _one_at_a_time(port, [_request(port, "", [each]) for each in pngs[:64]])
        rows.append(f"| ready after {cold:.1f} s, memory {_resident(server.pid):.0f} MB | | | | |")
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # its workers outlive its own end
        server.wait(40)
    return rows


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _measured(pid: int, port: int, token: str, pngs: list[bytes]) -> tuple[list[str], float]:
    """Rows of the table, and images a second with 64 a call."""
    one = [_request(port, token, [each]) for each in pngs[:64]]
    many = [_request(port, token, pngs[n : n + MANY]) for n in range(0, 256, MANY)]
    rows, rate = _one_at_a_time(port, one)
    before = _resident(pid)
    flood = _elsewhere(_open, port, one, float(SECONDS), int(3 * rate), 4 * CONNECTIONS)
    # Until the last answer, not until the last question: what is late is no goodput.
    lasted = max(number / (3 * rate) + late for number, (_, late) in enumerate(flood))
    good = sum(status == 200 for status, _ in flood) / max(SECONDS, lasted)
    rows.append(_row(f"three times that: {good / rate:.0%} of it answered", flood))
    rows.append(
        f"| memory before and after the flood | {before:.0f} → {_resident(pid):.0f} MB | | | |"
    )
    batches = _elsewhere(_closed, port, many, SECONDS / 2, 2)
    capacity = MANY * sum(status == 200 for status, _ in batches) / (SECONDS / 2)
    rows.append(_row(f"{MANY} images a call: {capacity:.0f} images a second", batches))
    return rows, capacity


def _one_at_a_time(port: int, requests: list[bytes]) -> tuple[list[str], float]:
    """Rows of one image a request, at every rate and as fast as it goes, and that rate."""
    _elsewhere(_closed, port, requests, 3.0, 4)  # warm
    rows = [
        _row(f"{rate} a second", _elsewhere(_open, port, requests, float(SECONDS), rate))
        for rate in RATES
    ]
    most = _elsewhere(_closed, port, requests, SECONDS / 2, 16)
    rate = sum(status == 200 for status, _ in most) / (SECONDS / 2)
    rows.append(_row(f"16 at once, as fast as it goes: {rate:.0f} a second", most))
    return rows, rate


def _row(name: str, answers: list[tuple[int, float]]) -> str:
    good = [1000 * seconds for status, seconds in answers if status == 200]
    refused = [1000 * seconds for status, seconds in answers if status in (429, 503)]
    others = len(answers) - len(good) - len(refused)
    median, late = np.percentile(good, [50, 99]) if good else (np.nan, np.nan)
    slow = f"{np.percentile(refused, 99):.0f}" if refused else "–"
    return (
        f"| {name} | {median:.0f} / {late:.0f} | {len(good):,} | {len(refused):,} ({slow}) "
        f"| {others} |"
    )


def _told(inside: float, cold: float, rows: list[str], capacity: float, theirs: list[str]) -> str:
    table, their_table = "\n".join(rows), "\n".join(theirs)
    return f"""A network on 28×28 images (`s0-cnn`), PNG files, two decoding processes.

| load | ms, median / 99 % | answered | refused (ms, 99 %) | other |
|---|---|---|---|---|
{table}

In one process, the same files in batches of {MANY}: {inside:,.0f} images a second; over HTTP
{capacity / inside:.0%} of that. From the command to `/ready`: {cold:.1f} s. Open loops:
{SECONDS} s; the load shares the two cores with the server, and the machine's load average
was {os.getloadavg()[1]:.1f} then: what waits for others' work is in every time above.

The same model, files and load with LitServe as its documentation has it: one worker that answers
up to 16 images in one call, the model by onnxruntime, no token, no limit of size, no cap on the
memory of decoding:

| load | ms, median / 99 % | answered | refused (ms, 99 %) | other |
|---|---|---|---|---|
{their_table}"""


def _in_process(place: Path, pngs: list[bytes]) -> float:
    model = hangtag.open_bundle(place)
    files = [(str(n), one) for n, one in enumerate(pngs[:MANY])]
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS / 2:
        read = load_room.read_files(files, model.preprocessing)
        done += len(list(tag_room.tag(model, read)))
    return done / (time.perf_counter() - began)


def _started(place: Path) -> tuple[subprocess.Popen[str], str, int, float]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "hangtag", "serve", str(place), "--port", "0", "--json"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    lines = ""
    while not lines.endswith("}\n"):
        lines += server.stdout.readline()
    said = json.loads(lines)
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{said['port']}/ready")
            return server, said["token"], said["port"], time.perf_counter() - began
        except OSError:
            time.sleep(0.05)


def _request(port: int, token: str, pngs: list[bytes]) -> bytes:
    body = b""
    for number, one in enumerate(pngs):
        name = f'form-data; name="picture"; filename="{number}.png"'
        body += b"--" + BOUND + f"\r\nContent-Disposition: {name}\r\n\r\n".encode() + one + b"\r\n"
    body += b"--" + BOUND + b"--\r\n"
    head = (
        f"POST /v1/tag HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUND.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _elsewhere(work, *given):
    """Carry out a load in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_run, (work, given))


def _run(work, given):
    return work(*given)


def _open(
    port: int, requests: list[bytes], seconds: float, rate: int, connections: int = CONNECTIONS
) -> list[tuple[int, float]]:
    """Ask `rate` times a second, whatever is answered; the answers in the order of questions."""
    line = _Connections(port, connections)
    whole = int(seconds * rate)
    answers: list[tuple[int, float]] = [(0, 0.0)] * whole
    due = deque[int]()
    began, asked, done = time.perf_counter() + 0.1, 0, 0
    while done < whole:
        now = time.perf_counter()
        while asked < whole and began + asked / rate <= now:
            due.append(asked)
            asked += 1
        while due and line.free:
            number = due.popleft()
            line.ask(number, requests[number % len(requests)])
        following = began + asked / rate if asked < whole else now + 1.0
        for number, status in line.answers(max(0.0, following - time.perf_counter())):
            # From when it was due: what waits for a connection waits, too.
            answers[number] = (status, time.perf_counter() - began - number / rate)
            done += 1
    return answers


def _closed(
    port: int, requests: list[bytes], seconds: float, workers: int
) -> list[tuple[int, float]]:
    """Ask again as soon as there is an answer."""
    line = _Connections(port, workers)
    begun: dict[int, float] = {}
    answers: list[tuple[int, float]] = []
    until, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < until or begun:
        while line.free and time.perf_counter() < until:
            begun[number] = time.perf_counter()
            line.ask(number, requests[number % len(requests)])
            number += 1
        for one, status in line.answers(0.1):
            answers.append((status, time.perf_counter() - begun.pop(one)))
    return answers


class _Connections:
    """Connections that are kept, each with a question at a time; some 40 µs a question."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._epoll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._asked: dict[int, tuple[int, bytes]] = {}
        self.free: list[int] = []
        for _ in range(count):
            self._connect()

    def _connect(self) -> None:
        made = socket.create_connection(("127.0.0.1", self._port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets[made.fileno()] = made
        self._epoll.register(made.fileno(), select.EPOLLIN)
        self.free.append(made.fileno())

    def ask(self, number: int, request: bytes) -> None:
        at = self.free.pop()
        self._asked[at] = (number, b"")
        self._sockets[at].sendall(request)

    def answers(self, seconds: float) -> Iterator[tuple[int, int]]:
        """Number and status of what is answered by then; 0 where a connection was ended."""
        for at, _ in self._epoll.poll(seconds):
            if at not in self._asked:  # ended while nothing was asked
                self._ended(at)
                continue
            number, before = self._asked[at]
            got = self._sockets[at].recv(1 << 16)
            held = before + got
            head, parted, body = held.partition(b"\r\n\r\n")
            size = _LENGTH.search(head) if parted else None
            if not got:
                del self._asked[at]
                self._ended(at)
                yield number, 0
            elif size is not None and len(body) >= int(size[1]):
                del self._asked[at]
                self.free.append(at)
                yield number, int(head.split(b" ", 2)[1])
            else:
                self._asked[at] = (number, held)

    def _ended(self, at: int) -> None:
        self._epoll.unregister(at)
        self._sockets.pop(at).close()
        if at in self.free:
            self.free.remove(at)
        self._connect()


def _resident(pid: int) -> float:
    """Megabytes of the server and its decoding processes."""
    tree = [pid]
    for one in tree:  # a process may have been begun by any of another's threads
        for each in Path(f"/proc/{one}/task").glob("*/children"):
            tree += map(int, each.read_text().split())
    pages = sum(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in tree)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image

    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
