"""The images of a run: what an audit found in them, and what people decide on each.

Decisions go into the run's ``decisions.jsonl``, a line each, and ``hangtag train`` takes the file
(``--decisions``): another label, or left out of training. The images themselves stay as they are.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import Path as InPath
from fastapi import Query, Response
from PIL import Image

import hangtag
from hangtag import atomic, locks
from hangtag.drawing import as_png
from hangtag.errors import ConflictError, UnknownNameError, UsageError
from hangtag.progress import Progress, silent
from hangtag.records import Findings, ImageSet, Source
from hangtag.requests.loading import pinned
from hangtag.rooms.load import decided
from hangtag.rooms.load.decided import RELABEL, ImageDecision
from hangtag.runs import Run
from hangtag.serve import shapes_runs
from hangtag.serve.door import Door, Here, Who
from hangtag.serve.routes import runs
from hangtag.serve.shapes_runs import Audited, FoundImage, FoundThing, ImageDecisions, ImagesKept
from hangtag.serve.table import Route

KIND, LOAD = "audit", "images"
FINDINGS, DECISIONS = "findings.json", "decisions.jsonl"
IMAGES = 12
"""Images of one finding that are shown; copies may be many."""
SIDE = 160
MOST_HELD = 64_000_000
"""Bytes of a run's photographs that are kept for the page; of more, files are opened again."""

Number = Annotated[int, InPath(ge=0, le=2**53)]


def images_of(door: Door, run: Run, progress: Progress = silent) -> ImageSet:
    """The images of a run; those of the last one are kept, since a page asks for many of them.

    Of many photographs only what is known of them is kept: `_pixels` opens their files.
    """
    with door.loading:
        if door.loaded is None or door.loaded[0] != str(run.folder):
            _load(door, run, progress)
        assert door.loaded is not None, "it was loaded"
        return door.loaded[1]


def _with_pixels(door: Door, run: Run, progress: Progress) -> ImageSet:
    """The images of a run, pixels and all, which is what an audit looks at."""
    with door.loading:
        kept = door.loaded
        if kept is not None and kept[0] == str(run.folder) and not _is_light(kept[1]):
            return kept[1]
        return _load(door, run, progress)


def _load(door: Door, run: Run, progress: Progress) -> ImageSet:
    images = hangtag.run_images(run.folder, progress=progress)
    light = images
    if images.originals is not None and images.images.nbytes > MOST_HELD:
        # One byte that stands for all pixels: size and number of images stay what they are.
        light = replace(images, images=np.broadcast_to(np.zeros(1, np.uint8), images.images.shape))
        # What identifies the images is made of their pixels, and is known already.
        vars(light)["fingerprint"] = images.fingerprint
    door.loaded = (str(run.folder), light)
    return images


def _is_light(images: ImageSet) -> bool:
    return not any(images.images.strides)


def load(door: Door, name: str, progress: Progress) -> dict[str, Any]:
    """Load the images of a run; a job, since photographs take minutes to be decoded."""
    return {"images": len(images_of(door, runs.run_of(door, name), progress))}


def audit(door: Door, name: str, progress: Progress) -> dict[str, Any]:
    """Audit the images of a run and keep what was found in it; what a job does."""
    run = runs.run_of(door, name)
    found = hangtag.audit(_with_pixels(door, run, progress), progress=progress)
    atomic.write_json(run.folder / FINDINGS, found.to_dict())
    return {"findings": len(found)}


async def findings(
    name: str,
    door: Here,
    check: Annotated[str | None, Query(max_length=100, description="Only of this check")] = None,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 24,
    undecided: Annotated[bool, Query(description="Only where something is undecided")] = False,
) -> Audited:
    """Give what the last audit of a run found, with its images and what people decided on them."""
    return await door.reads(audited, door, name, check, offset, limit, undecided=undecided)


def audited(
    door: Door, name: str, check: str | None, offset: int, limit: int, *, undecided: bool
) -> Audited:
    """What an audit found, as JSON has it.

    Raises:
        ConflictError: The run was not audited yet, or of another state of its images.
    """
    run = runs.run_of(door, name)
    images, found, last = images_of(door, run), kept_findings(run), said(run)
    if found is None or found.fingerprint != images.fingerprint:
        raise ConflictError(
            f"the images of {name} were not audited yet",
            f'POST /v1/jobs with {{"kind": "audit", "run": {json.dumps(name)}}}',
        )
    # What is about the whole set has no image to decide on; the report of an audit tells it.
    about = [one for one in found.findings if one.indices]
    counts: dict[str, int] = {}
    for one in about:
        counts[one.check] = counts.get(one.check, 0) + 1
    shown = [one for one in about if check in (None, one.check)]
    if undecided:
        shown = [
            one for one in shown if not any(images.id_of(index) in last for index in one.indices)
        ]
    return Audited(
        checks=counts,
        total=len(shown),
        offset=offset,
        findings=[
            FoundThing(
                check=one.check,
                severity=one.severity,
                message=one.message,
                suggestion=one.suggestion if one.suggestion in images.class_names else "",
                images=[_image(images, index, last) for index in one.indices[:IMAGES]],
                more=max(0, len(one.indices) - IMAGES),
            )
            for one in shown[offset : offset + limit]
        ],
        classes=list(images.class_names),
        decided=len(last),
        command=command(run),
    )


def kept_findings(run: Run) -> Findings | None:
    """What the last audit found; None before one, or where its file is no such thing."""
    try:
        return Findings.from_dict(json.loads((run.folder / FINDINGS).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def said(run: Run) -> dict[str, ImageDecision]:
    """The last decision on each image; what was taken back is none."""
    path = run.folder / DECISIONS
    return {one.id: one for one in decided.read(path)} if path.is_file() else {}


def command(run: Run) -> str:
    """What trains on what is decided until now; empty where nothing is."""
    path = run.folder / DECISIONS
    if not path.is_file():
        return ""
    source = run.config.origin
    # With the number of decisions: what is decided later does not change what this trained on.
    options = replace(source.options, decisions=pinned(str(path)))
    return shlex.join(["hangtag", "train", *Source(source.place, options).words()])


def _image(images: ImageSet, index: int, last: dict[str, ImageDecision]) -> FoundImage:
    name = images.id_of(index)
    one = last.get(name)
    return FoundImage(
        id=name,
        number=index,
        label=images.class_of(index),
        part=images.part_of(index),
        verdict=one.verdict if one else "",
        decided=one.label if one else "",
    )


async def image(name: str, number: Number, door: Here) -> Response:
    """Give an image of a run's set as PNG, small ones in whole pixels."""
    return Response(
        await door.reads(_pixels, door, name, number),
        media_type="image/png",
        headers={"cache-control": "private, max-age=3600"},
    )


def _pixels(door: Door, name: str, number: int) -> bytes:
    images = images_of(door, runs.run_of(door, name))
    if number >= len(images):
        raise UnknownNameError(f"{name} has no image {number}", f"it has {len(images)}")
    if not _is_light(images):
        return as_png(images.images[number], least=SIDE)
    assert images.originals is not None, "files are what is opened instead"
    (photo,) = images.originals.open([number], SIDE)
    small = Image.fromarray(photo)
    small.thumbnail((2 * SIDE, 2 * SIDE))
    return as_png(np.asarray(small))


async def decide(name: str, asked: ImageDecisions, door: Here, who: Who) -> ImagesKept:
    """Keep decisions on images, all or none: leave it, give it another label, or leave it out."""
    return await door.reads(_decide, door, name, asked, who.name)


def _decide(door: Door, name: str, asked: ImageDecisions, who: str) -> ImagesKept:
    run = runs.run_of(door, name)
    images, at = images_of(door, run), datetime.now(UTC).isoformat(timespec="seconds")
    made = [_checked(images, one, who, at) for one in asked.decisions]
    lines = "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in made)
    path = run.folder / DECISIONS
    with locks.held(run.folder, f"run {run.name}"):
        path.touch()
        atomic.append(path, lines.encode("utf-8", "replace"), durable=True)
    return ImagesKept(kept=len(made), decided=len(said(run)), command=command(run))


def _checked(images: ImageSet, one: shapes_runs.ImageDecision, who: str, at: str) -> ImageDecision:
    """A decision that can be carried out.

    Raises:
        UnknownNameError: There is no such image or class.
        UsageError: The label is missing.
    """
    if not 0 <= one.number < len(images):
        raise UnknownNameError(f"there is no image {one.number}", f"there are {len(images)}")
    label = one.label or ""
    if one.verdict == RELABEL:
        if not label:
            raise UsageError("an image is to have another label, and none is said", "name it")
        decided.class_of(images.class_names, label)
    return ImageDecision(images.id_of(one.number), one.verdict, label, who, at)


def summary(door: Door, name: str) -> dict[str, Any]:
    """What the page shows before anything is audited; little until the images are loaded."""
    run = runs.run_of(door, name)
    facts: dict[str, Any] = {"run": name, "data": Path(run.config.source).name, "loaded": False}
    kept = door.loaded
    if kept is None or kept[0] != str(run.folder):
        return facts
    images = kept[1]
    parts = list(images.parts)
    counts = {part: images.counts(part).tolist() for part in parts}
    rows = [
        {"name": label, "counts": [counts[part][n] for part in parts]}
        for n, label in enumerate(images.class_names)
    ]
    found = kept_findings(run)
    return {
        **facts,
        "loaded": True,
        "parts": parts,
        "rows": rows,
        "most": max((sum(row["counts"]) for row in rows), default=1) or 1,
        "images": len(images),
        "size": "×".join(map(str, images.shape)),
        "audited": found is not None and found.fingerprint == images.fingerprint,
        "cautions": list(found.cautions) if found else [],
        "command": command(run),
    }


PNG = {200: {"content": {"image/png": {}}, "description": "An image"}}
ROUTES = (
    Route("GET", "/v1/runs/{name}/findings", "read", findings, "runs"),
    Route(
        "GET", "/v1/runs/{name}/images/{number}", "read", image, "runs",
        answers=PNG, more={"response_class": Response},
    ),
    Route("POST", "/v1/runs/{name}/decisions", "decide", decide, "runs", writes=True),
)  # fmt: skip
