"""Training the studies' networks: Hangtag on plain XLA, Keras on TensorFlow and JAX, PyTorch.

Every contender is a process of its own (``benchmarks/peers``) that trains a few epochs and times
each; the first epoch, which compiles, is left out. Contenders take turns, round after round. More
images and rounds: ``HANGTAG_BENCH_SHARE=1`` (of the studies' images), ``HANGTAG_BENCH_ROUNDS=3``.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers_environment import python

TITLE = "Training: an epoch of the studies' networks on a CPU, without native kernels"
PEERS = Path(__file__).parent / "peers"
PART = float(os.environ.get("HANGTAG_BENCH_SHARE", "0.1"))
ROUNDS = int(os.environ.get("HANGTAG_BENCH_ROUNDS", "2"))
EPOCHS = 4
OURS = "Hangtag"
CONTENDERS = (OURS, "Keras/TensorFlow", "Keras/JAX", "PyTorch eager", "PyTorch compiled")
TOO_SLOW = {("Keras/JAX", "conv")}
"""Keras on JAX takes minutes for an epoch of a convolutional network here; it is left out."""

_CONV32 = ["conv", 32, 3, "same"]
_POOL = ["pool", 2, 2]
_END = [["dense", 10, "softmax"]]


def _ladder(*filters: int) -> list[list]:
    return [one for n in filters for one in (["conv", n, 3, "same"], _POOL, ["drop", 0.2])]


def _dense(*units: int) -> list[list]:
    return [["flatten"], *(["dense", n, "relu"] for n in units), *_END]


class Task(NamedTuple):
    """A network as the peers' scripts read it, and how many images the study trains on."""

    layers: list[list]
    batch: int
    images: int
    rows: tuple[int, int] = (0, 28)


TASKS = {
    "S3 MLP, half images, batch 32": Task(_dense(128, 64, 32), 32, 50_000, (0, 14)),
    "S2 MLP, batch 128": Task(_dense(128, 64), 128, 45_000),
    "S0 CNN, batch 32": Task(
        [
            *(["conv", 28, 3, "valid"], _POOL, ["conv", 56, 3, "valid"], ["flatten"]),
            *(["dense", 56, "relu"], *_END),
        ],
        32,
        48_000,
    ),
    "S2 CNN 1, batch 128": Task(
        [
            *(["conv", 64, 3, "same"], _POOL, _CONV32, _POOL, ["flatten"]),
            *(["dense", 64, "relu"], *_END),
        ],
        128,
        45_000,
    ),
    "S2 CNN 4, batch 128": Task(
        [
            *(*_ladder(32, 32, 64, 128), ["flatten"], ["norm"], ["dense", 128, "relu"]),
            *(["drop", 0.2], *_END),
        ],
        128,
        45_000,
    ),
    "S4 CNN, batch 128": Task(
        [
            *(_CONV32, ["pool", 1, 2], ["conv", 64, 3, "same"], ["pool", 1, 2], ["flatten"]),
            *(["dense", 128, "tanh"], *_END),
        ],
        128,
        48_000,
    ),
}


class Measured(NamedTuple):
    """Seconds of a warm epoch of the images used, in every round, and memory at its highest."""

    wall: list[float]
    processor: list[float]
    peak_mb: list[float]
    first_step: list[float]


def run() -> str:
    """Measure and describe."""
    limit = sgemm_limit()
    sections = [_section(name, task, limit) for name, task in TASKS.items()]
    return "\n\n".join([_opening(limit), *sections, _many()])


def sgemm_limit() -> float:
    """GFLOP/s of the better of NumPy's and XLA's product of two 2048×2048 float32 matrices."""
    return float(_output([sys.executable, PEERS / "sgemm.py"], {})["gflops"])


def _section(name: str, task: Task, limit: float) -> str:
    n = max(int(task.images * PART) // task.batch, 4) * task.batch
    kinds = {layer[0] for layer in task.layers}
    racing = [one for one in CONTENDERS if not any((one, kind) in TOO_SLOW for kind in kinds)]
    found = {one: Measured([], [], [], []) for one in racing}
    for _ in range(ROUNDS):
        for contender in racing:
            answer = _run(contender, task, n)
            sys.stderr.write(f"{name}, {contender}: {min(answer['wall'][1:]):.3f} s\n")
            _keep(found[contender], answer)
    ours = statistics.median(found[OURS].wall)
    best = min(statistics.median(found[one].wall) for one in racing if one != OURS)
    proportion = operations(task) * n / ours / 1e9 / limit
    rows = [_row(one, found[one], ours) for one in racing]
    head = "| | seconds (lowest–highest) | times Hangtag's | processor seconds | peak MB |"
    return "\n".join(
        [
            f"**{name}**, {n:,} images: {best / ours:.1f}× the best peer, "
            f"{proportion:.0%} of the `sgemm` limit",
            *("", head, "|---|---|---|---|---|", *rows),
        ]
    )


def _keep(found: Measured, answer: dict) -> None:
    found.wall.extend(answer["wall"][1:])
    found.processor.extend(answer["processor"][1:])
    found.peak_mb.append(answer["peak_mb"])
    found.first_step.append(answer.get("first_step", 0.0))


def _row(contender: str, found: Measured, ours: float) -> str:
    wall = statistics.median(found.wall)
    spread = f"{wall:.3f} ({min(found.wall):.3f}–{max(found.wall):.3f})"
    processor = statistics.median(found.processor)
    peak = max(found.peak_mb)
    return f"| {contender} | {spread} | {wall / ours:.2f} | {processor:.3f} | {peak:.0f} |"


def _run(contender: str, task: Task, n: int) -> dict:
    network = json.dumps(task._asdict() | {"optimizer": "adam"})
    numbers = [str(EPOCHS), str(n)]
    if contender == OURS:
        return _output(
            [sys.executable, PEERS / "ours.py", network, *numbers], {"HANGTAG_NATIVE": "0"}
        )
    kind, _, detail = contender.partition("/")
    if kind == "Keras":
        backend = {"KERAS_BACKEND": detail.lower()}
        return _output([python(), PEERS / "keras_fit.py", network, *numbers], backend)
    mode = contender.split()[1]
    return _output([python(), PEERS / "torch_loop.py", network, *numbers, mode], {})


def _output(command: list, environment: dict[str, str]) -> dict:
    done = subprocess.run(
        list(map(str, command)),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[1]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def operations(task: Task) -> float:
    """Floating-point operations of one image's training step in convolutions and dense layers.

    Values that no layer reads (a pool of 1×1 with strides) are not counted, and neither is the
    gradient of the images themselves.
    """
    high, wide, channels = task.rows[1] - task.rows[0], 28, 1
    total, features, first = 0.0, 0, True
    for layer, behind in zip(task.layers, [*task.layers[1:], ["end"]], strict=True):
        kind = layer[0]
        if kind == "conv":
            lost = 0 if layer[3] == "same" else layer[2] - 1
            high, wide = high - lost, wide - lost
            unread = behind[2] ** 2 if behind[:2] == ["pool", 1] else 1
            forward = 2 * high * wide * layer[2] ** 2 * channels * layer[1] / unread
            total, channels, first = total + forward * (2 if first else 3), layer[1], False
        elif kind == "pool":
            high, wide = (high - layer[1]) // layer[2] + 1, (wide - layer[1]) // layer[2] + 1
        elif kind == "dense":
            features = features or high * wide * channels
            total, features, first = (
                total + 2 * features * layer[1] * (2 if first else 3),
                layer[1],
                False,
            )
    return total


def _many() -> str:
    """Six S1 networks together against one after another, with Hangtag both ways."""
    told = [_six(native=False), _six(native=True)]
    plain, native = (apart for _, apart, _ in told)
    text = "; ".join(
        f"{'with the native kernels' if one else 'on plain XLA'} together {together:.1f} s, one "
        f"after another {apart:.1f} s: {apart / together:.2f}×"
        for one, (_, apart, together) in enumerate(told)
    )
    return (
        f"**Six S1 networks** (784–200–50–25, batch 32, learning rates 1e-3, 1e-5, 1e-9 and two "
        f"seeds, {told[0][0]}, programs from the cache): {text}. Against one after another on "
        f"plain XLA, together with kernels is {plain / told[1][2]:.1f}×, one after another with "
        f"them {plain / native:.1f}×."
    )


def _six(*, native: bool) -> tuple[str, float, float]:
    """What is trained, and median seconds of one after another and of all together."""
    rounds = [
        _output([sys.executable, PEERS / "many.py"], {"HANGTAG_NATIVE": str(int(native))})
        for _ in range(ROUNDS)
    ]
    apart, together = (
        statistics.median(one[key] for one in rounds) for key in ("apart", "together")
    )
    return f"{rounds[0]['epochs']} epochs of {rounds[0]['images']:,} images", apart, together


def _opening(limit: float) -> str:
    return (
        f"Warm epochs on {PART:.0%} of each study's images, no validation pass, {ROUNDS} rounds "
        f"of {EPOCHS - 1} epochs in turn; accuracy and loss kept by all. The `sgemm` limit is "
        f"{limit:.0f} GFLOP/s (2048×2048, the better of NumPy and XLA, same minutes). Processor "
        "seconds are the steadier figure where other work shares the cores."
    )


if __name__ == "__main__":
    print(run())
