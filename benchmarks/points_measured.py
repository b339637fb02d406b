"""Time, memory and quality of work on the images as points, ours and a peer's in turn."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_AROUND = """
import json, resource, time, warnings
warnings.simplefilter("ignore")
import numpy as np
{setup}
_began = time.perf_counter()
{work}
_seconds = time.perf_counter() - _began
_peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([_seconds, _peak, {{{quality}}}]))
"""

SIGN_TRAIN = """
import hangtag
from sklearn.model_selection import StratifiedShuffleSplit
from hangtag.geometry import fit_pca
images = hangtag.load("sign-mnist")
train = images.parts["train"].stop
halves = StratifiedShuffleSplit(1, test_size=0.2, random_state=22)
kept, _ = next(halves.split(images.images[:train], images.labels[:train]))
kept = kept[:{count}]
labels = images.labels[kept]
axes = fit_pca(images.images[kept], share=0.95)
points = axes.transform(images.images[kept]) / np.float32(255)
"""
"""The Sign study's training images after PCA to 95 % of the variance, as `points`."""

QUALITY = (
    '"trustworthiness": trustworthiness(points, result), '
    '"class agreement": class_agreement(result, labels)'
)


@dataclass(frozen=True)
class Way:
    """A way to do the work.

    Attributes:
        name: As the table calls it.
        setup: Imports and data, not timed.
        work: What is timed.
        quality: ``"name": expression`` pairs, measured after the clock has stopped.
    """

    name: str
    setup: str
    work: str
    quality: str = ""


@dataclass(frozen=True)
class Measured:
    """Of all repeats of a way: every time, the highest memory, the last quality."""

    seconds: tuple[float, ...]
    peak: float
    quality: dict[str, Any]


def race(ways: Sequence[Way], repeats: int) -> list[Measured]:
    """Run the ways in turn, each in a fresh process, `repeats` times."""
    rounds = [[_once(way) for way in ways] for _ in range(repeats)]
    return [
        Measured(
            tuple(one[at][0] for one in rounds),
            max(one[at][1] for one in rounds),
            rounds[-1][at][2],
        )
        for at in range(len(ways))
    ]


def table(ways: Sequence[Way], measured: Sequence[Measured]) -> str:
    """Markdown: one row a way, ratios to the first."""
    names = list(dict.fromkeys(name for one in measured for name in one.quality))
    ours = statistics.median(measured[0].seconds)
    lines = [
        "| way | seconds (least–most) | times ours | peak memory |"
        + "".join(f" {name} |" for name in names),
        "|---|---|---|---|" + "---|" * len(names),
    ]
    for way, one in zip(ways, measured, strict=True):
        middle = statistics.median(one.seconds)
        cells = "".join(f" {_number(one.quality.get(name))} |" for name in names)
        lines.append(
            f"| {way.name} | {middle:.2f} ({min(one.seconds):.2f}–{max(one.seconds):.2f})"
            f" | {middle / ours:.1f} | {one.peak / 1e6:,.0f} MB |{cells}"
        )
    return "\n".join(lines)


def need_data() -> None:
    """Stop the benchmark with a sentence when the real data is not there."""
    if not os.environ.get("HANGTAG_DATA"):
        raise SystemExit("set HANGTAG_DATA to a folder with fashion-mnist/ and sign-mnist/")


def _number(value: float | str | None) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _once(way: Way) -> tuple[float, float, dict[str, Any]]:
    code = _AROUND.format(setup=way.setup, work=way.work, quality=way.quality)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{way.name} failed:\n{done.stderr[-2000:]}")
    seconds, peak, quality = json.loads(done.stdout.splitlines()[-1])
    return seconds, peak, quality
