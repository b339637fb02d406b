"""``python -m tests.torture``: all stores, ended in every way, and a page of what came of it.

``--short`` takes quick stores and few points, for the ordinary tests; ``--only NAME`` one store.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

HEAVY = (
    "matplotlib.pyplot", "onnx", "onnxruntime", "optuna", "sklearn.cluster", "sklearn.ensemble",
    "hangtag.cli", "hangtag.rooms.tune.search", "hangtag.study", "hangtag.workbench.forest",
    "hangtag.workbench.report", "hangtag.workbench.tune",
)  # fmt: skip


def warm() -> None:
    """Import what a command would, so that forked processes need not; compute nothing."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    warnings.filterwarnings("ignore", message=".*fork.*")
    for name in HEAVY:
        importlib.import_module(name)


def main() -> None:
    """Read the words, torture, tell."""
    words = argparse.ArgumentParser()
    words.add_argument("--short", action="store_true")
    words.add_argument("--only", default="")
    words.add_argument("--points", type=int, help="to kill at, a store (default: all)")
    words.add_argument("--every", type=int, default=1, help="every Nth step fails once")
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--seconds", type=float, default=120.0, help="of random kills, a store")
    words.add_argument("--mutations", type=int, default=0, help="of a run's files, and no kills")
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    warm()
    from tests.torture.mutations import mutated, prepare
    from tests.torture.stores import STORES
    from tests.torture.trials import tortured

    chosen = [one for one in STORES if asked.only in one.name]
    plan = {
        "points": asked.points,
        "every": asked.every,
        "kills": asked.kills,
        "seconds": asked.seconds,
    }
    if asked.short:
        chosen = [one for one in chosen if one.name in SHORT]
    found: list[Any] = []
    if asked.mutations:
        chosen = []
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HANGTAG_CACHE"] = str(Path(folder) / "cache")
            prepare(Path(folder))
            found.append(mutated(Path(folder), asked.mutations))
    for store in chosen:
        with tempfile.TemporaryDirectory() as folder:
            options = SHORT[store.name] if asked.short else plan
            found.append(tortured(store, Path(folder), **options))
        sys.stderr.write(f"{store.name}: {len(found[-1].wrong)} wrong, {found[-1].seconds:.0f} s\n")
    text = json.dumps([vars(one) for one in found], indent=1)
    if asked.out is None:
        sys.stdout.write(text + "\n")
    else:
        asked.out.write_text(text)


SHORT: dict[str, dict[str, Any]] = {
    "bundle": {"points": 6, "every": 12, "kinds": (28,)},
    "checkpoint": {"points": 8, "every": 8, "kinds": (28,)},
    "search journal": {"points": 3, "every": 70, "kinds": (28,)},
    "run of a forest, and its cache": {"points": 4, "every": 40, "kinds": (28,)},
    "tags": {"points": 3, "every": 3, "kinds": (5,)},
}

if __name__ == "__main__":
    main()
