"""The demonstration's own parts: which images it starts from and the folder it tags.

Everything else the demonstration does is the ordinary verbs, one after another, in
``hangtag.cli.demo``.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.drawing import as_png
from hangtag.errors import RunError, SourceError
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet
from hangtag.runs import Run
from hangtag.workbench.data import load
from hangtag.workbench.opening import open_run
from hangtag.workbench.train import resume, train

WANTED, FALLBACK = "fashion-mnist", "digits"
PER_CLASS = 5
FOREIGN_DIGITS = 5


def check_demo_place(out: Path) -> None:
    """Refuse a folder whose ``pictures`` are not an earlier demonstration's: they are replaced.

    Raises:
        RunError: They are somebody's.
    """
    images = out / "pictures"
    if images.exists() and not (out / "run" / "run.json").is_file():
        raise RunError(f"{images} is there and is not ours to replace", "give another --out")


def demo_images(
    *, limit: int | None = None, progress: Progress = silent
) -> tuple[str, ImageSet, str]:
    """Fashion-MNIST, or the digits when it cannot be had.

    Returns:
        The source's name, its images, and one sentence on why it is not Fashion-MNIST (or "").
    """
    try:
        return WANTED, load(WANTED, limit=limit, progress=progress), ""
    except SourceError as error:
        reason = f"{error.message}; this is scikit-learn's digits instead"
        return FALLBACK, load(FALLBACK, limit=limit, progress=progress), reason


def demo_run(
    source: str,
    images: ImageSet,
    folder: Path,
    *,
    epochs: int,
    seed: int | None,
    limit: int | None,
    progress: Progress = silent,
) -> Run:
    """Train the first study's network; go on where an earlier demonstration was killed.

    Raises:
        RunError: Something that is no run stands at `folder`.
    """
    options = {"epochs": epochs}
    if (folder / "run.json").is_file():
        earlier = open_run(folder)
        same = earlier.config.data["fingerprint"] == images.fingerprint
        if same and earlier.stage == "training" and earlier.config.training.epochs == epochs:
            return resume(folder, progress=progress)
        atomic.remove(folder)
    elif folder.exists():
        raise RunError(f"{folder} is there and is no run", "give another --out")
    return train(
        source,
        network="s0-cnn",
        split=_recipe(images),
        options=options,
        seed=seed,
        limit=limit,
        out=folder,
        progress=progress,
    )


def write_demo_images(images: ImageSet, test: NDArray[np.int64], folder: Path) -> int:
    """Write a shop's folder: test images of every class, images of other things, a torn file.

    Args:
        images: Where the images come from.
        test: Indices of the test split, which training never saw.
        folder: Replaced as a whole.

    Returns:
        How many files were written.
    """
    with atomic.folder(folder) as place:
        for index in _first_of_each_class(images.labels, test):
            name = plain_name(images.class_names[images.labels[index]])
            atomic.put(place / f"{name}-{index:05d}.png", as_png(images.images[index]))
        for name, data in _foreign(images):
            atomic.put(place / name, data)
        atomic.put(place / "torn.png", as_png(images.images[test[0]])[:60])
        return sum(1 for _ in place.iterdir())


def _recipe(images: ImageSet) -> str:
    """The study's split where it fits: the last fifth of the training images validates."""
    if "test" not in images.parts:
        return "auto"
    return f"last:{len(images.parts['train']) // 5}"


def _first_of_each_class(labels: NDArray[np.int64], test: NDArray[np.int64]) -> list[int]:
    classes = np.unique(labels[test])
    return [int(i) for one in classes for i in test[labels[test] == one][:PER_CLASS]]


def _foreign(images: ImageSet) -> list[tuple[str, bytes]]:
    """Images of none of the classes: two photographs and, for clothes, handwritten digits."""
    from sklearn.datasets import load_sample_images

    photographs = load_sample_images()
    named = zip(photographs.filenames, photographs.images, strict=True)
    found = [(f"other-{Path(name).stem}.png", as_png(pixels)) for name, pixels in named]
    if images.name != FALLBACK:
        digits = load(FALLBACK).images[:FOREIGN_DIGITS]
        found += [(f"other-digit-{n}.png", as_png(one)) for n, one in enumerate(digits)]
    return found


def plain_name(name: str) -> str:
    """A class name as it stands in the name of a file: lower case, dashes for what is neither."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
