"""Forests of decision trees: many sizes and depths are tried for the price of the largest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, settings
from hangtag.estimators import answers
from hangtag.estimators.base import Fit, Fold
from hangtag.estimators.forest_search import ForestSearch
from hangtag.estimators.points import PointsEstimator, facts_of, features_in, features_on, sees
from hangtag.progress import Progress, silent
from hangtag.records import (
    Candidate,
    Candidates,
    Config,
    Evaluation,
    ForestSpec,
    ImageSet,
    Split,
)
from hangtag.requests import ForestRequest
from hangtag.rooms import forest as room
from hangtag.rooms.forest import Forest, Growth, draw
from hangtag.rooms.models import Bundle
from hangtag.runs import Run

PARTS = ("validation", "training")


class _Forests(PointsEstimator):
    """Random forests and extremely randomized trees."""

    name, noun, title = "forest", "forest", "Random forests"
    record = ForestRequest
    search = ForestSearch()

    def label(self, request: ForestRequest) -> str:
        """The kind of its trees."""
        return request.kind

    def fit(
        self,
        images: ImageSet,
        split: Split,
        options: ForestRequest,
        *,
        cached: bool = True,
        progress: Progress = silent,
    ) -> Fit:
        """Evaluate the grid and take its best cell."""
        answers.check_validation(split, "a forest")
        features = features_on(images, split.train, options.seen, cached=cached, progress=progress)
        points, chosen = (features.at(images, where) for where in (split.train, split.validation))
        grid, trees = room.grid(
            points,
            images.labels[split.train],
            validation=(chosen, images.labels[split.validation]),
            n_estimators=options.n_estimators,
            max_depths=options.max_depths,
            kind=options.kind,
            depths=options.depths,
            growth=growth_of(options),
            seed=options.seed or 0,
            n_classes=images.n_classes,
            cache=settings.cache_folder() / "forest" if cached else None,
            progress=progress,
        )
        names, codes = images.class_names, images.class_codes
        # Without facts at first: the threshold among them is settled by what this very model
        # answers.
        bare = Forest(trees, class_names=names, class_codes=codes, **sees(features))
        # The grid knows how trees grew; the run keeps what was asked, defaults included.
        told = replace(grid, options=options.to_dict())
        model = replace(bare, facts=facts_of(images, split, told, bare))
        spec = model.spec(options.kind, grid.chosen["max_depth"])
        return Fit(self, images, split, grid, model, spec, options)

    def onnx(self, model: Forest, images: NDArray[np.uint8]) -> bytes:
        """All trees as one operator."""
        return room.onnx_model(model, images)

    def draw(self, candidates: Candidates, out: Path) -> list[Path]:
        """``validation.svg`` and ``training.svg``, the accuracy of every cell."""
        return [
            atomic.write_bytes(out / f"{part}.svg", draw.heat_map(candidates, part=part))
            for part in PARTS
        ]

    def from_arrays(self, bundle: Bundle, arrays: Mapping[str, NDArray[Any]]) -> Forest:
        """The forest; its trees can be looked at."""
        return room.forest_from_arrays(
            arrays,
            bundle.preprocessing,
            class_names=bundle.class_names,
            class_codes=bundle.class_codes,
            facts=bundle.facts,
            embedder=sees(features_in(bundle, arrays, "points"))["embedder"],
        )

    def words(self, spec: ForestSpec) -> str:
        """How many trees of which kind."""
        return f"a forest of {spec.n_estimators} trees ({spec.name.replace('-', ' ')})"

    def chosen(self, spec: ForestSpec, candidates: Candidates) -> dict[str, Any]:  # noqa: ARG002
        """Trees, depth, nodes and features."""
        return {
            "trees": spec.n_estimators,
            "greatest depth": spec.max_depth,
            "nodes": spec.nodes,
            "features": spec.features,
        }

    def told(self, run: Run, tested: Evaluation | None = None) -> Iterator[str]:
        """The grid, what growing it took, and the scores of the chosen forest."""
        grid = run.candidates()
        sizes, best = grid.values("n_estimators"), grid.chosen
        yield f"validation accuracy of {grid.name} by depth (down) and trees (across)"
        yield " " * 6 + "".join(f"{size:>9}" for size in sizes)
        for depth in grid.values("max_depth"):
            cells = [grid.row(n_estimators=size, max_depth=depth) for size in sizes]
            marks = "".join(
                f"{cell.validation.accuracy:8.4f}{' ' if cell['grown'] else '~'}" for cell in cells
            )
            yield f"{depth:>5} {marks}"
        if not all(cell["grown"] for cell in grid.rows):
            yield "~ cut from deeper trees"
        read = "read from the cache" if grid.facts["cached"] else f"{grid.seconds:.1f} s"
        grown, asked = grid.facts["trees_grown"], grid.facts["trees_asked"]
        yield f"trees    {grown} grown where {asked} were asked for, {read}"
        size, depth = best["n_estimators"], best["max_depth"]
        yield f"best     {size} trees of depth {depth}, by validation accuracy"
        yield f"{'':<12} accuracy  precision    recall        f1"
        for name, row in _scores(best, tested).items():
            yield f"{name:<12} " + "  ".join(f"{value:8.4f}" for value in row)

    def effort(self, candidates: Candidates) -> str:
        """How many trees were spared."""
        asked, grown = (candidates.facts.get(f"trees_{what}", 0) for what in ("asked", "grown"))
        if grown >= asked:
            return ""
        return (
            f"Its trees have a depth of {candidates.chosen['max_depth']} at most. Growing each "
            f"for itself would have taken {asked:,} trees; {grown:,} gave the same in "
            f"{candidates.seconds:,.1f} s."
        )

    def diagram(self, candidates: Candidates) -> tuple[bytes, str]:
        """The grid."""
        words = "Validation accuracy of every forest that was tried, by trees and depth"
        return draw.heat_map(candidates), words

    def score_again(self, config: Config, images: ImageSet, fold: Fold, seed: int) -> float:
        """Grow the chosen forest alone; no other is tried."""
        spec: Any = config.spec
        options = config.options
        train, others = fold
        features = features_on(images, train, options.seen)
        trees = room.fit(
            features.at(images, train),
            images.labels[train],
            n_estimators=spec.n_estimators,
            max_depth=spec.max_depth,
            kind=spec.name,
            growth=growth_of(options),
            seed=seed,
            n_classes=spec.n_classes,
        )
        found = room.probabilities(trees, features.at(images, others))
        return float(np.mean(found.argmax(axis=1) == images.labels[others]))


def growth_of(options: ForestRequest) -> Growth:
    """How trees grow that were asked for so."""
    return Growth(options.criterion, options.max_features, options.min_samples_leaf)


def _scores(best: Candidate, tested: Evaluation | None) -> dict[str, tuple[float | None, ...]]:
    """Accuracy, precision, recall and F1 of the chosen forest, wherever they were measured."""
    rows: dict[str, tuple[float | None, ...]] = {
        name: (one.accuracy, one.precision, one.recall, one.f1)
        for name, one in (("training", best.training), ("validation", best.validation))
    }
    if tested is not None:
        mean = next(one for one in tested.averages if one.name.startswith("weighted"))
        accuracy = tested.scores["accuracy"].value
        rows["test"] = (accuracy, mean.precision, mean.recall, mean.f1)
    return rows


FOREST = _Forests()
