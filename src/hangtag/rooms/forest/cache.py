"""A grid goes in, a file from which it comes back as long as nothing it depends on has changed.

The file's name is a hash over the points, the labels, the options, this room's code and the
versions of NumPy and scikit-learn, so that a change of any of them asks for another file. Files are
arrays and JSON, written whole or not at all; one that is damaged counts as absent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import troubles
from hangtag.errors import FormatError
from hangtag.records import Candidates, Trees
from hangtag.rooms.forest.keep import (
    read_arrays,
    trees_from_arrays,
    trees_to_arrays,
    write_arrays,
)
from hangtag.rooms.forest.training_points import TrainingPoints

CODE = (
    "answer",
    "compact",
    "going_on",
    "grid",
    "training_points",
    "grow",
    "judged",
    "kinds",
    "scores",
)
"""Files of this room that a grid's numbers come from."""


def key(
    learnt: TrainingPoints,
    points: NDArray[np.float32],
    labels: NDArray[np.int64],
    options: Mapping[str, Any],
) -> str:
    """The hash that names a grid's file.

    Args:
        learnt: What the trees are grown from; its points are the first of `points`.
        points: All points that are scored.
        labels: Their classes.
        options: Everything that was asked.
    """
    told = {
        "kind": learnt.kind,
        "training": len(learnt.points),
        "shape": points.shape,
        "classes": learnt.n_classes,
        "options": dict(options),
        "code": code_version(),
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(points).data)
    digest.update(np.ascontiguousarray(labels).data)
    return digest.hexdigest()[:32]


@cache
def code_version() -> str:
    """A hash over the code and the libraries that a grid's numbers come from."""
    digest = hashlib.sha256()
    for name in CODE:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    for library in ("numpy", "scikit-learn"):
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()


def write(place: Path, grid: Candidates, trees: Trees) -> None:
    """Keep a grid and the trees of its best cell, where there is room for them."""
    with troubles.if_possible():
        write_arrays(place, grid.to_dict(), trees_to_arrays(trees))


def read(place: Path) -> tuple[Candidates, Trees] | None:
    """The grid that is kept there; None if none is, or not a whole one."""
    try:
        facts, arrays = read_arrays(place)
        grid = Candidates.from_dict(facts)
        again = replace(grid, facts={**grid.facts, "cached": True})
        return again, trees_from_arrays(arrays)
    except (FormatError, KeyError, TypeError, ValueError):
        return None
