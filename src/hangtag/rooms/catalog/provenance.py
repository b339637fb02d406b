"""Where the tags of an item come from: what every model said of it, and where its photos are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from hangtag.rooms.catalog.file import Catalog
from hangtag.rooms.catalog.schema import attribute, item, photo, suggestion, tagging, value


@dataclass(frozen=True)
class Suggested:
    """What one model said of an item.

    Attributes:
        attribute: Such as ``category``.
        label: The most probable value; None if it could not answer.
        probability: Of that value.
        sure: Whether the model answers with it, or says "unknown".
        reason: Why there is no answer.
        model: Id of the model.
        tagging: Number of its tagging.
        threshold: Confidence below which it says "unknown".
        in_use: Whether its suggestions are the tags.
    """

    attribute: str
    label: str | None
    probability: float | None
    sure: bool
    reason: str
    model: str
    tagging: int
    threshold: float | None
    in_use: bool


def suggested(catalog: Catalog, number: int) -> list[Suggested]:
    """What models said of an item, those in use first, then the newest."""
    asked = (
        select(
            attribute.c.key,
            value.c.label,
            suggestion.c.probability,
            suggestion.c.sure,
            suggestion.c.reason,
            tagging.c.model,
            tagging.c.id,
            tagging.c.threshold,
            tagging.c.in_use,
        )
        .join(tagging, tagging.c.id == suggestion.c.tagging)
        .join(attribute, attribute.c.id == tagging.c.attribute)
        .outerjoin(value, value.c.id == suggestion.c.value)
        .where(suggestion.c.item == number)
        .order_by(tagging.c.in_use.desc(), tagging.c.id.desc())
    )
    with catalog.reading() as connection:
        return [Suggested(*row) for row in connection.execute(asked)]


@dataclass(frozen=True, eq=False)
class Kept:
    """A photo of an item, where it is kept.

    Attributes:
        source: The path of its file, or its bytes.
        sha256: Of its bytes; empty where they could not be read.
        reason: Why it cannot be used; empty if it can.
    """

    source: Path | bytes
    sha256: str
    reason: str


def images_of(catalog: Catalog, name: str) -> list[Kept]:
    """The photos of the item that the shop calls so, in their order; none if it is not there."""
    # Of items that are there alone: what was taken out is shown to nobody.
    asked = (
        select(photo.c.uri, photo.c.content, photo.c.sha256, photo.c.reason)
        .join(item, item.c.id == photo.c.item)
        .where(item.c.external_id == name, item.c.deleted_at.is_(None))
        .order_by(photo.c.position)
    )
    with catalog.reading() as connection:
        return [
            Kept(catalog.root / uri if content is None else content, digest, reason)
            for uri, content, digest, reason in connection.execute(asked)
        ]
