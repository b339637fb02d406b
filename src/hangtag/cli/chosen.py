"""What ``forest`` and ``mixture`` say behind what is their own: both choose one of many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import hangtag
from hangtag.cli.console import answered, next_step, note
from hangtag.cli.unknown import caution_without
from hangtag.requests import command_line

if TYPE_CHECKING:
    from hangtag.records import Candidates, Evaluation
    from hangtag.runs import Run


def facts(run: Run, tried: Candidates, tested: Evaluation | None) -> dict[str, Any]:
    """The run, its model, all that was tried, and the test if it was made, for machines."""
    return {
        "run": str(run.folder),
        "source": run.config.source,
        "split": run.config.split,
        "model": hangtag.open_bundle(run.folder).model_id,
        **tried.to_dict(),
        "test": None if tested is None else tested.to_dict(),
    }


def show(run: Run) -> None:
    """Everything, as the kind's own command shows it."""
    tried = run.candidates()
    if not answered(lambda: facts(run, tried, None)):
        from hangtag.cli.kind import TELLS, tell  # which closes as all kinds do, from here

        TELLS.get(run.config.spec.kind, tell)(run, None)
        close(run, tried.notes, tested=False)


def close(run: Run, notes: Iterable[str], *, tested: bool) -> None:
    """What must be known of the choice, and what to do next."""
    caution_without(hangtag.open_bundle(run.folder).threshold)
    for one in notes:
        note(f"note: {one}")
    if not tested:
        note(
            "validation scores are optimistic after a choice by them: evaluate has the rest",
        )
    next_step(command_line("report" if tested else "evaluate", run.folder))
