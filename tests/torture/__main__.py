"""``python -m tests.torture``: all stores, ended in every way, and a page of what came of it.

``--short`` takes quick stores and few points, for the ordinary tests; ``--only NAME`` one store.
``--table FILES --into PAGE`` writes what earlier calls found into a page. Exit code 1: something
was wrong.
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

from tests.torture import table

HEAVY = (
    "matplotlib.pyplot", "onnx", "onnxruntime", "optuna", "sklearn.cluster", "sklearn.ensemble",
    "hangtag.cli",
)  # fmt: skip


KERAS = ("jax", "keras", "hangtag.rooms.train.trainer")
LONG = 4000.0
PLANS: dict[str, dict[str, Any]] = {
    "run of a network": {"every": 2},
    "study": {"points": 120, "every": 5},
}
"""Of which not every step can fail within the hour that all of it takes a core."""


def warm() -> None:
    """Import what a command would, so that forked processes need not; compute nothing.

    Whatever is written down from time to time is written down every time here.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["KERAS_BACKEND"] = "jax"
    os.environ["KERAS_HOME"] = tempfile.mkdtemp()
    warnings.filterwarnings("ignore", message=".*fork.*")
    for name in (*HEAVY, *KERAS):
        importlib.import_module(name)
    from hangtag import pace
    from hangtag.rooms.train import trainer

    pace.PERIOD = pace.FACTOR = trainer.CHECKPOINT_FACTOR = 0


def main() -> None:
    """Read the words, torture, tell."""
    words = argparse.ArgumentParser()
    words.add_argument("--short", action="store_true")
    words.add_argument("--only", default="", help="stores with this in their names")
    words.add_argument("--points", type=int, help="to kill at, a store (default: see PLANS)")
    words.add_argument("--every", type=int, help="every Nth step fails once (default: see PLANS)")
    words.add_argument("--kills", type=int, default=200)
    words.add_argument("--seconds", type=float, default=LONG, help="of random kills, a store")
    words.add_argument("--mutations", type=int, default=0, help="of a run's files, and no kills")
    words.add_argument("--out", type=Path, help="a file for what was found, as JSON")
    words.add_argument("--table", type=Path, nargs="*", default=[], help="such files: only tell")
    words.add_argument("--into", type=Path, help="a page whose tables are made anew")
    asked = words.parse_args()
    if not asked.table:
        asked.table = [found_by(asked)]
    tables = table.of(asked.table)
    sys.stdout.write(tables)
    if asked.into is not None:
        table.put(asked.into, tables)
    if table.wrong(asked.table):
        raise SystemExit(1)


def found_by(asked: argparse.Namespace) -> Path:
    """Torture as asked; the file of what was found."""
    warm()
    from tests.torture.mutations import mutated, prepare
    from tests.torture.stores import STORES
    from tests.torture.trials import tortured

    file = asked.out or Path(tempfile.mkdtemp()) / "found.json"
    found: list[Any] = []
    if asked.mutations:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["HANGTAG_CACHE"] = str(Path(folder) / "cache")
            prepare(Path(folder))
            found.append(mutated(Path(folder), asked.mutations))
        _write(file, found)
        return file
    chosen = [one for one in STORES if asked.only in one.name]
    if asked.short:
        chosen = [one for one in chosen if one.name in SHORT]
    for store in chosen:
        own = {name: getattr(asked, name) for name in ("points", "every")}
        given = {name: value for name, value in own.items() if value is not None}
        plan = {
            "kills": asked.kills,
            "seconds": asked.seconds,
            **PLANS.get(store.name, {}),
            **given,
        }
        with tempfile.TemporaryDirectory() as folder:
            options = SHORT[store.name] if asked.short else plan
            found.append(tortured(store, Path(folder), **options))
        sys.stderr.write(f"{store.name}: {len(found[-1].wrong)} wrong, {found[-1].seconds:.0f} s\n")
        _write(file, found)
    return file


def _write(file: Path, found: list[Any]) -> None:
    told = [{**vars(one), "machine": table.machine()} for one in found]
    file.write_text(json.dumps(told, indent=1))


SHORT: dict[str, dict[str, Any]] = {
    "bundle": {"points": 6, "every": 12, "kinds": (28,)},
    "checkpoint": {"points": 8, "every": 8, "kinds": (28,)},
    "search journal": {"points": 3, "every": 70, "kinds": (28,)},
    "run of a forest, and its cache": {"points": 4, "every": 40, "kinds": (28,)},
    "tags": {"points": 3, "every": 3, "kinds": (5,)},
}

if __name__ == "__main__":
    main()
