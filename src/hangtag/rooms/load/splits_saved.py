"""A split on the disk: Split to an ``.npz`` file and back, checked against the images it is of.

Indices count in one image set; the file carries that set's fingerprint and is refused with any
other. Plain arrays, never pickle.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import FormatError, SplitError
from hangtag.records import ImageSet, Split
from hangtag.rooms.load import npz

SAVED = "saved:"
"""Before a file's name it is a recipe: the split that was saved there."""
SETS = ("train", "validation", "test")
_AGAIN = "make a new split and save it with save_split"


def split_to_arrays(split: Split) -> dict[str, NDArray[Any]]:
    """The split as named arrays without objects; :func:`split_from_arrays` is the inverse."""
    return {
        **{name: np.asarray(getattr(split, name), np.int64) for name in SETS},
        "recipe": np.array(split.recipe),
        "fingerprint": np.array(split.fingerprint),
        "seed": np.array([] if split.seed is None else [split.seed], np.int64),
    }


def split_from_arrays(arrays: dict[str, NDArray[Any]], where: str = "the split") -> Split:
    """The split that :func:`split_to_arrays` took apart.

    Raises:
        FormatError: An array is missing or is not what it must be.
    """
    missing = [name for name in (*SETS, "recipe", "fingerprint", "seed") if name not in arrays]
    if missing:
        raise FormatError(f"{where} is not a saved split: it has no {', '.join(missing)}", _AGAIN)
    for name in (*SETS, "seed"):
        if arrays[name].ndim != 1 or not np.issubdtype(arrays[name].dtype, np.integer):
            raise FormatError(f"{where} is damaged: {name} is not a list of whole numbers", _AGAIN)
    for name in ("recipe", "fingerprint"):
        if arrays[name].shape != () or arrays[name].dtype.kind != "U":
            raise FormatError(f"{where} is damaged: {name} is not a text", _AGAIN)
    seed = arrays["seed"]
    return Split(
        recipe=str(arrays["recipe"]),
        seed=int(seed[0]) if len(seed) else None,
        train=arrays["train"].astype(np.int64),
        validation=arrays["validation"].astype(np.int64),
        test=arrays["test"].astype(np.int64),
        fingerprint=str(arrays["fingerprint"]),
    )


def save_split(split: Split, path: Path) -> Path:
    """Write `split` to `path`, all of it or nothing."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **split_to_arrays(split))
    return atomic.write_bytes(path, buffer.getvalue())


def open_split(path: Path, images: ImageSet) -> Split:
    """Read a split that was saved of exactly these images.

    Raises:
        SplitError: The file is not there, belongs to other images, or counts wrongly.
        FormatError: It is damaged.
    """
    if not path.is_file():
        raise SplitError(f"there is no saved split {path}", "save one with save_split first")
    split = split_from_arrays(npz.read_arrays(path), path.name)
    if split.fingerprint != images.fingerprint:
        raise SplitError(
            f"{path.name} divides other images than {images.name}: the fingerprints differ",
            "load the images it was made of, or make a new split",
        )
    every = np.concatenate([split.train, split.validation, split.test])
    inside = bool(np.all((every >= 0) & (every < len(images))))
    if not inside or len(np.unique(every)) != len(every):
        raise SplitError(
            f"{path.name} names an image twice or one that does not exist", "make a new split"
        )
    return split
