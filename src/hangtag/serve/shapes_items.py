"""Shapes of the API that are about many items at once: groups and the map; see ``shapes.py``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class Alike(BaseModel):
    """An item that is like the first of its group."""

    item: str
    title: str
    relation: str = Field(description="'same picture', 'near copy' or 'other color'")
    cosine: float | None
    said: Literal["same", "apart", ""] = Field(description="What people decided")


class AlikeGroup(BaseModel):
    """Items that belong together, under the one that came first."""

    attribute: str = Field(description="What a decision on one of the others is about")
    item: str
    title: str
    others: list[Alike]


class AlikeGroups(BaseModel):
    """Groups of duplicates and variants."""

    groups: list[AlikeGroup]
    total: int
    waiting: int = Field(description="Groups in which something is undecided")
    offset: int
    found: bool = Field(description="Whether a job has looked for them yet")
    current: bool = Field(description="Whether no item came or went since")


class Placed(BaseModel):
    """Where items lie on the map; all lists but the last two are as long as there are items."""

    ids: list[str]
    x: list[int]
    y: list[int]
    label: list[int] = Field(description="Into labels")
    labels: list[str]
    keys: list[str] = Field(description="Attributes that can color it")
    share: float = Field(description="Of the variance of the embeddings, that the map shows")
    found: bool = Field(description="Whether a job has made a map yet")
    current: bool = Field(description="Whether no item came or went since")
