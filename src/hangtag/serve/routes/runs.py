"""Runs: all of them, the curves of one, what "unknown" buys it, and any two on the same images."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from fastapi import Request
from fastapi.responses import StreamingResponse

import hangtag
from hangtag import locks, runs, settings
from hangtag.errors import HangtagError, RunError, UnknownNameError, nearest
from hangtag.records import Evaluation
from hangtag.rooms import catalog as room
from hangtag.rooms.evaluate.intervals import wilson
from hangtag.rooms.train import checkpoint
from hangtag.runs import Run
from hangtag.serve.door import Door, Here
from hangtag.serve.runs_shown import folders, runs_shown
from hangtag.serve.shapes_runs import Against, CoveragePoint, RunKnown, RunRow, Runs
from hangtag.serve.table import Route

LOOK = 1.0
"""Seconds between two looks at a training."""


def places(door: Door) -> dict[str, Path]:
    """Where every run lies that can be asked about, by its name."""
    return folders(door.place, _models(door))


def _models(door: Door) -> list[str]:
    return [one.place for one in room.taggings(door.catalog)] if door.has_catalog else []


def run_of(door: Door, name: str) -> Run:
    """The run of that name.

    Raises:
        UnknownNameError: There is none among those that are shown.
        RunError: It is damaged.
    """
    known = places(door)
    if name not in known:
        raise UnknownNameError(f"there is no run '{name}'", nearest(name, known))
    return runs.open_run(known[name], runs=settings.runs_folder())


async def all_of_them(door: Here) -> Runs:
    """List every run, the newest first, with its accuracy and interval."""
    return await door.reads(listed, door)


def listed(door: Door) -> Runs:
    """Every run as JSON has it."""
    rows = []
    for one in runs_shown(door.place, _models(door)):
        score = one["score"]
        low, high = (None, None) if score is None else (score.low, score.high)
        rows.append(
            RunRow(
                name=one["name"],
                model=one["model"],
                data=one["data"],
                why=one["why"],
                accuracy=None if score is None else score.value,
                low=low,
                high=high,
                test_images=0 if score is None else score.n,
            )
        )
    return Runs(runs=rows)


async def look(name: str, door: Here) -> RunKnown:
    """Give a run's learning curves, and its accuracy where the least sure answers are withheld."""
    return await door.reads(known, door, name)


def known(door: Door, name: str) -> RunKnown:
    """All of a run that its pages draw."""
    run = run_of(door, name)
    begun = run.stage == "training"
    curves: Mapping[str, Sequence[float]] = {}
    with suppress(HangtagError):  # kinds that are not trained by epochs have none
        curves = checkpoint.curves(run.checkpoint) if begun else run.history().curves
    points: list[CoveragePoint] = []
    with suppress(RunError):  # not evaluated yet
        points = covered(run.evaluation())
    return RunKnown(
        name=name,
        stage=run.stage,
        training=begun and locks.is_held(run.folder),
        curves={
            key: [value if np.isfinite(value) else None for value in values]
            for key, values in curves.items()
        },
        coverage=points,
    )


async def events(name: str, door: Here, request: Request) -> StreamingResponse:
    """Give a run's learning curves as they grow, as server-sent events, until it is trained."""
    await door.reads(run_of, door, name)  # a wrong name has its own answer
    return StreamingResponse(_events(door, name, request), media_type="text/event-stream")


async def _events(door: Door, name: str, request: Request) -> AsyncIterator[bytes]:
    said = ""
    while not (door.ending or await request.is_disconnected()):
        now = await door.reads(known, door, name)
        text = now.model_dump_json()
        if text != said:
            yield f"event: curves\ndata: {text}\n\n".encode()
            said = text
        if not now.training:
            return
        await asyncio.sleep(LOOK)


def covered(found: Evaluation) -> list[CoveragePoint]:
    """What withholding the least sure answers buys, measured on the test images."""
    curve = found.coverage
    if curve is None:
        return []
    n = len(found)
    # How many are answered is a proportion like any other, and as sure as its number of images.
    low, high = wilson(np.rint(curve.coverage * n), np.full(len(curve.coverage), n))
    columns = (
        curve.thresholds, curve.accuracy, curve.low, curve.high, curve.coverage, low, high,
    )  # fmt: skip
    names = ("threshold", "accuracy", "low", "high", "answered", "answered_low", "answered_high")
    rows = zip(*(np.asarray(one, float).tolist() for one in columns), strict=True)
    return [CoveragePoint(**dict(zip(names, row, strict=True)), test_images=n) for row in rows]


async def against(name: str, other: str, door: Here) -> Against:
    """Compare two runs that were tested on the same images: a paired test, and its interval."""
    pair = [await door.reads(run_of, door, one) for one in (name, other)]
    found = await door.reads(hangtag.compare, [one.folder for one in pair])
    (one,) = found.comparison.differences
    return Against(
        first=name,
        second=other,
        test_images=found.comparison.n,
        accuracies=[each.accuracy.value for each in found.rows],
        difference=one.accuracy.value,
        low=one.accuracy.low,
        high=one.accuracy.high,
        first_only=len(one.first_only),
        second_only=len(one.second_only),
        p_value=one.p_value,
        test=one.test,
        cautions=list(found.cautions),
    )


EVENTS = {200: {"content": {"text/event-stream": {}}, "description": "Its curves as they grow"}}
ROUTES = (
    Route("GET", "/v1/runs", "read", all_of_them, "runs"),
    Route("GET", "/v1/runs/{name}", "read", look, "runs"),
    Route(
        "GET", "/v1/runs/{name}/events", "read", events, "runs",
        answers=EVENTS, more={"response_class": StreamingResponse},
    ),
    Route("GET", "/v1/runs/{name}/against/{other}", "read", against, "runs"),
)  # fmt: skip
