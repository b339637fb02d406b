"""Heads: models of one attribute, learned from what people decided, without opening a photo."""

from __future__ import annotations

from typing import Any

import hangtag
from hangtag.errors import ConflictError
from hangtag.progress import Progress
from hangtag.requests import LearnRequest, TagCatalogRequest
from hangtag.rooms import catalog as room
from hangtag.serve.door import Here
from hangtag.serve.routes.jobs import told
from hangtag.serve.shapes import Job, LearnedHead, NewHead
from hangtag.serve.table import Route


async def train(asked: NewHead, door: Here) -> LearnedHead:
    """Learn a head for an attribute from decisions and the feed; nothing is tagged by it yet."""
    request = LearnRequest(**asked.model_dump())
    # Beside the readers, not in the event loop: a few seconds for a thousand examples.
    found = await door.reads(hangtag.learn_attribute, door.catalog, request)
    accuracy, low, high = found.facts["accuracy"]
    return LearnedHead(
        attribute=found.attribute,
        digest=found.digest,
        values=list(found.labels),
        examples=found.facts["examples"],
        accuracy=accuracy,
        low=low,
        high=high,
        threshold=found.threshold,
        answered=found.facts["answered"],
    )


async def activate(digest: str, door: Here) -> Job:
    """Tag every item by a head and use its tags; what people decided stays, and going back, too."""
    catalog = door.catalog
    key = await door.reads(room.learned_for, catalog, digest)
    newest = await door.reads(room.newest_head, catalog, key)
    if newest.digest != digest:
        raise ConflictError(
            f"a newer head was learned for '{key}' since", f"activate {newest.digest}"
        )

    def work(progress: Progress) -> dict[str, Any]:
        # By name: the next one that is learned meanwhile would be as good or better.
        request, model = TagCatalogRequest(use=True), f"{room.HEAD}{key}"
        return vars(hangtag.tag_catalog(catalog, request, model=model, progress=progress))

    return told(door.jobs.begin("tag", {"head": digest}, work))


ROUTES = (
    Route("POST", "/v1/heads:train", "admin", train, "heads", writes=True),
    Route(
        "POST", "/v1/heads/{digest}:activate", "admin", activate, "heads",
        writes=True, more={"status_code": 202},
    ),
)  # fmt: skip
