"""Long work: begun, looked at while it runs (server-sent events), and stopped."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

import hangtag
from hangtag.progress import Progress
from hangtag.requests import TagCatalogRequest
from hangtag.serve import jobs as room
from hangtag.serve import problems, shapes
from hangtag.serve.door import Door, Here, is_model
from hangtag.serve.routes import data, duplicates, mapped, runs
from hangtag.serve.shapes import Job, Jobs, NewJob
from hangtag.serve.table import Route
from hangtag.workbench.tag import Model

LOOK = 0.3
"""Seconds between two looks at a job."""


async def all_of_them(door: Here) -> Jobs:
    """List what runs and what ran since the start."""
    return Jobs(jobs=[told(one) for one in door.jobs.all()])


async def begin(asked: NewJob, door: Here) -> Job:
    """Begin long work: tags for all items, duplicates, the map, a run's images and their audit."""
    if asked.kind in (data.KIND, data.LOAD):
        name = asked.run or ""
        await door.reads(runs.run_of, door, name)  # a wrong name is said before it is promised
        work = partial(data.audit if asked.kind == data.KIND else data.load, door, name)
        return told(door.jobs.begin(asked.kind, {"kind": asked.kind, "run": name}, work))
    door.catalog  # noqa: B018 - a run has no items, and says so before anything is begun
    if asked.kind != "tag":
        work = partial({"duplicates": duplicates.look_for, "map": mapped.draw}[asked.kind], door)
        return told(door.jobs.begin(asked.kind, {"kind": asked.kind}, work))
    return told(door.jobs.begin(asked.kind, asked.model_dump(), await _tagging(asked, door)))


async def _tagging(asked: NewJob, door: Door) -> room.Work:
    """Let a model suggest tags for every item; ended at any moment, the same job goes on."""
    catalog, options = door.catalog, asked.model_dump(exclude={"kind", "model", "run"})
    model: Model = asked.model
    if is_model(asked.model):  # opened before it is promised, so that a wrong name is said at once
        model = await door.reads(door.opened, asked.model)

    def work(progress: Progress) -> dict[str, Any]:
        request = TagCatalogRequest(**options)
        found = hangtag.tag_catalog(catalog, request, model=model, progress=progress)
        return vars(found)

    return work


async def look(name: str, door: Here) -> Job:
    """Say how far a job is."""
    return told(door.jobs.find(name))


async def stop(name: str, door: Here) -> Job:
    """Stop a job; what it has done stays, and the same job goes on from there."""
    found = door.jobs.find(name)
    found.stop.set()
    return told(found)


async def events(name: str, door: Here, request: Request) -> StreamingResponse:
    """Tell how far a job is, as server-sent events, until it ends."""
    return StreamingResponse(
        _events(door, door.jobs.find(name), request), media_type="text/event-stream"
    )


async def _events(door: Door, job: room.Job, request: Request) -> AsyncIterator[bytes]:
    said = ""
    while not await request.is_disconnected():
        now = told(job)
        text = now.model_dump_json()
        if text != said:
            yield f"event: {now.state}\ndata: {text}\n\n".encode()
            said = text
        # A server that ends waits for its answers, and this one would never end by itself.
        if now.state != "running" or door.ending:
            return
        await asyncio.sleep(LOOK)


def told(one: room.Job) -> Job:
    """A job as JSON has it."""
    problem = None
    if one.error is not None:
        problem = shapes.Problem(**json.loads(problems.problem(one.error)[2]))
    return Job(
        id=one.id, kind=one.kind, asked=one.asked, state=one.state, done=one.done,
        total=one.total, note=one.note, stage=one.stage, left=one.left,
        begun_at=one.begun_at, stopping=one.state == "running" and one.stop.is_set(),
        result=one.result, problem=problem,
    )  # fmt: skip


EVENTS = {200: {"content": {"text/event-stream": {}}, "description": "How far it is"}}
ROUTES = (
    Route("GET", "/v1/jobs", "read", all_of_them, "jobs"),
    Route("POST", "/v1/jobs", "admin", begin, "jobs", writes=True, more={"status_code": 202}),
    Route("GET", "/v1/jobs/{name}", "read", look, "jobs"),
    Route("DELETE", "/v1/jobs/{name}", "admin", stop, "jobs", writes=True),
    Route(
        "GET", "/v1/jobs/{name}/events", "read", events, "jobs",
        answers=EVENTS, more={"response_class": StreamingResponse},
    ),
)  # fmt: skip
