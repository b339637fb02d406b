"""What every test can use: the real data sets, and a place for caches that is not the user's."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

CHROMIUM = Path("/usr/bin/chromium")

pytest_plugins = ["worker_memory"]

# Else every worker rewrites the assertions of all files anew each time, for seven seconds. Only of
# this process: what others leave behind is a promise of some tests.
sys.dont_write_bytecode = False

# Workers take all processors. Two threads of one product then wait for each other, and they wait by
# asking again and again: a factorization took ten times its work. Said before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure(config: pytest.Config):
    """Programs are compiled without costly optimizations: to compile them takes most of the time.

    What users' programs are is shown by the demonstration, the benchmarks and the torture.
    """
    if config.getoption("markexpr") == "not torture":
        os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
    # How long an example takes says how busy the machine is.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("busy")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: tests wait for other processes a quarter of the time."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else 2


@pytest.fixture(autouse=True, scope="session")
def places(tmp_path_factory: pytest.TempPathFactory, worker_id: str):
    """Caches and runs go to a temporary folder; the user's own are never touched.

    Workers share compiled programs and nothing else.
    """
    base = tmp_path_factory.getbasetemp()
    programs = (base if worker_id == "master" else base.parent) / "compiled programs"
    programs.mkdir(exist_ok=True)
    (base / "cache").mkdir()
    (base / "cache" / "xla").symlink_to(programs, target_is_directory=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HANGTAG_CACHE", str(base / "cache"))
        monkeypatch.setenv("HANGTAG_RUNS", str(base / "runs"))
        monkeypatch.setenv("HANGTAG_ENCODERS", str(base / "encoders"))
        monkeypatch.delenv("HANGTAG_SEED", raising=False)
        yield


def _known(name: str, folder: str):
    data = os.environ.get("HANGTAG_DATA", "")
    if not data or not (Path(data) / folder).is_dir():
        pytest.skip(f"needs {name}: set HANGTAG_DATA to a folder that has {folder}/")
    import hangtag

    return hangtag.load(name)


@pytest.fixture(scope="session")
def fashion():
    """The 70,000 images of Fashion-MNIST."""
    return _known("fashion-mnist", "fashion-mnist")


@pytest.fixture(scope="session")
def sign():
    """The 34,627 images of Sign-Language-MNIST."""
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
    split = hangtag.split(hangtag.load("digits"), "auto", seed=0)
    saved = load.save_split(split, place / "split.npz")
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


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Debian's chromium; one for all tests, since only one can be driven at a time."""
    from playwright.sync_api import sync_playwright

    options = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(options))
        yield found
        found.close()
