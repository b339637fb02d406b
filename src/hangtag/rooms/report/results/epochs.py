"""A training in, its log as a table out: a row for each epoch, a column for each curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hangtag.records import History, StudyTable
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.words import listed

KEPT = "★ is the epoch whose weights were kept."


def rows(history: History) -> list[dict[str, Any]]:
    """Heading to cell of every epoch: training beside its validation, the loss first, seconds last.

    Args:
        history: Of one training; of a curve that it does not have there is no column.
    """
    curves = _in_order(history)
    return [
        {
            "epoch": epoch + 1,
            **{_headed(curve): history.curves[curve][epoch] for curve in curves},
            "seconds": history.seconds[epoch],
        }
        for epoch in range(len(history))
    ]


def kept(history: History) -> int:
    """The row, from 0, of the epoch whose weights the network has."""
    restored = history.restored and history.best_epoch is not None
    return int(history.best_epoch or 0) if restored else len(history) - 1


def tables(name: str, found: Sequence[History], seeds: Sequence[int]) -> Iterable[StudyTable]:
    """The log of each training of a variant: the first seed's, and one of all the others.

    Args:
        name: What the variant is called.
        found: Its trainings, one per seed.
        seeds: Theirs.
    """
    first, *others = [
        [{"seed": seed, **row} for row in rows(one)] for seed, one in zip(seeds, found, strict=True)
    ]
    if not first:
        return
    alone = [{head: cell for head, cell in row.items() if head != "seed"} for row in first]
    yield table(
        f"epochs-{name}",
        f"Training log of {name}, seed {seeds[0]}",
        alone,
        best=[(kept(found[0]), "epoch")],
        note=f"Every epoch of the training. {KEPT}",
    )
    if others:
        begin = [sum(map(len, others[:place])) for place in range(len(others))]
        yield table(
            f"epochs-{name}-others",
            f"Training log of {name}, {'seeds' if len(others) > 1 else 'seed'} {listed(seeds[1:])}",
            [row for some in others for row in some],
            best=[
                (at + kept(one), "epoch")
                for at, one in zip(begin, found[1:], strict=True)
                if len(one)
            ],
            note=f"The same with other seeds. {KEPT}",
        )


def _in_order(history: History) -> list[str]:
    """Curves as a log has them: loss, accuracy, other metrics, then the same on validation."""
    plain = [name for name in history.curves if not name.startswith("val_")]
    first = [name for name in ("loss", "accuracy") if name in plain]
    plain = [*first, *(name for name in plain if name not in first)]
    return [*plain, *(f"val_{name}" for name in plain if f"val_{name}" in history.curves)]


def _headed(curve: str) -> str:
    """``val_auc`` → ``validation AUC``."""
    name = curve.removeprefix("val_").replace("_", " ")
    name = "AUC" if name == "auc" else name
    return f"validation {name}" if curve.startswith("val_") else name
