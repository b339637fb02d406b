"""What ``hangtag forest`` shows: accuracy over the grid, and the scores of the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangtag.cli.console import say

if TYPE_CHECKING:
    from hangtag.records import Evaluation, Scores
    from hangtag.runs import Run


def tell(run: Run, tested: Evaluation | None) -> None:
    """The grid, what growing it took, and the scores of the chosen forest."""
    grid = run.candidates()
    sizes = grid.values("n_estimators")
    say(f"validation accuracy of {grid.name} by depth (down) and trees (across)")
    say(" " * 6 + "".join(f"{size:>9}" for size in sizes))
    for depth in grid.values("max_depth"):
        cells = [grid.row(n_estimators=size, max_depth=depth) for size in sizes]
        marks = "".join(
            f"{cell.validation.accuracy:8.4f}{' ' if cell['grown'] else '~'}" for cell in cells
        )
        say(f"{depth:>5} {marks}")
    if not all(cell["grown"] for cell in grid.rows):
        say("~ cut from deeper trees")
    read = "read from the cache" if grid.facts["cached"] else f"{grid.seconds:.1f} s"
    grown, asked = grid.facts["trees_grown"], grid.facts["trees_asked"]
    say(f"trees    {grown} grown where {asked} were asked for, {read}")
    best = grid.chosen
    size, depth = best["n_estimators"], best["max_depth"]
    say(f"best     {size} trees of depth {depth}, by validation accuracy")
    say(f"{'':<12} accuracy  precision    recall        f1")
    _tell_scores("training", best.training)
    _tell_scores("validation", best.validation)
    if tested is not None:
        average = next(one for one in tested.averages if one.name.startswith("weighted"))
        row = (tested.scores["accuracy"].value, average.precision, average.recall, average.f1)
        say(f"{'test':<12} " + "  ".join(f"{value:8.4f}" for value in row))
        say(f"test accuracy {tested.scores['accuracy']}")
    say(f"run      {run.folder}")


def _tell_scores(name: str, scores: Scores) -> None:
    row = (scores.accuracy, scores.precision, scores.recall, scores.f1)
    say(f"{name:<12} " + "  ".join(f"{value:8.4f}" for value in row))
