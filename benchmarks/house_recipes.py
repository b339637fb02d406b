"""The house recipes on Fashion-MNIST: what each reaches on the test split, and how long it takes.

Every training is ``hangtag train`` as anybody would type it, in a process of its own, from start to
bundle; ``hangtag evaluate`` then opens the test split. HANGTAG_BENCH_RECIPES and
HANGTAG_BENCH_SEEDS choose fewer of them, HANGTAG_BENCH_SOURCE another set, and
HANGTAG_BENCH_PLAIN=0 leaves out the trainings without native kernels.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

TITLE = "House recipes: accuracy against time"
SOURCE = os.environ.get("HANGTAG_BENCH_SOURCE", "fashion-mnist")
RECIPES = os.environ.get("HANGTAG_BENCH_RECIPES", "fast,balanced,best").split(",")
SEEDS = int(os.environ.get("HANGTAG_BENCH_SEEDS", "3"))
PLAIN = os.environ.get("HANGTAG_BENCH_PLAIN", "1") == "1"
HANGTAG = Path(sys.executable).with_name("hangtag")


class Training(NamedTuple):
    """One training: its accuracies, seconds from start to bundle, and the most memory it took."""

    test: float
    validation: float
    seconds: float
    megabytes: float


def run() -> str:
    """Train every recipe with every seed, and once without native kernels; a Markdown table."""
    lines = [_what_was_done(), "", *_HEAD]
    for recipe in RECIPES:
        native = [_train(recipe, seed, native=True) for seed in range(SEEDS)]
        plain = _train(recipe, 0, native=False) if PLAIN else None
        lines.append(_row(recipe, native, plain))
    return "\n".join(lines)


_HEAD = (
    "| recipe | test accuracy, mean (each) | validation accuracy, mean | seconds (lowest–highest) "
    "| seconds without native kernels | test accuracy without | peak MB |",
    "|---|---|---|---|---|---|---|",
)


def _what_was_done() -> str:
    cores = len(os.sched_getaffinity(0))
    return (
        f"`hangtag train {SOURCE} --network RECIPE` with {SEEDS} seeds on {cores} cores, by the "
        "clock from the start of the process to the finished bundle, and `hangtag evaluate`. Each "
        "recipe validates on the last 5,000 training images; validation accuracy is of single "
        "images, test accuracy of what the bundle answers. Without native kernels: seed 0."
    )


def _row(recipe: str, native: list[Training], plain: Training | None) -> str:
    tests = ", ".join(f"{100 * one.test:.2f}" for one in native)
    seconds = [one.seconds for one in native]
    cells = (
        f"`{recipe}`",
        f"**{100 * statistics.mean(one.test for one in native):.2f} %** ({tests})",
        f"{100 * statistics.mean(one.validation for one in native):.2f} %",
        f"{statistics.median(seconds):.0f} ({min(seconds):.0f}–{max(seconds):.0f})",
        "not run" if plain is None else f"{plain.seconds:.0f}",
        "not run" if plain is None else f"{100 * plain.test:.2f} %",
        f"{max(one.megabytes for one in native):.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _train(recipe: str, seed: int, *, native: bool) -> Training:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "run"
        sys.stderr.write(f"{recipe}, seed {seed}, {'native' if native else 'XLA'}\n")
        words = ["train", SOURCE, "--network", recipe, "--seed", seed, "--out", place]
        began = time.perf_counter()
        told, megabytes = _hangtag(*words, native=native)
        seconds = time.perf_counter() - began
        found, _ = _hangtag("evaluate", place, native=native)
        accuracy = found["scores"]["accuracy"]["value"]
        return Training(accuracy, told["last"]["val_accuracy"], seconds, megabytes)


def _hangtag(*words: object, native: bool) -> tuple[dict, float]:
    """What the command tells as JSON, and its peak memory in MB."""
    environment = os.environ | {"HANGTAG_NATIVE": "1" if native else "0", "JAX_PLATFORMS": "cpu"}
    command = [str(HANGTAG), *map(str, words), "--json"]
    with tempfile.TemporaryFile() as heard:
        process = subprocess.Popen(command, stdout=heard, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        heard.seek(0)
        return json.loads(heard.read()), usage.ru_maxrss / 1000


if __name__ == "__main__":
    print(run())
