"""Forests: a set of pictures goes in, the best forest of a grid comes out, ready to tag."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hangtag import atomic, runs, settings
from hangtag.errors import BundleError
from hangtag.progress import Progress, silent
from hangtag.records import (
    Evaluation,
    ForestGrid,
    ForestOptions,
    ForestSpec,
    ImageSet,
    Preprocessing,
    Source,
    Split,
)
from hangtag.rooms import forest as room
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms.forest import Forest
from hangtag.runs import Run
from hangtag.workbench.answering import check_validation, settled, tested, write_bundle
from hangtag.workbench.data import load
from hangtag.workbench.growing import ground_of, growth_of, several
from hangtag.workbench.recorded import config_of, data_facts, folder_for
from hangtag.workbench.tag import open_bundle

SIZES, DEPTHS = (50, 100, 200), (5, 10, 20, 40)
PARITY_PICTURES = 1000
_PARTS = ("validation", "training")


@dataclass(frozen=True, eq=False)
class GrownForest:
    """A grid, and the forest that was chosen from it.

    Attributes:
        images: The set.
        split: Which images trained, chose, and wait for the test.
        grid: Every forest tried.
        forest: The best one.
        options: What was asked.
    """

    images: ImageSet
    split: Split
    grid: ForestGrid
    forest: Forest
    options: ForestOptions

    @property
    def spec(self) -> ForestSpec:
        """The best forest in numbers."""
        return self.forest.spec(self.grid.kind, self.grid.best_cell.max_depth)

    @property
    def preprocessing(self) -> Preprocessing:
        """What is done to pictures first."""
        return self.forest.preprocessing


def forest(
    images: ImageSet,
    *,
    n_estimators: int | Iterable[int] = SIZES,
    max_depths: int | Iterable[int] = DEPTHS,
    kind: str = "random-forest",
    pca: float | None = None,
    split: str = "auto",
    depths: str = "grown",
    criterion: str = "gini",
    max_features: str | float | None = "sqrt",
    min_samples_leaf: int = 1,
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
        criterion: What a question is judged by: ``gini``, ``entropy`` or ``log_loss``.
        max_features: Coordinates looked at for each question: ``sqrt``, ``log2``, a whole number,
            a share of them, or None for all.
        min_samples_leaf: Images a leaf has at least.
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
    options = ForestOptions(
        n_estimators=several(n_estimators),
        max_depths=several(max_depths),
        depths=depths,
        pca=pca,
        criterion=criterion,
        max_features=max_features,
        min_samples_leaf=min_samples_leaf,
        seed=settings.default_seed() if seed is None else seed,
    )
    division = load_room.split(images, split, seed=options.seed)
    return _grown(images, division, kind, options, cached, progress)


def _grown(
    images: ImageSet,
    division: Split,
    kind: str,
    options: ForestOptions,
    cached: bool,
    progress: Progress,
) -> GrownForest:
    check_validation(division, "a forest")
    preprocessing, axes = ground_of(
        images.images[division.train], options.pca, of=images, progress=progress
    )
    points, chosen = (
        room.points_of(images.images[where], preprocessing, axes)
        for where in (division.train, division.validation)
    )
    grid, trees = room.grid(
        points,
        images.labels[division.train],
        validation=(chosen, images.labels[division.validation]),
        n_estimators=options.n_estimators,
        max_depths=options.max_depths,
        kind=kind,
        depths=options.depths,
        growth=growth_of(options),
        seed=options.seed,
        n_classes=images.n_classes,
        cache=settings.cache_folder() / "forest" if cached else None,
        progress=progress,
    )
    best = Forest(trees, preprocessing, images.class_names, images.class_codes, axes)
    facts = _facts(images, division, grid, options) | settled(best, images, division)
    return GrownForest(images, division, grid, replace(best, facts=facts), options)


def grow_forest(
    source: str | Path | Source,
    *,
    n_estimators: int | Iterable[int] = SIZES,
    max_depths: int | Iterable[int] = DEPTHS,
    kind: str = "random-forest",
    pca: float | None = None,
    split: str = "auto",
    depths: str = "grown",
    criterion: str = "gini",
    max_features: str | float | None = "sqrt",
    min_samples_leaf: int = 1,
    cached: bool = True,
    seed: int | None = None,
    limit: int | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Run:
    """Choose a forest from a grid as :func:`forest` does, and keep it in a new run.

    The run can be evaluated, compared, reported and tagged with like that of a network.

    Args:
        source: What to load.
        n_estimators: As for :func:`forest`, and likewise all that follow.
        max_depths: Depths to try.
        kind: ``random-forest`` or ``extra-trees``.
        pca: Axes the trees see; None for pixels.
        split: How to divide.
        depths: ``grown`` or ``cut``.
        criterion: What a question is judged by.
        max_features: Coordinates looked at for each question.
        min_samples_leaf: Images a leaf has at least.
        cached: Whether a grid that was computed before is read from the cache.
        seed: Of the split and the trees; None takes HANGTAG_SEED, or 0.
        limit: Images per part at most, spread evenly; None for all.
        out: Folder of the run; None makes one under the runs folder.
        progress: Told how many trees are done.

    Raises:
        UsageError: Anything about the request does not fit; nothing is written then.

    Example:
        >>> run = hangtag.grow_forest("digits", n_estimators=[50, 100])
        >>> run.grid().best_cell.validation.accuracy
    """
    place = folder_for(out, kind)
    runs.check_free(place)
    images = load(source, limit=limit, progress=progress)
    found = forest(
        images,
        n_estimators=n_estimators,
        max_depths=max_depths,
        kind=kind,
        pca=pca,
        split=split,
        depths=depths,
        criterion=criterion,
        max_features=max_features,
        min_samples_leaf=min_samples_leaf,
        cached=cached,
        seed=seed,
        progress=progress,
    )
    command = _command(found, source, limit)

    def fill(draft: Run) -> None:
        draft.write_split(found.split)
        draft.write_grid(found.grid)
        _write_parts(found, draft.folder, onnx=True)

    config = config_of(found, source, limit, command)
    return runs.create(place, config, fill, stage="trained")


def evaluate_forest(found: GrownForest) -> Evaluation:
    """Open the test split and say what the chosen forest is worth.

    Raises:
        SplitError: The split keeps no test images.
    """
    return tested(found.forest, found.images, found.split)


def write_forest(found: GrownForest, out: Path, *, onnx: bool = True) -> list[Path]:
    """Write a forest and its grid into a folder.

    Args:
        found: The forest.
        out: The folder; files in it that have other names are left alone.
        onnx: Whether to write the forest itself, as a bundle with its ONNX model.

    Returns:
        What was written: ``grid.json``, ``validation.svg``, ``training.svg`` and, if wanted, the
        folder ``bundle``.

    Raises:
        FailedError: The ONNX model would answer otherwise by more than 1e-5; nothing is written.
    """
    written = _write_parts(found, out, onnx=onnx)
    return [atomic.write_json(out / "grid.json", found.grid.to_dict()), *written]


def _write_parts(found: GrownForest, out: Path, *, onnx: bool) -> list[Path]:
    """Figures and the bundle; the model is made and compared before anything is written."""
    from hangtag.rooms.forest import draw

    model = _model(found) if onnx else None
    figures = {f"{part}.svg": draw.heat_map(found.grid, part=part) for part in _PARTS}
    written = [atomic.write_bytes(out / name, data) for name, data in figures.items()]
    if model is not None:
        written.append(write_bundle(found.forest, found.spec, model, out / "bundle"))
    return written


def _model(found: GrownForest) -> bytes:
    some = found.images.images[found.split.validation[:PARITY_PICTURES]]
    return room.onnx_model(found.forest, some)


def open_forest(place: str | Path) -> Forest:
    """Open the forest of a bundle or run as arrays: its trees can be looked at.

    To tag, :func:`open_bundle` is enough. What this gives is a classifier as well, which answers
    with NumPy alone.

    Raises:
        BundleError: The bundle is damaged, or holds no forest.

    Example:
        >>> model = hangtag.open_forest("forest")
        >>> len(model.trees)
    """
    bundle = open_bundle(place)
    if not isinstance(bundle.spec, ForestSpec):
        raise BundleError(
            f"{bundle.path} holds {bundle.spec.name}, which is no forest",
            "hangtag.open_bundle opens any model",
        )
    return room.forest_from_arrays(
        models_room.weights_from_bundle(bundle),
        bundle.preprocessing,
        class_names=bundle.class_names,
        class_codes=bundle.class_codes,
        facts=bundle.facts,
    )


def _command(found: GrownForest, source: str | Path | Source, limit: int | None) -> str:
    """The command line that does the same again."""
    asked = {name: value for name, value in vars(found.options).items() if name != "seed"}
    words = ["hangtag", "forest", *Source.of(source).words(), "--kind", found.grid.kind]
    for name, value in asked.items():
        option = "max-depth" if name == "max_depths" else name.replace("_", "-")
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value).lower()
        words += [f"--{option}", text]
    words += ["--split", found.split.recipe, "--seed", str(found.options.seed)]
    return shlex.join(words if limit is None else [*words, "--limit", str(limit)])


def _facts(
    images: ImageSet, division: Split, grid: ForestGrid, options: ForestOptions
) -> dict[str, Any]:
    best = grid.best_cell
    return {
        "name": grid.kind,
        "n_estimators": best.n_estimators,
        "max_depth": best.max_depth,
        "grown": best.grown,
        "pca": options.pca,
        "seed": options.seed,
        "split": division.recipe,
        "data": data_facts(images),
        "training": options.to_dict(),
        "metrics": {"validation": vars(best.validation)},
    }
