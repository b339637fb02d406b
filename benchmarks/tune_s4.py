"""Study S4's Bayesian search, 20 trials of 3 epochs: ours against KerasTuner's on TensorFlow."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchmarks.searches_measured import ours, row, theirs, write_material

TITLE = "Study S4's search: 20 trials of 3 epochs"
LIMIT = int(os.environ.get("HANGTAG_BENCH_IMAGES", "5000"))
TRIALS = int(os.environ.get("HANGTAG_BENCH_TRIALS", "20"))
ROUNDS = int(os.environ.get("HANGTAG_BENCH_ROUNDS", "1"))
EPOCHS = 3
SPLIT = "fraction:0.2"
HEAD = "| contender | seconds | speed | best validation accuracy | peak MB |\n|---|---|---|---|---|"


def run() -> str:
    rows, overheads = [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "images.npz"
        sizes = write_material(place, limit=LIMIT, split=SPLIT, standardise=True)
        for number in range(ROUNDS):
            asked = {
                "source": "fashion-mnist", "space": "s4-search", "limit": LIMIT, "split": SPLIT,
                "trials": TRIALS, "seed": number,
            }  # fmt: skip
            peer = theirs("keras_tuner_s4.py", place, TRIALS, EPOCHS, number)
            own = ours("hangtag_search.py", asked, Path(folder) / f"cache-{number}")
            cells = {
                "source": "fashion-mnist", "limit": LIMIT, "split": SPLIT, "network": "s4-cnn",
                "fixed": {"epochs": EPOCHS}, "cells": peer["cells"],
            }  # fmt: skip
            same = ours("hangtag_cells.py", cells, Path(folder) / f"cells-{number}")
            base = peer["seconds"]
            rows += [
                row(f"KerasTuner, seed {number}", peer, base),
                row(f"hangtag, seed {number}", own, base),
                row(f"hangtag, the cells KerasTuner chose, seed {number}", same, base),
            ]
            kept = own["seconds"] - own["imports"] - own["measuring"]
            overheads.append(kept / own["seconds"])
    return (
        f"Fashion-MNIST, {sizes['train']} training and {sizes['validation']} validation images, "
        f"{TRIALS} trials of {EPOCHS} epochs, processes from start to end, imports and compiling "
        "included, one after another. KerasTuner 1.4 on Keras and TensorFlow. Each tuner chooses "
        "its own cells, so their work differs; the third line has ours do exactly the cells that "
        f"KerasTuner chose.\n\n{HEAD}\n" + "\n".join(rows) + "\n\nTime of our search outside of "
        "its trials and of importing the libraries (loading the images, choosing, the journal, "
        f"table and figures): {max(overheads):.1%}. Bars: 2×, 2 %. KerasTuner takes a trial's best "
        "epoch for its value, hangtag the last one."
    )


if __name__ == "__main__":
    print(run())
