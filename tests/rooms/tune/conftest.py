"""Objectives that other processes can import, and a search run by a process of its own."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

OBJECTIVES = '''
import os
import signal
import sys
import time
from pathlib import Path


class Slow:
    """Notes down every trial that it begins and ends, and takes its time.

    With others it first waits until so many processes have begun one.
    """

    def __init__(self, folder, seconds=0.0, deadly=None, others=0):
        self.folder, self.seconds, self.deadly = str(folder), seconds, deadly
        self.others = others

    def __call__(self, parameters, watch):
        x = parameters["x"]
        self.note("began", x)
        last = time.monotonic() + 60
        while self.others and len(self.processes()) <= self.others and time.monotonic() < last:
            time.sleep(0.02)
        time.sleep(self.seconds)
        if x == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        self.note("ended", x)
        return -float((x - 3) ** 2)

    def processes(self):
        lines = (Path(self.folder) / "began").read_text().splitlines()
        return {line.split()[1] for line in lines if " " in line}

    def note(self, what, x):
        with open(Path(self.folder) / what, "a") as file:
            file.write(f"{x} {os.getpid()}\\n")


class Odd:
    """Raises what nobody foresaw, and calls for the end of the process."""

    def __call__(self, parameters, watch):
        if parameters["x"] == 1:
            raise KeyError("unforeseen")
        if parameters["x"] == 2:
            sys.exit(3)
        return 1.0


class Unopened:
    """Can be sent and not be opened at the other end."""

    def __setstate__(self, state):
        1 / 0

    def __getstate__(self):
        return {"some": "state"}

    def __call__(self, parameters, watch):
        return 0.0


def search(storage, folder, *, seconds=0.05, method="bayes", trials=12, **options):
    from hangtag.rooms.tune import space, tune

    return tune(
        Slow(folder, seconds), space("x=0:40"), method=method, trials=trials, seed=3,
        storage=storage, resume=True, **options,
    )


if __name__ == "__main__":
    search(sys.argv[1], sys.argv[2], workers=int(sys.argv[3]))
'''


@pytest.fixture(scope="session")
def objectives(tmp_path_factory):
    """A module of objectives, importable here and in worker processes."""
    folder = tmp_path_factory.mktemp("objectives")
    (folder / "tune_objectives.py").write_text(OBJECTIVES)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("tune_objectives")
    sys.path.remove(str(folder))


@pytest.fixture
def search_process(objectives):
    """Start a search in a process of its own."""

    def start(storage: Path, folder: Path, workers: int = 1) -> subprocess.Popen:
        words = [sys.executable, objectives.__file__, storage, folder, workers]
        return subprocess.Popen(
            [str(word) for word in words], env=os.environ.copy(), stderr=subprocess.PIPE, text=True
        )

    return start


def noted(folder: Path, what: str) -> list[int]:
    """The parameters that were begun or ended, in order."""
    place = folder / what
    lines = place.read_text().splitlines() if place.exists() else []
    return [int(line.split()[0]) for line in lines]


@pytest.fixture
def notes():
    return noted
