"""Nine commands on a disk that is really full: a sentence, exit code 1, and what was there stays.

A disk in memory is mounted, which needs root. The disk is filled so far that nothing, or a third of
what the command wrote when it had room, is left; caches lie on it as well.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.torture.full_disk import Disk, disk_of

pytestmark = pytest.mark.torture

STUDY = """
name: small
title: Small
about: [Two steps.]
source: digits
split: stratified:0.2
seeds: [0]
steps:
  look: {verb: explore, show: [samples, classes]}
  nets: {verb: train, network: s2-mlp, options: {epochs: 1}}
"""
COMMANDS = {
    "train": "train digits --network s0-cnn --epochs 1 --seed 7 --out {disk}/train",
    "forest": "forest digits --n-estimators 5,10 --max-depth 3,6 --out {disk}/forest",
    "tag": "tag {here}/run {here}/shop --out {disk}/tags.csv",
    "report": "report {disk}/evaluated",
    "evaluate": "evaluate {disk}/run",
    "tune": "tune digits --network s2-mlp --space batch_size=64,128 --method grid --epochs 1"
    " --out {disk}/tune",
    "study": "study run {here}/small.yaml --out {disk}/study",
    "cluster": "cluster digits --k 5 --pca 5 --n-init 2 --out {disk}/clusters",
    "audit": "audit digits --limit 300 --out {disk}/audit.html",
}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A run, a study and images to tag, where there is room."""
    place = tmp_path_factory.mktemp("here")
    done = command("train digits --network s0-cnn --epochs 1 --seed 7 --out {here}/run", place)
    assert done.returncode == 0, done.stderr
    shutil.copytree(place / "run", place / "evaluated")
    done = command("evaluate {here}/evaluated", place)
    assert done.returncode == 0, done.stderr
    (place / "small.yaml").write_text(STUDY)
    (place / "shop").mkdir()
    for number in range(40):
        image = Image.fromarray(np.full((8, 8), 6 * number, np.uint8))
        image.save(place / "shop" / f"{number}.png")
    return place


@pytest.fixture
def disk(tmp_path):
    with disk_of(256 << 20, tmp_path / "disk") as made:
        yield made


def command(words, here, disk=None):
    at = here / "cache" if disk is None else disk / "cache"
    environment = os.environ | {"HANGTAG_CACHE": str(at), "HANGTAG_RUNS": str(at.parent / "runs")}
    argv = [word.format(here=here, disk=disk) for word in words.split()]
    return subprocess.run(
        [sys.executable, "-m", "hangtag", *argv],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def contents(place: Path) -> dict[str, str]:
    return {
        str(file.relative_to(place)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(place.rglob("*"))
        if file.is_file() and file.name != "filling"
    }


def emptied(disk: Disk, here: Path, name: str) -> None:
    """The disk as it was before the command ran on it."""
    for one in disk.place.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    for run in ("run", "evaluated"):
        if f"{{disk}}/{run}" in COMMANDS[name]:
            shutil.copytree(here / run, disk.place / run)
    (disk.place / "kept.txt").write_text("an earlier result")


@pytest.mark.parametrize("proportion", [0.0, 0.3])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_a_sentence_and_leaves_what_was_there(here, disk, name, proportion):
    emptied(disk, here, name)
    before = disk.used
    assert command(COMMANDS[name], here, disk.place).returncode == 0
    needed = disk.used - before
    emptied(disk, here, name)
    earlier = contents(disk.place)
    disk.fill(leave=int(proportion * needed))
    done = command(COMMANDS[name], here, disk.place)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1, done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(said) == 1
    assert "the disk is full" in said[0] or "No space left" in said[0]
    after = contents(disk.place)
    assert {name: after.get(name) for name in earlier} == earlier


@pytest.mark.parametrize("name", COMMANDS)
def test_with_room_again_the_same_command_goes_on(here, disk, name):
    emptied(disk, here, name)
    disk.fill(leave=0)
    assert command(COMMANDS[name], here, disk.place).returncode == 1
    disk.free()
    again = command(COMMANDS[name], here, disk.place)
    assert again.returncode == 0, again.stderr
