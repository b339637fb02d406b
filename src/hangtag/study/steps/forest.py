"""The step ``forest``: a grid of forests for the price of the largest; the best becomes a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from hangtag import atomic
from hangtag.records import Candidates, Outcome, StudyFigure, StudyTable
from hangtag.study.step import Setting, Step
from hangtag.study.steps.train import RUNS
from hangtag.study.words import count, percent, seconds
from hangtag.workbench.opening import open_run
from hangtag.workbench.train import train

if TYPE_CHECKING:
    from hangtag.runs import Run

CAPTIONS = {
    "validation": "Accuracy on validation pictures of every cell; the best is framed.",
    "training": "Training accuracy, which is optimistic: the trees were grown from these pictures.",
}


class ForestStep(Step):
    """Grow a grid of forests and choose one by validation accuracy."""

    verb: Literal["forest"]
    n_estimators: list[int] = Field(min_length=1, description="Sizes to try.")
    max_depths: list[int] = Field(min_length=1, description="Depths to try.")
    kind: Literal["random-forest", "extra-trees"] = Field("random-forest", description="What.")
    pca: float | int | None = Field(None, description="Axes instead of pixels.")
    depths: Literal["grown", "cut"] = Field("grown", description="Grown, or cut from the deepest.")

    def carry_out(self, at: Setting) -> Outcome:
        """Grow, or take what is there."""
        folder = at.folder / RUNS / f"{at.name}-seed{self.chosen_seed(at)}"
        run = self._run(at, folder)
        grid = run.candidates()
        for part in CAPTIONS:
            name = f"{part}.svg"
            atomic.write_bytes(at.folder / name, (folder / name).read_bytes())
        return Outcome(
            name=at.name,
            verb="forest",
            title=self.title or "Random forests",
            values=_values(grid),
            seeds=(self.chosen_seed(at),),
            words=(_words(grid),),
            figures=tuple(
                StudyFigure(f"{part}.svg", f"Accuracy in {part}", caption)
                for part, caption in CAPTIONS.items()
            ),
            tables=(_table(grid),),
            cautions=_cautions(grid),
            commands=(run.config.command,),
            runs={folder.name: str(folder.relative_to(at.study))},
        )

    def _run(self, at: Setting, folder: Path) -> Run:
        if (folder / "run.json").is_file():
            run = open_run(folder)
            if run.stage in {"trained", "evaluated"}:
                return run
        atomic.remove(folder)
        return train(
            at.source,
            model="forest",
            n_estimators=self.n_estimators,
            max_depths=self.max_depths,
            kind=self.kind,
            pca=self.pca,
            depths=self.depths,
            split=at.how_to_divide(self.split),
            seed=self.chosen_seed(at),
            limit=at.limit,
            images=at.images,
            out=folder,
            progress=at.progress,
        )


def _values(grid: Candidates) -> dict[str, Any]:
    best = grid.chosen
    return {
        "best_n_estimators": best["n_estimators"],
        "best_max_depth": best["max_depth"],
        "val_accuracy": best.validation.accuracy,
        "accuracy": best.training.accuracy,
        "cells": len(grid),
        "trees_grown": grid.facts["trees_grown"],
        "trees_asked": grid.facts["trees_asked"],
        "seconds": grid.seconds,
        "best_seconds": best.seconds,
    }


def _words(grid: Candidates) -> str:
    best = grid.chosen
    equal = sum(cell.validation.accuracy == best.validation.accuracy for cell in grid.rows)
    also = (
        f" {count(equal, 'cell')} are equally good; the smallest of them is taken."
        if equal > 1
        else ""
    )
    return (
        f"{count(len(grid), 'forest')} were compared. Growing each for itself would have "
        "taken "
        f"{grid.facts['trees_asked']:,} trees; {grid.facts['trees_grown']:,} gave the same in "
        f"{seconds(grid.seconds)}. The best by validation accuracy has {best['n_estimators']:,} "
        f"trees of depth {best['max_depth']}: {percent(best.validation.accuracy, 2)} of the "
        f"validation pictures and {percent(best.training.accuracy, 2)} of the training "
        f"pictures.{also}"
    )


def _table(grid: Candidates) -> StudyTable:
    heads = (
        "trees",
        "depth",
        "training accuracy",
        "validation accuracy",
        "training precision",
        "training recall",
        "training F1",
        "validation precision",
        "validation recall",
        "validation F1",
        "seconds",
    )
    rows = tuple(
        (
            cell["n_estimators"],
            cell["max_depth"],
            cell.training.accuracy,
            cell.validation.accuracy,
            cell.training.precision,
            cell.training.recall,
            cell.training.f1,
            cell.validation.precision,
            cell.validation.recall,
            cell.validation.f1,
            cell.seconds,
        )
        for cell in grid.rows
    )
    note = "Precision, recall and F1 are weighted by the pictures of each class; seconds are what "
    note += "the cell's own trees took to grow, one after the other."
    return StudyTable("grid", "Every cell", heads, rows, ((grid.best, 3),), note)


def _cautions(grid: Candidates) -> tuple[str, ...]:
    cut = grid.facts["cut_differences"]
    if not cut:
        return ()
    worst = max(cut.values(), key=abs)
    return (
        f"Forests of {count(len(cut), 'depth')} were cut from deeper trees and are not those that "
        f"scikit-learn grows: their validation accuracy differs by up to {percent(abs(worst), 2)}.",
    )
