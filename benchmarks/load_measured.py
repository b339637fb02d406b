"""Time and peak memory of a piece of code in a fresh process, ours and a peer's in turn."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

OURS = Path(sys.executable)
PEERS = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
REPEATS = 5

_AROUND = """
import json, sys, time
def _memory(key):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))
{setup}
_before = _memory("VmRSS")
_began = time.perf_counter()
{work}
_seconds = time.perf_counter() - _began
assert {check}, "the work gave something else"
print(json.dumps([_seconds, _before, _memory("VmHWM")]))
"""


@dataclass(frozen=True)
class Contender:
    """A way to do the work.

    Attributes:
        name: As the table calls it.
        setup: Imports and warming up, not timed.
        work: What is timed; leaves its result in `result`.
        check: An expression on `result` that must hold.
        python: The interpreter, ours or the peers'.
    """

    name: str
    setup: str
    work: str
    check: str
    python: Path = OURS


@dataclass(frozen=True)
class Measured:
    """Medians of the repeats: seconds with their spread, bytes above the start, bytes in all."""

    seconds: float
    low: float
    high: float
    above: float
    peak: float


def race(contenders: list[Contender], repeats: int = REPEATS) -> list[Measured]:
    """Run the contenders in turn, `repeats` times each, every one in a fresh process."""
    rounds = [[_once(one) for one in contenders] for _ in range(repeats)]
    results = []
    for at in range(len(contenders)):
        seconds, before, peak = zip(*(one[at] for one in rounds), strict=True)
        above = [high - low for low, high in zip(before, peak, strict=True)]
        results.append(
            Measured(
                statistics.median(seconds),
                min(seconds),
                max(seconds),
                statistics.median(above),
                statistics.median(peak),
            )
        )
    return results


def table(contenders: list[Contender], results: list[Measured], n_bytes: int) -> str:
    """Markdown: one row a contender, ratios to the first."""
    lines = [
        "| way | seconds (least–most) | times ours | memory above the start | × the array |"
        " peak of the process |",
        "|---|---|---|---|---|---|",
    ]
    for one, measured in zip(contenders, results, strict=True):
        lines.append(
            f"| {one.name} | {measured.seconds:.2f} ({measured.low:.2f}–{measured.high:.2f}) "
            f"| {measured.seconds / results[0].seconds:.1f} | {measured.above / 1e6:.0f} MB "
            f"| {measured.above / n_bytes:.1f} | {measured.peak / 1e6:.0f} MB |"
        )
    return "\n".join(lines)


def data(folder: str) -> Path:
    """A folder of HANGTAG_DATA; stops the benchmark with a sentence when it is not there."""
    place = Path(os.environ.get("HANGTAG_DATA", "")) / folder
    if not os.environ.get("HANGTAG_DATA") or not place.is_dir():
        raise SystemExit(f"set HANGTAG_DATA to a folder that has {folder}/")
    return place


def need_peers() -> None:
    """Stop the benchmark with a sentence when the peers' environment is not there."""
    if not PEERS.exists():
        raise SystemExit(
            "the peers are not installed: python3 -m venv .venv-bench"
            " && .venv-bench/bin/pip install -r benchmarks/peers.txt"
        )


def _once(one: Contender) -> tuple[float, int, int]:
    code = _AROUND.format(setup=one.setup, work=one.work, check=one.check)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    done = subprocess.run(
        [str(one.python), "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise SystemExit(f"{one.name} failed:\n{done.stderr[-2000:]}")
    seconds, before, peak = json.loads(done.stdout.splitlines()[-1])
    return seconds, before, peak
