"""What every test can use: the real data sets, and a place for caches that is not the user's."""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@pytest.fixture(autouse=True, scope="session")
def places(tmp_path_factory: pytest.TempPathFactory):
    """Caches and runs go to a temporary folder; the user's own are never touched."""
    base = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HANGTAG_CACHE", str(base / "cache"))
        monkeypatch.setenv("HANGTAG_RUNS", str(base / "runs"))
        monkeypatch.delenv("HANGTAG_SEED", raising=False)
        yield


MOST_KEPT = 1_200_000_000
"""Bytes of memory with which a worker goes on to the next file of tests."""


@pytest.fixture(autouse=True, scope="module")
def compiled_programs():
    """Compiled programs of one file of tests are no use to the next, and add up to gigabytes."""
    yield
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if sys.platform == "linux" else 0
    if "jax" in sys.modules and pages * os.sysconf("SC_PAGE_SIZE") > MOST_KEPT:
        import jax

        jax.clear_caches()
        gc.collect()


def _known(name: str, folder: str):
    data = os.environ.get("HANGTAG_DATA", "")
    if not data or not (Path(data) / folder).is_dir():
        pytest.skip(f"needs {name}: set HANGTAG_DATA to a folder that has {folder}/")
    import hangtag

    return hangtag.load(name)


@pytest.fixture(scope="session")
def fashion():
    """The 70,000 pictures of Fashion-MNIST."""
    return _known("fashion-mnist", "fashion-mnist")


@pytest.fixture(scope="session")
def sign():
    """The 34,627 pictures of Sign-Language-MNIST."""
    return _known("sign-mnist", "sign-mnist")


@pytest.fixture(scope="session")
def digits():
    """The 1,797 digits that come with scikit-learn."""
    import hangtag

    return hangtag.load("digits")


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def hangtag_command(monkeypatch, capsys):
    """Run ``hangtag …`` in this process and give its exit code, output and errors."""
    from hangtag.cli import main

    def run(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["hangtag", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1 if stop.code else 0
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run


@pytest.fixture(scope="session")
def digit_runs(tmp_path_factory) -> dict[str, Path]:
    """Two networks with three seeds each, evaluated; they share the split of seed 0."""
    import hangtag
    from hangtag.rooms import load

    place = tmp_path_factory.mktemp("digit-runs")
    division = hangtag.split(hangtag.load("digits"), "auto", seed=0)
    saved = load.save_split(division, place / "split.npz")
    made = {}
    for network, epochs in (("s2-mlp", 8), ("s3-full", 2)):
        for seed in (0, 1, 2):
            name = f"{network}-{seed}"
            run = hangtag.train(
                "digits",
                network=network,
                split=f"saved:{saved}",
                options={"epochs": epochs, "batch_size": 32},
                seed=seed,
                out=place / name,
            )
            hangtag.evaluate(run.folder)
            made[name] = run.folder
    return made
