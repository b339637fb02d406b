"""Study S2's first grid with three-fold cross-validation: ours against GridSearchCV over Keras."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from benchmarks.searches_measured import ours, row, theirs, write_material

TITLE = "Study S2's first grid, three-fold"
LIMIT = int(os.environ.get("HANGTAG_BENCH_IMAGES", "3000"))
ROUNDS = int(os.environ.get("HANGTAG_BENCH_ROUNDS", "1"))
SPLIT = "fraction:0.2"
HEAD = "| contender | seconds | speed | best mean accuracy | peak MB |\n|---|---|---|---|---|"
NAMES = {"dense.units": "units"}


def run() -> str:
    from hangtag.rooms.tune import ready

    made = ready("s2-grid").space
    grid = {NAMES.get(one.name, one.name): list(one.choices) for one in made.dimensions}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "images.npz"
        write_material(place, limit=LIMIT, split=SPLIT, standardise=False)
        for number in range(ROUNDS):
            asked = {
                "source": "fashion-mnist", "space": "s2-grid", "limit": LIMIT, "split": SPLIT,
                "seed": number,
            }  # fmt: skip
            peer = theirs("grid_search_cv.py", place, json.dumps(grid))
            own = ours("hangtag_search.py", asked, Path(folder) / f"cache-{number}")
            rows += [
                row(f"GridSearchCV, round {number + 1}", peer, peer["seconds"]),
                row(f"hangtag, round {number + 1}", own, peer["seconds"]),
            ]
    return (
        f"The stated subset: {LIMIT} Fashion-MNIST training images, spread evenly; all "
        f"{made.size} cells ({made}), each on three folds, no refit. scikit-learn's GridSearchCV "
        "over a wrapped Keras network on TensorFlow; processes from start to end, one after the "
        "other. Ours reads the cells of 10 epochs off the trainings of 20, which with the same "
        f"seed pass through them.\n\n{HEAD}\n" + "\n".join(rows)
    )


if __name__ == "__main__":
    print(run())
