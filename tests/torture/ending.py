"""Ends work at a named point, at a moment, or with a full disk, in a process of its own.

Processes are forked from one that has imported everything and computed nothing, so that one takes
a fraction of a second.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import re
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.torture.stores import Store

from hangtag import atomic

UNFORESEEN = 70  # the exit code of what no room foresaw: it counts as a traceback
FAILING = ("make", "write", "flush", "rename", "append", "remove")
"""Steps that ask something of the disk."""

Hook = Callable[[str, Path], None]


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (or minus the signal), and what it said."""

    code: int
    said: str

    @property
    def is_traceback(self) -> bool:
        return "Traceback (most recent call last)" in self.said or self.code == UNFORESEEN


def ended(work: Callable[[], object], home: Path, hook: Hook | None, after: float = 0.0) -> Ended:
    """Do work in a forked process, and kill it after some seconds if any are given."""
    said = home / "said.txt"
    said.write_text("")  # one may be killed before it has said anything
    pid = os.fork()
    if pid == 0:
        _child(work, home, said, hook)
    if after:
        _kill_after(pid, after)
    _, status = os.waitpid(pid, 0) if not after else (pid, _reaped.pop(pid))
    return Ended(os.waitstatus_to_exitcode(status), said.read_text(errors="replace"))


_reaped: dict[int, int] = {}


def _kill_after(pid: int, seconds: float) -> None:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            _reaped[pid] = status
            return
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)
    _reaped[pid] = os.waitpid(pid, 0)[1]


def _child(work: Callable[[], object], home: Path, said: Path, hook: Hook | None) -> None:
    code = 0
    try:
        descriptor = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        os.environ["HANGTAG_CACHE"] = str(home / "cache")
        os.environ["HANGTAG_RUNS"] = str(home / "runs")
        os.chdir(home)
        atomic.hook = hook
        work()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:  # noqa: BLE001 - told to whoever looks
        traceback.print_exc()
        code = 99
    finally:
        atomic.hook = None
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


class Points:
    """Writes down every point that work passes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, step: str, path: Path) -> None:
        with self.file.open("a") as file:
            file.write(f"{step}\t{named(path)}\n")


def named(path: Path) -> str:
    """A place as it is called in a table: without what is by chance in its name."""
    plain = re.sub(r"\.partial-[0-9a-f]{8}-", "", "/".join(path.parts[-2:]))
    plain = re.sub(r"jit_\w+-[0-9a-f]{64}-cache", "PROGRAM", plain)
    return re.sub(r"[0-9a-f]{16,}", "KEY", plain)


@dataclass
class Killer:
    """Kills its process at one point."""

    at: int
    seen: int = -1

    def __call__(self, step: str, path: Path) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class FullDisk:
    """Fails one step as a full or a broken disk does."""

    at: int
    number: int = errno.ENOSPC
    seen: int = -1

    def __call__(self, step: str, path: Path) -> None:
        if step in FAILING:
            self.seen += 1
            if self.seen == self.at:
                raise OSError(self.number, os.strerror(self.number), str(path))


def import_what_it_imports(store: Store, prepared: Path, home: Path) -> None:
    """Do the work once, and import here whatever it imported, so that no other process need to.

    Programs that are compiled on the way are kept for all that follow.
    """
    fresh(prepared, home, store)
    file = home / "modules.txt"

    def work() -> None:
        store.work(home / "place")
        file.write_text("\n".join(sys.modules))

    found = ended(work, home, None)
    assert found.code == 0, found.said
    for name in file.read_text().splitlines():
        # What is imported from the kernels lies over their modules of the same names.
        if name not in sys.modules and not name.startswith(("__main__", "hangtag_kernels")):
            with contextlib.suppress(Exception):  # a name that is no module's
                importlib.import_module(name)
    bridge = sys.modules.get("jax._src.xla_bridge")
    assert bridge is None or not bridge._backends, "a process with JAX's threads cannot be forked"


def points_of(store: Store, prepared: Path, home: Path) -> list[str]:
    """The points that a store's work passes, in order, each with a name of its own."""
    fresh(prepared, home, store)
    file = home / "points.txt"
    found = ended(lambda: store.work(home / "place"), home, Points(file))
    assert found.code == 0, found.said
    counts: Counter[str] = Counter()
    names = []
    for line in file.read_text().splitlines():
        step, _, place = line.partition("\t")
        counts[line] += 1
        names.append(f"{step} {place} #{counts[line]}")
    return names


def fresh(prepared: Path, home: Path, store: Store) -> None:
    """Put everything back to before the work; compiled programs stay, unless they are tortured."""
    programs = home / "cache" / "xla"
    kept = home.with_name(home.name + "-xla")
    if programs.is_dir() and store.name != "compiled programs":
        shutil.rmtree(kept, ignore_errors=True)
        programs.rename(kept)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    shutil.copytree(prepared, home / "place")
    if kept.is_dir():
        programs.parent.mkdir(parents=True)
        kept.rename(programs)


def orphans(home: Path) -> list[str]:
    """What killed processes left and nobody swept."""
    return [str(one.relative_to(home)) for one in home.rglob("*") if atomic.is_partial(one.name)]
