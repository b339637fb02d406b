"""A full disk and few open files, as the machine really has them; the long forms: tests/torture."""

from __future__ import annotations

import csv
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from tests.torture.full_disk import disk_of

import hangtag

WITH_FEW_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from hangtag.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """200 images, too large to be read at once, and a forest that knows them."""
    folder = tmp_path_factory.mktemp("limits")
    draw = np.random.default_rng(0)
    for number in range(200):
        for name, side in (("set", 520), ("small", 8))[: 1 + (number < 40)]:
            kind = folder / name / "ab"[number % 2]
            kind.mkdir(parents=True, exist_ok=True)
            pixels = draw.integers(0, 255, (side, side)).astype(np.uint8)
            Image.fromarray(pixels).save(kind / f"{number}.png", compress_level=0)
    hangtag.grow_forest(folder / "small", n_estimators=5, max_depths=3, out=folder / "run")
    return folder


def test_tags_on_a_full_disk_are_a_sentence_and_the_earlier_ones_stay(
    place, tmp_path, hangtag_command
):
    with disk_of(1 << 20, tmp_path / "disk") as disk:
        out = disk.place / "tags.csv"
        out.write_text("earlier\n")
        disk.fill(leave=0)
        done = hangtag_command("tag", place / "run", place / "set" / "a", "--out", out)
        assert done.code == 1
        assert done.err.startswith(f"error: {disk.place}: the disk is full\nhint: ")
        assert out.read_text() == "earlier\n"
        assert {one.name for one in disk.place.iterdir()} == {"tags.csv", "filling"}
        disk.free()
        assert hangtag_command("tag", place / "run", place / "set" / "a", "--out", out).code == 0


@pytest.mark.parametrize("verb", ["info", "tag"])
def test_200_images_are_read_with_64_open_files(place, tmp_path, verb):
    words = {
        "info": ["info", place / "set"],
        "tag": ["tag", place / "run", place / "set", "--out", tmp_path / "tags.csv"],
    }
    argv = [sys.executable, "-c", WITH_FEW_FILES, *map(str, words[verb])]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    if verb == "info":
        assert "used 200, unreadable 0, passed over 0" in done.stdout
    else:
        rows = list(csv.DictReader((tmp_path / "tags.csv").read_text().splitlines()))
        assert len(rows) == 200
        assert not any(row["error"] for row in rows)


def test_no_open_file_left_is_a_sentence_and_no_damaged_image(place, tmp_path):
    code = (
        "import os, resource\n"
        "from pathlib import Path\n"
        "from hangtag.errors import MachineError\n"
        "from hangtag.rooms.load import decoding\n"
        f"file = {str(place / 'set' / 'a' / '0.png')!r}\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))\n"
        "taken = []\n"
        "try:\n"
        "    while True:\n"
        "        taken.append(os.open(file, os.O_RDONLY))\n"
        "except OSError:\n"
        "    pass\n"
        "try:\n"
        "    decoding.facts(file)\n"
        "except MachineError as error:\n"
        "    print(error.message)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"{place}/set/a/0.png: too many files are open\n"
