"""A sweep in a fresh process, ours and scikit-learn's in turn: seconds, memory, results.

Wall and processor seconds are both kept: on a busy machine, the processor seconds of two ways on
one thread each can still be compared.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FULL = os.environ.get("HANGTAG_BENCH_FULL", "") == "1"
"""Whether peers run their whole sweep and not the stated part of it; hours for the forests."""

_AROUND = """
import json, resource, time
{setup}
began, used = time.perf_counter(), time.process_time()
{work}
wall, processor = time.perf_counter() - began, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([wall, processor, peak, {facts}]))
"""

POINTS = """
import numpy as np, hangtag
from hangtag.geometry import fit_pca
images = hangtag.load("sign-mnist")
from hangtag.rooms.load import split
division = split(images, "stratified:0.2", seed=22)
"""
"""The sign-language images, divided as the S1 study divides them."""

SAMPLE = (
    POINTS
    + """
chosen = np.random.default_rng(0).choice(division.train, 10_000, replace=False)
points = fit_pca(images.images[chosen], share=0.95).transform(images.images[chosen])
points = points.astype(np.float64)
"""
)
"""10,000 random training images on the axes of 95 % of their variance."""


@dataclass(frozen=True)
class Way:
    """A way to do the work.

    Attributes:
        name: As the table calls it.
        setup: What is not timed.
        work: What is.
        facts: An expression of what came out, JSON-ready.
    """

    name: str
    setup: str
    work: str
    facts: str


@dataclass(frozen=True)
class Measured:
    """What one way took and gave: a value per repeat of the seconds, the highest peak in MB."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]
    peak: float
    facts: Any

    @property
    def seconds(self) -> float:
        """The median of the wall seconds."""
        return statistics.median(self.wall)

    def __str__(self) -> str:
        return (
            f"{self.seconds:.1f} ({min(self.wall):.1f}–{max(self.wall):.1f}) "
            f"| {statistics.median(self.processor):.1f} | {self.peak:.0f} MB"
        )


def in_turn(ways: Sequence[Way], repeats: int = 3) -> list[Measured]:
    """Run the ways one after the other, `repeats` times, each in a fresh process."""
    if not os.environ.get("HANGTAG_DATA"):
        raise SystemExit("set HANGTAG_DATA to a folder that has sign-mnist/")
    rounds = [[_once(way) for way in ways] for _ in range(repeats)]
    found = []
    for at in range(len(ways)):
        wall, processor, peak, facts = zip(*(one[at] for one in rounds), strict=True)
        found.append(Measured(wall, processor, max(peak), facts[-1]))
    return found


HEAD = "| way | seconds (least–most) | processor seconds | peak memory |"


def _once(way: Way) -> tuple[float, float, float, Any]:
    code = _AROUND.format(setup=way.setup, work=way.work, facts=way.facts)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
    )
    if done.returncode:
        raise SystemExit(f"{way.name} failed:\n{done.stderr[-2000:]}")
    wall, processor, peak, facts = json.loads(done.stdout.splitlines()[-1])
    return wall, processor, peak, facts
