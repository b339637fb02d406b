"""Seven commands under ``ulimit -v``: done, or a sentence and exit code 1, and never a hang."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.torture

LONGEST = 60.0  # seconds
LIMITS = (300, 500, 700, 900, 1200, 1600, 2000, 2500)
"""Megabytes of addresses: from too few for any command to enough for most."""
COMMANDS = {
    "info": "info {here}/shop",
    "train": "train digits --network s0-cnn --epochs 1 --out {out}/run",
    "forest": "forest digits --n-estimators 5 --max-depth 3 --out {out}/forest",
    "reduce": "reduce digits --sample 300 --out {out}/map.html",
    "cluster": "cluster digits --k 5 --pca 5 --n-init 2 --out {out}/clusters",
    "tag": "tag {here}/run {here}/shop --out {out}/tags.csv",
    "audit": "audit digits --limit 300 --out {out}/audit.html",
}
LIMITED = """
import resource, sys
most = int(sys.argv.pop(1)) * 10**6
resource.setrlimit(resource.RLIMIT_AS, (most, most))
from hangtag.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A run, and images to tag."""
    place = tmp_path_factory.mktemp("here")
    words = "train digits --network s0-cnn --epochs 1 --out {here}/run"
    done = limited(words, place, place, 1 << 20)
    assert done.returncode == 0, done.stderr
    draw = np.random.default_rng(0)
    for number in range(40):
        folder = place / "shop" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = draw.integers(0, 255, (2000, 2000)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png", compress_level=1)
    return place


def limited(words, here, out, megabytes):
    argv = [word.format(here=here, out=out) for word in words.split()]
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(megabytes), *argv],
        env=os.environ | {"HANGTAG_CACHE": str(out / "cache"), "HANGTAG_RUNS": str(out / "runs")},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_too_little_memory_is_a_sentence_and_no_hang(here, tmp_path, name):
    codes = []
    for megabytes in LIMITS:
        out = tmp_path / str(megabytes)
        out.mkdir()
        done = limited(COMMANDS[name], here, out, megabytes)
        told = f"{megabytes} MB: {done.returncode}\n{done.stderr[-2000:]}"
        codes.append(done.returncode)
        assert "Traceback" not in done.stderr, told
        assert done.returncode in (0, 1), told
        said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
        assert len(said) == done.returncode, told
        assert not [one for one in out.rglob(".partial-*") if done.returncode == 1], told
    assert codes[0] == 1
    assert codes == sorted(codes, reverse=True), "less memory did what more could not"
