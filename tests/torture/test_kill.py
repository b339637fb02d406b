"""Kill what works at random moments, again and again, and see that nothing is lost.

Run by ``make torture``, not by ``make test``: each test takes minutes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.torture

ROUNDS = 12
WORDS = ["--network", "s0-cnn", "--epochs", "6", "--seed", "7"]


def start(*words, place):
    environment = os.environ | {"HANGTAG_CACHE": str(place / "cache")}
    return subprocess.Popen(
        [sys.executable, "-m", "hangtag", *map(str, words)],
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*words, place):
    process = start(*words, place=place)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def kill_after(process, seconds) -> bool:
    """Whether it was still running when it was killed."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", range(3))
def test_training_killed_again_and_again_ends_with_the_very_same_weights(tmp_path, seed):
    finish("train", "digits", *WORDS, "--out", "whole", place=tmp_path)
    draw, kills = random.Random(seed), 0
    killed = start("train", "digits", *WORDS, "--out", "torn", place=tmp_path)
    kills += kill_after(killed, 12)
    for _ in range(ROUNDS):
        stage = tmp_path / "torn" / "run.json"
        if not stage.exists():
            killed = start("train", "digits", *WORDS, "--out", "torn", place=tmp_path)
        elif json.loads(stage.read_text())["stage"] == "training":
            killed = start("train", "--resume", "torn", place=tmp_path)
        else:
            break
        kills += kill_after(killed, draw.uniform(6, 14))
    if json.loads((tmp_path / "torn" / "run.json").read_text())["stage"] == "training":
        finish("train", "--resume", "torn", place=tmp_path)
    assert kills, "nothing was killed: make the training longer"
    weights = [
        (tmp_path / name / "bundle" / "weights.safetensors").read_bytes()
        for name in ("whole", "torn")
    ]
    assert weights[0] == weights[1]


def test_a_demonstration_killed_at_any_moment_can_be_run_again(tmp_path):
    draw, deadline = random.Random(0), time.monotonic() + 600
    kills = 0
    for _ in range(ROUNDS):
        kills += kill_after(start("demo", "--limit", 2000, place=tmp_path), draw.uniform(1, 25))
        assert time.monotonic() < deadline
    assert kills
    finish("demo", "--limit", 2000, place=tmp_path)
    names = {path.name for path in (tmp_path / "demo").iterdir()}
    assert {"run", "report.html", "tags.csv", "pictures"} <= names
    finish("evaluate", "demo/run", place=tmp_path)
