"""No process of the tests may take more than 2 GB; each says under which test it took its most."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
from pathlib import Path

import pytest

# A sanitizer, under which calls are slowed, keeps a second account of all memory.
MOST = 2_000_000_000 if "HANGTAG_SLOWED" not in os.environ else 20_000_000_000
"""Bytes of memory that no process of the tests may ever have taken."""

MOST_KEPT = 700_000_000
"""Bytes of memory with which a process goes on to the next file of tests."""

MOST_WITHIN = 1_050_000_000
"""Bytes of memory with which a process goes on to the next test of the same file."""

WORTH = 150_000_000
"""Bytes by which it must have grown since memory was last given back: programs that are thrown
away are compiled anew when the next test of the file wants them."""

SPARE = 25_000_000
"""Bytes by which it must have grown, where what stays of a whole session is more than that."""

MOST_FROZEN = 850_000_000
"""Bytes of memory beyond which all of it is looked through, for what refers to itself."""

PEAKS = pytest.StashKey[dict[str, tuple[int, str]]]()

_peak = (0, "nothing")
_left = 0
_kept = 0


def _most() -> int:
    """Bytes: the most memory that this process has ever taken."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return own if sys.platform == "darwin" else own * 1024


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None):
    """The test under which a process took its most memory is remembered, and memory given back.

    Compiled programs of one file of tests are no use to the next, and add up to gigabytes.
    """
    global _peak, _left
    if _most() > _peak[0]:
        _peak = (_most(), item.nodeid)
    within = nextitem is not None and nextitem.path == item.path
    limit = max(MOST_WITHIN, _left + WORTH) if within else max(MOST_KEPT, _kept + SPARE)
    if "jax" in sys.modules and _now() > limit:
        _give_back(limit, within)
        _left = _now()


def make_room():
    """Before what takes most of a gigabyte of its own: nothing stays that can be given back."""
    if "jax" in sys.modules:
        _give_back(MOST_KEPT, within=True)


def _give_back(limit: int, within: bool):
    """What is free first, which costs nothing; then programs, and what refers to itself."""
    global _kept
    import jax

    _trim()
    if _now() <= limit:
        return
    jax.clear_caches()
    if "hangtag.rooms.train.shared" in sys.modules:  # programs that trainings share
        sys.modules["hangtag.rooms.train.shared"].forget_programs()
    if _now() > MOST_FROZEN:
        gc.unfreeze()
    gc.collect()
    if not within:
        # What is left now is modules and what the whole session shares. To walk over it again
        # at the end of each file took a tenth of all that the tests take.
        gc.freeze()
    _trim()
    if not within:
        _kept = _now()


def _trim():
    """What was freed stays with the process otherwise: hundreds of megabytes in small pieces."""
    ctypes.CDLL(None).malloc_trim(0)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """The tests and what they import stay: who looks for what refers to itself skips them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def _now() -> int:
    """Bytes: the memory that this process has; 0 where nobody tells."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


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
