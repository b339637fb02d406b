from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from hangtag import locks
from hangtag.errors import BusyError

HOLDER = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from hangtag import locks\n"
    "with locks.held(Path(sys.argv[1]), 'run a'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(float(sys.argv[2]))\n"
)


@pytest.fixture
def holder(tmp_path):
    """Start a process that holds `tmp_path` for some seconds."""
    started = []

    def start(seconds):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(tmp_path), str(seconds)], stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_second_process_is_refused_by_name(holder, tmp_path):
    other = holder(60)
    began = time.monotonic()
    with (
        pytest.raises(BusyError, match=f"^run a is in use by process {other.pid}$"),
        locks.held(tmp_path, "run a", seconds=0.2),
    ):
        pass
    assert time.monotonic() - began < 2


def test_whether_a_place_is_held_is_seen_without_waiting_for_it(holder, tmp_path):
    assert not locks.is_held(tmp_path)
    assert not locks.is_held(tmp_path / "nowhere")
    other = holder(60)
    assert locks.is_held(tmp_path)
    other.kill()
    other.wait()
    assert not locks.is_held(tmp_path)


def test_who_ends_in_a_moment_is_waited_for(holder, tmp_path):
    holder(0.3)
    with locks.held(tmp_path, "run a", seconds=20):
        pass


def test_a_kill_lets_go(holder, tmp_path):
    other = holder(60)
    other.kill()
    other.wait()
    with locks.held(tmp_path, "run a", seconds=0):
        pass


def test_patience_ends_within_five_seconds():
    assert locks.PATIENCE < 5


def test_the_same_thread_may_hold_a_place_twice_and_keeps_it_to_the_end(tmp_path):
    with locks.held(tmp_path, "run a", seconds=0):
        with locks.held(tmp_path, "run a", seconds=0):
            pass
        assert _refused(tmp_path)
    assert not _refused(tmp_path)


def test_a_file_is_held_like_a_folder_and_nothing_is_left_behind(tmp_path):
    file = tmp_path / "journal"
    file.write_text("x")
    with locks.held(file, "search a", seconds=0):
        assert _refused(file)
    assert list(tmp_path.iterdir()) == [file]


def _refused(place) -> bool:
    """Whether another thread is refused."""
    answers = []

    def other():
        try:
            with locks.held(place, "run a", seconds=0):
                answers.append(False)
        except BusyError:
            answers.append(True)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    return answers[0]
