"""Loss and metrics by epoch as curves and as a table, training beside validation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hangtag.records import History, ReportFacts, StudyTable
from hangtag.rooms.report.figures import learning
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.results import epochs
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.shell import Block
from hangtag.rooms.report.study.tables import shown

_ROWS = 1000  # epochs that a page has room for

_ENDED = {
    "epochs": "Training ended after the epochs it was given",
    "early stopping": "Training was stopped early, since it did not get better any more",
    "asked": "Training was stopped by hand",
    "diverged": "Training was stopped because the loss left the finite numbers",
}


def _content(facts: ReportFacts) -> dict[str, Any] | None:
    history = facts.history
    if history is None or not len(history):
        return None
    return {
        "figures": [inline(drawn) for drawn in learning.draw(facts)],
        "ended": _ENDED.get(history.stopped, f"Training ended: {history.stopped}"),
        "epochs": len(history),
        "seconds": sum(history.seconds),
        "compiling": history.compiling,
        "best": None if history.best_epoch is None else history.best_epoch + 1,
        "restored": history.restored,
        "log": shown(_log(history), _ROWS),
        "shifted": facts.shift_training and learning.has_validation(history),
    }


def _log(history: History) -> StudyTable:
    best = [(epochs.kept(history), "epoch")]
    return table("epochs", "Training log", epochs.rows(history), best=best, note=epochs.KEPT)


def _dressed(block: Block, _: ReportFacts) -> Block:
    return replace(block, styles=("tables.css",), scripts=("tables.js",))


SECTION = Section("learning", "Learning curves", _content, _dressed)
