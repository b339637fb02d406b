"""Forests: a set of pictures goes in, the best forest of a grid comes out, ready to tag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic, settings
from hangtag.errors import OptionError, SplitError
from hangtag.geometry import fit_pca
from hangtag.progress import Progress, silent
from hangtag.records import Evaluation, ForestGrid, ImageSet, Predictions, Split
from hangtag.rooms import evaluate as evaluate_room
from hangtag.rooms import forest as room
from hangtag.rooms import load as load_room
from hangtag.rooms.forest import Forest

SIZES, DEPTHS = (50, 100, 200), (5, 10, 20, 40)
PRECISION = 0.95
"""How often an answer must be right on validation images for the forest not to say "unknown"."""


@dataclass(frozen=True, eq=False)
class GrownForest:
    """A grid, and the forest that was chosen from it.

    Attributes:
        images: The set.
        split: Which images trained, chose, and wait for the test.
        grid: Every forest tried.
        forest: The best one.
    """

    images: ImageSet
    split: Split
    grid: ForestGrid
    forest: Forest


def forest(
    images: ImageSet,
    *,
    n_estimators: int | Iterable[int] = SIZES,
    max_depths: int | Iterable[int] = DEPTHS,
    kind: str = "random-forest",
    pca: float | None = None,
    split: str = "auto",
    depths: str = "grown",
    cached: bool = True,
    seed: int | None = None,
    progress: Progress = silent,
) -> GrownForest:
    """Try forests of many sizes and depths, choose one on validation images.

    Args:
        images: The set.
        n_estimators: Sizes to try.
        max_depths: Depths to try.
        kind: ``random-forest`` or ``extra-trees``.
        pca: Axes the trees see instead of pixels: a whole number, or the share of the training
            images' variance that they explain; None for pixels.
        split: How to divide; the guide's page on loading has the recipes.
        depths: ``grown``, and every cell is scikit-learn's; or ``cut`` from the deepest trees.
        cached: Whether a grid that was computed before is read from the cache.
        seed: Of the split and the trees; None takes HANGTAG_SEED, or 0.
        progress: Told how many trees are done.

    Raises:
        OptionError: An option cannot be.
        SplitError: The set cannot be divided so, or no validation images are left.

    Example:
        >>> found = hangtag.forest(hangtag.load("digits"), n_estimators=[50, 100])
        >>> found.grid.best_cell.validation.accuracy
    """
    number = settings.default_seed() if seed is None else seed
    division = load_room.split(images, split, seed=number)
    if not len(division.validation):
        raise SplitError(
            f"split '{division.recipe}' keeps no validation images to choose a forest by",
            "such as stratified:0.2",
        )
    preprocessing = replace(load_room.fit_preprocessing(images.images[division.train]), scale=1.0)
    axes = _axes(images, division, pca, progress)
    points, chosen = (
        room.points_of(images.images[where], preprocessing, axes)
        for where in (division.train, division.validation)
    )
    grid, trees = room.grid(
        points,
        images.labels[division.train],
        validation=(chosen, images.labels[division.validation]),
        n_estimators=_several(n_estimators),
        max_depths=_several(max_depths),
        kind=kind,
        depths=depths,
        seed=number,
        n_classes=images.n_classes,
        cache=settings.cache_folder() / "forest" if cached else None,
        progress=progress,
    )
    best = Forest(trees, preprocessing, images.class_names, images.class_codes, axes)
    facts = _facts(images, division, grid, pca, number)
    return GrownForest(images, division, grid, _with_threshold(best, images, division, facts))


def evaluate_forest(found: GrownForest) -> Evaluation:
    """Open the test split and say what the chosen forest is worth.

    Raises:
        SplitError: The split keeps no test images.
    """
    where = found.split.test
    if not len(where):
        raise SplitError(
            f"split '{found.split.recipe}' keeps no test images",
            "divide with a recipe that does",
        )
    return evaluate_room.evaluate(
        _answers(found.forest, found.images, where), threshold=found.forest.threshold
    )


def write_forest(found: GrownForest, out: Path, *, onnx: bool = True) -> list[Path]:
    """Write a forest and its grid into a folder.

    Args:
        found: The forest.
        out: The folder; files in it that have other names are left alone.
        onnx: Whether to export the forest to ONNX as well.

    Returns:
        The files written: ``forest.npz``, ``grid.json``, ``validation.svg``, ``training.svg`` and,
        if wanted, ``forest.onnx``.

    Raises:
        FailedError: The ONNX model would answer otherwise by more than 1e-5; nothing is written.
    """
    from hangtag.rooms.forest import draw

    files = {f"{part}.svg": draw.heat_map(found.grid, part=part) for part in _PARTS}
    if onnx:
        some = found.images.images[found.split.validation[:1000]]
        files["forest.onnx"] = room.onnx_model(found.forest, some)
    written = [room.write_forest(out / "forest.npz", found.forest)]
    written.append(atomic.write_json(out / "grid.json", found.grid.to_dict()))
    return written + [atomic.write_bytes(out / name, data) for name, data in files.items()]


def open_forest(place: str | Path) -> Forest:
    """Open a forest that was written: its file, or the folder it is in.

    The forest is a classifier: it can tag.

    Raises:
        FormatError: The file is absent, damaged, or no forest.

    Example:
        >>> model = hangtag.open_forest("runs/forest")
        >>> tags = hangtag.tag_folder(model, "photos/")
    """
    path = Path(place)
    return room.open_forest(path / "forest.npz" if path.is_dir() else path)


_PARTS = ("validation", "training")


def _several(given: int | Iterable[int]) -> Iterable[int]:
    return [given] if isinstance(given, int) else given


def _axes(
    images: ImageSet, division: Split, pca: float | None, progress: Progress
) -> room.Axes | None:
    if pca is None:
        return None
    pictures = images.images[division.train]
    if isinstance(pca, int) or pca >= 1:
        if pca != int(pca):
            raise OptionError(f"{pca} axes were asked for", "a whole number, or a share below 1")
        fitted = fit_pca(pictures, components=int(pca), progress=progress)
    else:
        fitted = fit_pca(pictures, share=pca, progress=progress)
    return room.Axes(fitted.mean, fitted.components)


def _facts(
    images: ImageSet, division: Split, grid: ForestGrid, pca: float | None, seed: int
) -> dict[str, Any]:
    best = grid.best_cell
    return {
        "kind": grid.kind,
        "n_estimators": best.n_estimators,
        "max_depth": best.max_depth,
        "grown": best.grown,
        "pca": pca,
        "seed": seed,
        "split": division.recipe,
        "data": {"name": images.name, "fingerprint": images.fingerprint},
        "metrics": {"validation": vars(best.validation)},
    }


def _with_threshold(
    best: Forest, images: ImageSet, division: Split, facts: dict[str, Any]
) -> Forest:
    """Choose on validation images, never on test ones, when the forest says "unknown"."""
    answers = _answers(best, images, division.validation)
    threshold = evaluate_room.threshold(answers, precision=PRECISION)
    told = {**facts, "threshold": threshold, "threshold_precision": PRECISION}
    return replace(best, facts=told)


def _answers(model: Forest, images: ImageSet, where: np.typing.NDArray[np.int64]) -> Predictions:
    return Predictions(
        where,
        images.labels[where],
        model.probabilities(images.images[where]),
        images.class_names,
        images.fingerprint,
    )
