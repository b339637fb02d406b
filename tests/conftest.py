"""What every test can use: the real data sets, and a place for caches that is not the user's."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

MOST = 2_000_000_000
"""Bytes of memory that no process of the tests may ever have taken."""

MOST_KEPT = 1_000_000_000
"""Bytes of memory with which a process goes on to the next file of tests."""


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
        monkeypatch.delenv("HANGTAG_SEED", raising=False)
        yield


@pytest.fixture(autouse=True, scope="module")
def compiled_programs():
    """Compiled programs of one file of tests are no use to the next, and add up to gigabytes."""
    yield
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if sys.platform == "linux" else 0
    if "jax" in sys.modules and pages * os.sysconf("SC_PAGE_SIZE") > MOST_KEPT:
        import jax

        jax.clear_caches()
        gc.collect()
        # What is freed stays with the process otherwise: hundreds of megabytes in small pieces.
        ctypes.CDLL(None).malloc_trim(0)


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


PEAKS = pytest.StashKey[dict[str, tuple[int, str]]]()

_peak = (0, "nothing")


def _most() -> int:
    """Bytes: the most memory that this process has ever taken."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own if sys.platform == "darwin" else own * 1024


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item):
    """The test under which a process took its most memory is remembered."""
    global _peak
    if _most() > _peak[0]:
        _peak = (_most(), item.nodeid)


def pytest_sessionfinish(session: pytest.Session):
    """A process says how much memory it took; together they fail if one took too much."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak"] = _peak
        return
    peaks = session.config.stash.setdefault(PEAKS, {}) or {"this process": _peak}
    session.config.stash[PEAKS] = peaks
    if max(peaks.values())[0] > MOST and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """A worker has ended."""
    peaks = node.config.stash.setdefault(PEAKS, {})
    peaks[node.gateway.id] = getattr(node, "workeroutput", {}).get("peak", (0, "nothing"))


def pytest_terminal_summary(terminalreporter, config: pytest.Config):
    """One line: the most memory each process took."""
    peaks = config.stash[PEAKS]
    told = ", ".join(
        f"{name} {peak / 1e9:.2f} GB in {test}" for name, (peak, test) in sorted(peaks.items())
    )
    over = max(peaks.values())[0] > MOST
    terminalreporter.write_line(
        f"most memory: {told}" + (f"; more than {MOST / 1e9:g} GB is a failure" if over else ""),
        red=over,
    )
