"""Nothing leaves the machine: commands under ``strace``, in an empty home, open no socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")

STUDY = """
name: small
title: Small
source: digits
split: stratified:0.2
steps:
  look: {verb: explore, show: [samples]}
  nets: {verb: train, network: s2-mlp, options: {epochs: 1}}
"""
FEW = """
doctor
forest digits --limit 200 --n-estimators 3 --max-depth 3 --out forest
evaluate forest
report forest
tag forest images --out tags.csv
"""
ALL = """
explore digits --limit 200 --out explore.html
train digits --network s2-mlp --epochs 1 --limit 200 --out run
mixture digits --limit 200 --pca 3 --k 2 --class-conditional --out mixture
audit digits --limit 200 --out audit.html
reduce digits --sample 200 --out maps.html
cluster digits --limit 200 --k 3 --out clusters
tune digits --network s2-mlp --limit 200 --space dense.units=8,16 --trials 2 --epochs 1 --out tune
ablate digits --network s2-mlp --limit 200 --epochs 1 --change 'thin: dense.units=8' --out ablation
study run small.yaml --out study
demo --limit 200 --epochs 1 --out demo
catalog create shop.db
catalog import shop.db digits
catalog tag shop.db run --threshold 0.1
search shop.db --text 1
catalog export shop.db --out shop.csv
"""
SCRIPT = """
import shlex, sys
from hangtag.cli import main
for line in sys.argv[1].strip().splitlines():
    sys.argv = ["hangtag", *shlex.split(line)]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, line
"""


def traced(place: Path, code: str, *words: str) -> list[str]:
    """Run Python in an empty home folder; the lines of its trace that speak of the internet."""
    (place / "home").mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place / "home"),
        # A demonstration looks for its images first; where they are not here, it would fetch.
        "HANGTAG_DATA": os.environ.get("HANGTAG_DATA", ""),
    }
    command = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", "trace=socket", "-o", "trace"]
    done = subprocess.run(
        [*command, sys.executable, "-c", code, *words],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in (place / "trace").read_text().splitlines() if "AF_INET" in line]


def left_in_home(place: Path) -> set[str]:
    """Files under the home folder that are not in our own cache."""
    home = place / "home"
    files = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    return {name for name in files if not name.startswith(".cache/hangtag/")}


@pytest.fixture
def place(tmp_path, digits):
    from PIL import Image

    (tmp_path / "images").mkdir()
    Image.fromarray(digits.images[0].squeeze()).save(tmp_path / "images" / "0.png")
    (tmp_path / "small.yaml").write_text(STUDY)
    return tmp_path


def test_a_socket_to_the_internet_would_be_seen(tmp_path):
    seen = traced(tmp_path, "import socket; socket.socket(socket.AF_INET).close()")
    assert len(seen) == 1


def test_everyday_commands_open_no_socket_and_keep_nothing_outside_our_cache(place):
    assert traced(place, SCRIPT, FEW) == []
    assert left_in_home(place) == set()


@pytest.mark.torture
def test_fifteen_commands_open_no_socket_and_keep_nothing_outside_our_cache(place, fashion):
    assert traced(place, SCRIPT, FEW.rstrip() + ALL) == []
    assert left_in_home(place) == set()
