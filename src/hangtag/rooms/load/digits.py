"""scikit-learn's digits: nothing in, 1,797 grey 8×8 images out; no file, no network."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag.rooms.load.raw import Raw

FILE = "digits.csv.gz"


def folder() -> Path | None:
    """Where scikit-learn keeps its data sets: found, not imported; None where it is not there."""
    library = find_spec("sklearn")
    return Path(library.origin or "").parent / "datasets" / "data" if library else None


def read() -> Raw:
    """Read the images that scikit-learn brings along.

    Their values 0–16 become 0–255: ``round(value * 255 / 16)``. There is one part, ``all``.
    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998.
    """
    place = folder()
    pixels, labels = _table(place and place / FILE)
    images = np.round(pixels.reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    return Raw(
        images=images,
        codes=labels.astype(np.int64),
        parts={"all": range(len(images))},
        all_codes=tuple(range(10)),
        notes=("pixel values 0–16 were scaled to 0–255",),
    )


@cache
def _table(file: Path | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The table itself, read once: importing what reads it would take two seconds."""
    if file is not None and file.is_file():
        table = np.loadtxt(file, delimiter=",", dtype=np.float64)
        return table[:, :-1], table[:, -1]
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)  # another scikit-learn may keep it elsewhere
    return pixels, labels
