"""What both benchmarks of searches share: contenders as processes, and their images."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

PEERS = Path(__file__).parent / "peers"
THEIRS = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
INSTALL = "python3 -m venv .venv-bench && .venv-bench/bin/pip install -r benchmarks/peers.txt"


def ours(program: str, asked: dict[str, Any], cache: Path) -> dict[str, Any]:
    """Run one of our programs, with an empty cache of compiled programs."""
    environment = os.environ | {"HANGTAG_CACHE": str(cache)}
    return _run([sys.executable, str(PEERS / program), json.dumps(asked)], environment)


def theirs(program: str, *words: object) -> dict[str, Any]:
    """Run one of the peers' programs in their environment."""
    if not THEIRS.exists():
        raise SystemExit(f"the peers are not installed: {INSTALL}")
    return _run([str(THEIRS), str(PEERS / program), *map(str, words)], dict(os.environ))


def _run(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{command[1]} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def write_training_data(
    place: Path, *, limit: int, split: str, standardise: bool
) -> dict[str, int]:
    """The very images that our search trains and validates on, as a peer takes them."""
    import hangtag
    from hangtag.estimators.trial_training import training_data
    from hangtag.rooms.load import fit_preprocessing

    images = hangtag.load("fashion-mnist", limit=limit)
    given = training_data(images, hangtag.split(images, split, seed=0))
    [(train, validate)] = given.folds
    prepare = fit_preprocessing(given.images[train], standardise=standardise)
    pixels = prepare.apply(given.images)
    np.savez(
        place,
        train=pixels[train],
        train_labels=given.labels[train],
        validation=pixels[validate],
        validation_labels=given.labels[validate],
        images=pixels.reshape(len(pixels), -1),
        labels=given.labels,
    )
    return {"train": len(train), "validation": len(validate)}


def row(name: str, done: dict[str, Any], base: float) -> str:
    """A line of the table."""
    ratio = base / done["seconds"]
    return (
        f"| {name} | {done['seconds']:.1f} | {ratio:.2f}× | {done['best']:.4f} | "
        f"{done['megabytes']:.0f} |"
    )
