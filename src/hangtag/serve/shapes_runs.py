"""Shapes of the API that are about runs and their images; see ``shapes.py``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from hangtag.serve.shapes import MOST_DECISIONS, Name, Sent


class RunRow(BaseModel):
    """A run and what it is worth."""

    name: str
    model: str
    data: str
    accuracy: float | None
    low: float | None = Field(description="Of the 95 % interval")
    high: float | None
    test_images: int
    why: str = Field(description="Why there is no accuracy")


class Runs(BaseModel):
    """Every run."""

    runs: list[RunRow]


class CoveragePoint(BaseModel):
    """What a run's answers from one confidence on are worth, with 95 % intervals."""

    threshold: float
    accuracy: float = Field(description="Proportion of these answers that is right")
    low: float
    high: float
    answered: float = Field(description="Proportion of the images that are answered")
    answered_low: float
    answered_high: float
    test_images: int


class RunKnown(BaseModel):
    """Curves of a run."""

    name: str
    stage: str
    training: bool = Field(description="Whether it is being trained just now")
    curves: dict[str, list[float | None]] = Field(description="One value an epoch")
    coverage: list[CoveragePoint] = Field(description="From few, sure answers to all of them")


class Against(BaseModel):
    """Two runs on the same test images."""

    first: str
    second: str
    test_images: int
    accuracies: list[float]
    difference: float = Field(description="Accuracy of the first minus that of the second")
    low: float | None
    high: float | None
    first_only: int = Field(description="Images that only the first gets right")
    second_only: int
    p_value: float
    test: str
    cautions: list[str]


class FoundImage(BaseModel):
    """An image that a finding is about."""

    id: str
    number: int
    label: str
    part: str
    verdict: str = Field(description="What people decided; empty if nothing")
    decided: str = Field(description="The label they gave it")


class FoundThing(BaseModel):
    """What an audit found."""

    check: str
    severity: str
    message: str
    suggestion: str = Field(description="The class that is likelier; empty if none")
    images: list[FoundImage]
    more: int = Field(description="How many images are not listed")


class Audited(BaseModel):
    """What an audit found in the images of a run."""

    checks: dict[str, int] = Field(description="Findings by check")
    findings: list[FoundThing]
    total: int
    offset: int
    classes: list[str]
    decided: int
    command: str = Field(description="What trains on the decisions; empty without any")


class ImageDecision(Sent):
    """What a person says of an image."""

    number: int = Field(ge=0, le=2**53, description="Its place in the set")
    verdict: Literal["keep", "relabel", "drop"]
    label: Name | None = Field(None, description="The right class, for 'relabel'")


class ImageDecisions(Sent):
    """Several, kept all or none."""

    decisions: list[ImageDecision] = Field(min_length=1, max_length=MOST_DECISIONS)


class ImagesKept(BaseModel):
    """What was kept, and what trains on it."""

    kept: int
    decided: int = Field(description="Images that anything is decided on")
    command: str
