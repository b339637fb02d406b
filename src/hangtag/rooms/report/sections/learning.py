"""Loss and metrics by epoch, training beside validation, the best epoch marked."""

from __future__ import annotations

from typing import Any

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures import learning
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.sections.section import Section

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
        "best": None if history.best_epoch is None else history.best_epoch + 1,
        "restored": history.restored,
        "shifted": facts.shift_training and learning.has_validation(history),
    }


SECTION = Section("learning", "Learning curves", _content)
