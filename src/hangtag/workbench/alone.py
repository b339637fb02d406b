"""Work that one process at a time may do on a run, as decorators of verbs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from hangtag import locks, runs
from hangtag.runs import Run
from hangtag.workbench.data import as_run

P = ParamSpec("P")
R = TypeVar("R")


def on_a_run(verb: Callable[Concatenate[str | Path | Run, P], R]) -> Callable[..., R]:
    """Let a verb that takes a run have the run for itself, from before it is opened.

    What another process came to meanwhile is therefore seen: a run that it evaluated is not
    evaluated again.
    """

    @functools.wraps(verb)
    def alone(place: str | Path | Run = runs.LATEST, *args: P.args, **options: P.kwargs) -> R:
        run = as_run(place)
        with locks.held(run.folder, f"run {run.name}"):
            return verb(run.folder, *args, **options)

    return alone


def with_run(work: Callable[Concatenate[Run, P], R]) -> Callable[Concatenate[Run, P], R]:
    """Let what works on an open run have it for itself."""

    @functools.wraps(work)
    def alone(run: Run, /, *args: P.args, **options: P.kwargs) -> R:
        with locks.held(run.folder, f"run {run.name}"):
            return work(run, *args, **options)

    return alone
