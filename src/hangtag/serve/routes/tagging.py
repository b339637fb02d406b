"""Images go in, tags come out: the model's answer with its confidence, or "unknown" and why."""

from __future__ import annotations

import base64
from typing import Annotated

import numpy as np
from fastapi import Query, Request
from numpy.typing import NDArray

from hangtag.drawing import as_png
from hangtag.errors import OptionError
from hangtag.records import Tag
from hangtag.serve.door import Here, Tagging, Who
from hangtag.serve.limits import MANY
from hangtag.serve.shapes import Ranked, Tagged, Tags
from hangtag.serve.table import Route
from hangtag.serve.uploads import form_of

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["picture"],
                    "properties": {
                        "picture": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


async def tag(
    request: Request,
    door: Here,
    who: Who,
    threshold: Annotated[float | None, Query(ge=0, le=1)] = None,
    top: Annotated[int, Query(ge=1, le=100)] = 3,
    seen: bool = False,
) -> Tags:
    """Tag one image or many; what cannot be read has an error, and the others their answers."""
    sent = await form_of(request)
    if not sent.images:
        raise OptionError("there is no image in the request", "a field 'picture' for each")
    async with door.line.turn(who.name):
        model, usual = await door.answerer()
        # The model's own limit goes with what it knows of strange images; another stands alone.
        if threshold is None and usual != model.threshold:
            threshold = usual
        images = await door.decoders.images(sent.images, model.preprocessing)
        tags = await door.tags(Tagging(model, images, threshold, top))
    unread, unknown = sum(bool(one.error) for one in tags), sum(bool(one.reason) for one in tags)
    door.metrics.images(len(tags) - unread - unknown, unknown, unread)
    # Only where it was asked for: an image as text is larger than its tags.
    shown = [_as_png(one.pixels) if seen else None for one in images]
    return Tags(
        model=model.model_id,
        threshold=model.threshold if threshold is None else threshold,
        tags=[
            told(one, png, square=bool(model.preprocessing.frames))
            for one, png in zip(tags, shown, strict=True)
        ],
    )


def told(one: Tag, seen: str | None, *, square: bool) -> Tagged:
    """A tag as JSON has it, with what was done to a photograph whose middle alone was looked at."""
    cut = "cut to its middle square" if square and not one.error else ""
    return Tagged(
        id=one.id,
        label=one.label,
        confidence=one.confidence,
        reason=one.reason,
        top=[Ranked(label=name, probability=value) for name, value in one.top],
        familiarity=one.familiarity,
        done="; ".join(filter(None, (one.done, cut))),
        error=one.error,
        seen=seen,
    )


def _as_png(pixels: NDArray[np.uint8] | None) -> str | None:
    if pixels is None:
        return None
    # Several squares of one image lie below each other; the first is the whole of it.
    first = pixels[: pixels.shape[1]]
    return "data:image/png;base64," + base64.b64encode(as_png(first)).decode("ascii")


ROUTES = (
    Route(
        "POST", "/v1/tag", "tag", tag, "tag", body=MANY, waits=True, more={"openapi_extra": BODY}
    ),
)
