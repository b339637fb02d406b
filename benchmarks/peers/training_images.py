"""Fashion-MNIST for the peers: reads the four official IDX files, nothing of Hangtag's."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np

FOLDER = Path(os.environ["HANGTAG_DATA"]) / "fashion-mnist"


def training(rows: tuple[int, int], n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first `n` training images, rows cropped, floats in [0, 1], and their labels."""
    pixels = gzip.decompress((FOLDER / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((FOLDER / "train-labels-idx1-ubyte.gz").read_bytes())
    images = np.frombuffer(pixels, np.uint8, offset=16).reshape(-1, 28, 28, 1)
    kept = images[:n, rows[0] : rows[1]].astype("float32") / 255
    return kept, np.frombuffer(labels, np.uint8, offset=8)[:n].astype("int64")
