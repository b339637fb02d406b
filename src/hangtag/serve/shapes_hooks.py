"""Shapes of the API that are about webhooks; see ``shapes.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hangtag.serve.shapes import Sent

What = Literal["imported", "changed", "deleted", "tagged", "decided"]


class NewWebhook(Sent):
    """Tell an address of changes."""

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    what: list[What] = Field([], max_length=5, description="Only such changes; empty for all")
    since: int | None = Field(
        None, ge=0, le=2**53, description="Also those after this number; left out, from now on"
    )


class Webhook(BaseModel):
    """An address that is told of changes."""

    id: int
    url: str
    what: list[str]
    since: int = Field(description="The last change that it has confirmed")
    waiting: int = Field(description="Changes that it has not confirmed yet, of all kinds")
    tries: int = Field(description="How often the next delivery has failed")
    trouble: str = Field(description="Why it failed the last time")
    created_at: str


class MadeWebhook(Webhook):
    """A new one, with the secret that deliveries are signed with; it is told once."""

    secret: str


class Webhooks(BaseModel):
    """All of them."""

    webhooks: list[Webhook]
