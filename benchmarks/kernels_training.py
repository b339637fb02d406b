"""The studies' networks, trained with the native kernels, without, and by peers.

Every contender is a process of its own (``benchmarks/peers``) that trains a few epochs and times
them; the first, which compiles, is left out. Contenders take turns, round after round.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from benchmarks.train_speed import operations, sgemm_limit

TITLE = "Native kernels: training the studies' networks on a CPU"
PEERS = Path(__file__).parent / "peers"
THEIRS = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
IMAGES = int(os.environ.get("HANGTAG_BENCH_IMAGES", "12000"))
EPOCHS = 3
ROUNDS = int(os.environ.get("HANGTAG_BENCH_ROUNDS", "3"))

SAME = "same"
POOL = ["pool", 2, 2]


DENSE_IMAGES = 5
"""How many times as many images networks of dense layers train on: their steps are short."""


def _network(batch: int, *layers: list, rows: tuple[int, int] = (0, 28)) -> dict:
    ends = ["dense", 10, "softmax"]
    return {"rows": rows, "batch": batch, "optimizer": "adam", "layers": [*layers, ends]}


def _dense(*units: int) -> list[list]:
    return [["flatten"], *(["dense", count, "relu"] for count in units)]


def _ladder(*filters: int, drop: float) -> list[list]:
    blocks = [[["conv", count, 3, SAME], POOL, ["drop", drop]] for count in filters]
    return [layer for block in blocks for layer in block]


NETWORKS = {
    "s3-mlp": _network(32, *_dense(128, 64, 32), rows=(0, 14)),
    "s2-mlp": _network(128, *_dense(128, 64)),
    "s0-cnn": _network(
        32, ["conv", 28, 3, "valid"], POOL, ["conv", 56, 3, "valid"], ["flatten"],
        ["dense", 56, "relu"],
    ),
    "s2-cnn1": _network(
        128, ["conv", 64, 3, SAME], POOL, ["conv", 32, 3, SAME], POOL, ["flatten"],
        ["dense", 64, "relu"],
    ),
    "s2-cnn2": _network(
        128, ["conv", 32, 3, SAME], POOL, ["conv", 64, 3, SAME], POOL, ["drop", 0.2], ["norm"],
        ["conv", 128, 3, SAME], ["conv", 128, 3, SAME], POOL, ["drop", 0.2], ["flatten"],
        ["norm"], ["dense", 512, "relu"], ["drop", 0.2],
    ),
    "s2-cnn3": _network(
        128, *_ladder(32, 64, 128, drop=0.3), ["flatten"], ["norm"], ["dense", 128, "relu"],
        ["drop", 0.3],
    ),
    "s2-cnn4": _network(
        128, *_ladder(32, 32, 64, 128, drop=0.2), ["flatten"], ["norm"], ["dense", 128, "relu"],
        ["drop", 0.2],
    ),
    "s4-cnn": _network(
        128, ["conv", 32, 3, SAME], ["pool", 1, 2], ["conv", 64, 3, SAME], ["pool", 1, 2],
        ["flatten"], ["dense", 128, "tanh"],
    ),
}  # fmt: skip


class Contender(NamedTuple):
    """Who trains: a program in ``peers``, its last arguments, its interpreter and environment."""

    name: str
    program: str
    words: tuple[str, ...] = ()
    python: Path = Path(sys.executable)
    environment: dict[str, str] = {}  # noqa: RUF012 - never changed


CONTENDERS = (
    Contender("native", "ours.py", environment={"HANGTAG_NATIVE": "1"}),
    Contender("native, AVX2", "ours.py", environment={"HANGTAG_NATIVE_ISA": "avx2"}),
    Contender("XLA", "ours.py", environment={"HANGTAG_NATIVE": "0"}),
    Contender("PyTorch eager", "torch_loop.py", ("eager",), THEIRS),
    Contender("PyTorch compiled", "torch_loop.py", ("compiled",), THEIRS),
    Contender("Keras/TensorFlow", "keras_fit.py", (), THEIRS, {"KERAS_BACKEND": "tensorflow"}),
    Contender("Keras/JAX", "keras_fit.py", (), THEIRS, {"KERAS_BACKEND": "jax"}),
)
DENSE_ONLY = {"Keras/JAX"}
"""Too slow to wait for with convolutions."""


class Times(NamedTuple):
    """Seconds of a warm epoch, one for each measured: by the clock, and of all processors."""

    wall: list[float]
    processor: list[float]


def run() -> str:
    """Train every network by everyone in turn; Markdown with the ratios."""
    chosen = os.environ.get("HANGTAG_BENCH_NETWORKS", ",".join(NETWORKS)).split(",")
    found = {name: _measure(NETWORKS[name]) for name in chosen}
    tables = [*_table(found, 0), "", *_table(found, 1), "", *_proportions(found)]
    return "\n".join([_what_was_done(), "", *tables])


def _proportions(found: dict[str, dict[str, Times]]) -> list[str]:
    """How much of what the cores can do each of our ways does; no way can do twice what is left."""
    limit = sgemm_limit()
    names = [one.name for one in CONTENDERS if one.program == "ours.py"]
    lines = [f"| of the `sgemm` limit | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for network, times in found.items():
        task = NETWORKS[network]
        images = IMAGES * (DENSE_IMAGES if _is_dense(task) else 1)
        work = operations(SimpleNamespace(**task)) * images / 1e9
        seconds = (statistics.median(times[name].wall) for name in names)
        cells = (f"{work / one:.0f} GFLOP/s, {work / one / limit:.0%}" for one in seconds)
        lines.append(f"| {network} | {' | '.join(cells)} |")
    return [
        f"Floating-point operations a second by the textbook's count, and as a proportion of what "
        f"product of two 2048 × 2048 matrices reaches here ({limit:.0f} GFLOP/s, the better of "
        "NumPy and XLA, behind the races). Products with the zeros around an image count although "
        "the kernels skip them, so small images can go beyond it. The bar of three times our XLA "
        "path is out of reach wherever that path does more than a third of what the cores can.",
        "",
        *lines,
    ]


def _measure(task: dict) -> dict[str, Times]:
    times: dict[str, Times] = {}
    racing = [one for one in CONTENDERS if _is_dense(task) or one.name not in DENSE_ONLY]
    for _ in range(ROUNDS):
        for one in racing:
            heard = _train(one, task)
            if heard is None:
                continue
            held = times.setdefault(one.name, Times([], []))
            held.wall.extend(heard["wall"][1:])
            held.processor.extend(heard["processor"][1:])
    return times


def _is_dense(task: dict) -> bool:
    return all(kind != "conv" for kind, *_ in task["layers"])


def _train(one: Contender, task: dict) -> dict | None:
    images = IMAGES * (DENSE_IMAGES if _is_dense(task) else 1)
    words = [one.python, PEERS / one.program, json.dumps(task), EPOCHS, images, *one.words]
    done = subprocess.run(
        [str(word) for word in words],
        env=os.environ | {"JAX_PLATFORMS": "cpu", "HANGTAG_NATIVE": "1"} | one.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip() or "nothing said").splitlines()[-1]
        sys.stderr.write(f"{one.name} did not train: {last}\n")
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def _what_was_done() -> str:
    cores = len(os.sched_getaffinity(0))
    return (
        f"Seconds for one warm epoch of {IMAGES} Fashion-MNIST images ({DENSE_IMAGES} times as "
        f"many for networks of dense layers alone), median of {ROUNDS} × {EPOCHS - 1} (lowest to "
        f"highest), {cores} cores; in brackets how many times "
        "as long as with the native kernels. Dropout and batch normalisation are those of the "
        "documents. PyTorch runs channels-last, its faster layout on a CPU. The second table "
        "counts the seconds of all processors: what is left of the comparison when other programs "
        "take turns on the machine."
    )


def _table(found: dict[str, dict[str, Times]], which: int) -> list[str]:
    names = [one.name for one in CONTENDERS]
    kind = ("by the clock", "of all processors")[which]
    lines = [f"| seconds {kind} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for network, times in found.items():
        base = statistics.median(times[names[0]][which]) if names[0] in times else None
        cells = [_cell(times.get(name), which, base) for name in names]
        lines.append(f"| {network} | {' | '.join(cells)} |")
    return lines


def _cell(times: Times | None, which: int, base: float | None) -> str:
    if times is None:
        return "–"
    seconds = times[which]
    middle = statistics.median(seconds)
    ratio = f" [{middle / base:.1f}×]" if base else ""
    return f"{middle:.2f} ({min(seconds):.2f}–{max(seconds):.2f}){ratio}"


if __name__ == "__main__":
    print(run())
