"""Two processes on one cache or download: the second waits, is refused, or is not in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from hangtag import atomic, settings
from hangtag.rooms.load.known import FASHION_MNIST

GZ = tuple(f"{name}.gz" for name in FASHION_MNIST.files)
LONGEST = 120.0  # seconds until a process that hangs fails its test


def start(place, *words, environment=None):
    own = {"HANGTAG_CACHE": str(place / "cache"), "HANGTAG_RUNS": str(place / "runs")}
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=place,
        env=os.environ | own | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    out, err = process.communicate(timeout=LONGEST)
    return process.returncode, out, err


def orphans(place):
    return [one for one in (place / "cache").rglob("*") if atomic.is_partial(one.name)]


class Slow(SimpleHTTPRequestHandler):
    """Sends the first file only when it is let go, and writes down what was asked for."""

    def do_GET(self):
        self.server.asked.append(self.path)
        self.server.begun.set()
        self.server.go.wait(LONGEST)
        super().do_GET()

    def log_message(self, *_):
        pass


@pytest.fixture
def server(fashion, tmp_path):
    data = settings.data_folder()
    folder = tmp_path / "mirror" / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in GZ:
        (folder / name).symlink_to(data / "fashion-mnist" / name)
    found = ThreadingHTTPServer(("127.0.0.1", 0), partial(Slow, directory=str(folder.parent)))
    found.asked, found.begun, found.go = [], threading.Event(), threading.Event()
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.go.set()
    found.shutdown()
    found.server_close()
    thread.join()


@pytest.fixture
def getting(server, tmp_path):
    """Start ``hangtag data get fashion-mnist`` on a machine that has it nowhere."""
    (tmp_path / "home").mkdir()
    environment = {
        "HOME": str(tmp_path / "home"),
        "HANGTAG_DATA": "",
        "HANGTAG_MIRROR": f"http://127.0.0.1:{server.server_port}",
        "PATH": str(tmp_path / "no-programs"),
    }
    words = ("-m", "hangtag", "data", "get", "fashion-mnist")
    return lambda: start(tmp_path, *words, environment=environment)


def test_a_second_download_is_refused_by_name_and_the_first_ends(server, getting, tmp_path):
    first = getting()
    assert server.begun.wait(LONGEST)
    began = time.monotonic()
    code, _, err = ended(getting())
    assert time.monotonic() - began < 5 + 10  # with the start of Python on a busy machine
    assert code == 1
    assert err.startswith(
        f"error: the download of Fashion-MNIST is in use by process {first.pid}\n"
    ), err
    server.go.set()
    assert ended(first)[0] == 0
    assert ended(getting())[0] == 0
    assert sorted(server.asked) == sorted(f"/fashion-mnist/{name}" for name in GZ)
    assert orphans(tmp_path) == []


def test_a_second_download_waits_for_one_that_is_nearly_done(server, getting, tmp_path):
    both = [getting(), getting()]
    assert server.begun.wait(LONGEST)
    time.sleep(1)
    server.go.set()
    assert [ended(one)[0] for one in both] == [0, 0]
    assert sorted(server.asked) == sorted(f"/fashion-mnist/{name}" for name in GZ)
    assert orphans(tmp_path) == []


def test_a_killed_download_leaves_nothing_behind_for_long(server, getting, tmp_path):
    first = getting()
    assert server.begun.wait(LONGEST)
    server.go.set()
    folder = tmp_path / "cache" / "data" / "fashion-mnist"
    while first.poll() is None and not orphans(tmp_path):
        time.sleep(0.001)
    first.kill()
    first.communicate()
    (folder / ".partial-01234567-cut.gz").write_bytes(b"cut")  # were it too quick to be killed
    (folder / GZ[1]).unlink(missing_ok=True)
    assert ended(getting())[0] == 0
    assert orphans(tmp_path) == []


def test_a_download_that_the_disk_has_damaged_is_fetched_again(server, getting, tmp_path):
    server.go.set()
    assert ended(getting())[0] == 0
    file = tmp_path / "cache" / "data" / "fashion-mnist" / GZ[1]
    file.write_bytes(file.read_bytes()[:-50])
    code, _, err = ended(getting())
    assert code == 0, err
    assert server.asked.count(f"/fashion-mnist/{GZ[1]}") == 2


SAME = """
import sys
import hangtag
from pathlib import Path
from hangtag import pace
pace.PERIOD = pace.FACTOR = 0
out = Path(sys.argv[2])
if sys.argv[1] == "forest":
    hangtag.grow_forest("digits", n_estimators=[3, 8], max_depths=[3, 6], limit=200, out=out)
elif sys.argv[1] == "mixture":
    hangtag.fit_mixture("digits", k=[3, 5, 8], n_init=3, pca=6, limit=200, out=out)
else:
    hangtag.train("digits", network="s2-mlp", options={"epochs": 1}, limit=120, seed=1, out=out)
    hangtag.evaluate(out)
"""


@pytest.mark.parametrize("kind", ["forest", "mixture"])
def test_two_of_the_same_share_what_is_kept_of_them(kind, tmp_path):
    both = [start(tmp_path, "-c", SAME, kind, name) for name in ("one", "two")]
    assert [ended(one)[0] for one in both] == [0, 0]
    weights = [tmp_path / name / "bundle" / "weights.safetensors" for name in ("one", "two")]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    left = [one.suffix for one in (tmp_path / "cache" / kind).iterdir()]
    assert left == ([".npz"] if kind == "forest" else [])


def test_two_trainings_share_compiled_programs_and_copies(tmp_path):
    words = ("-W", "error::UserWarning", "-c", SAME, "network")
    both = [start(tmp_path, *words, name) for name in ("one", "two")]
    assert [ended(one)[::2] for one in both] == [(0, ""), (0, "")]
    kept = {one.name for one in (tmp_path / "cache").iterdir()}
    assert {"xla", "copies"} <= kept
    assert orphans(tmp_path) == []
    weights = [tmp_path / name / "bundle" / "weights.safetensors" for name in ("one", "two")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


WRITING = """
import os, sys
from pathlib import Path
from hangtag import atomic
os.fsync = lambda descriptor: None
for number in range(400):
    atomic.write_bytes(Path("kept"), sys.argv[1].encode() * 3000)
    with atomic.folder(Path("folder")) as place:
        atomic.put(place / "inside", sys.argv[1].encode())
"""


def test_writers_of_one_place_do_not_sweep_each_other(tmp_path):
    writers = [start(tmp_path, "-c", WRITING, name) for name in "abc"]
    assert [ended(one)[::2] for one in writers] == [(0, "")] * 3
    whole = (tmp_path / "kept").read_bytes()
    assert whole in [name * 3000 for name in (b"a", b"b", b"c")]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "kept"]
