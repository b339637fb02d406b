"""What goes in and comes out of the API, as JSON: the OpenAPI page and the client read this.

To add a shape: a class here, or beside it (``shapes_items.py``, ``shapes_runs.py``,
``shapes_hooks.py``); its docstring and its fields' descriptions are the documentation.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=2000)]
MOST_DECISIONS, MOST_IMAGES = 10_000, 256


class Sent(BaseModel):
    """What is sent to us: a field we do not know is a mistake that is told, not passed over."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """What went wrong, RFC 9457: the sentence and the hint are the command line's."""

    type: str = Field(description="Which kind of error, as errors.py calls it")
    title: str = Field(description="The status in words")
    status: int
    detail: str = Field(description="What was asked and what is so")
    hint: str = Field("", description="What to do")


class Ranked(BaseModel):
    """A class and how probable it is."""

    label: str
    probability: float


class Tagged(BaseModel):
    """A model's answer for one image."""

    id: str
    label: str = Field(description="The class, 'unknown', or empty if it could not be read")
    confidence: float | None
    reason: str = Field(description="Why it is 'unknown'")
    top: list[Ranked]
    familiarity: float | None = Field(description="How like the training images it is")
    done: str = Field(description="What was done to the image before the model saw it")
    error: str = Field(description="Why there is no answer")
    seen: str | None = Field(None, description="What the model saw, a PNG as data URL")


class Tags(BaseModel):
    """Answers for images, in their order."""

    model: str
    threshold: float | None = Field(description="Confidence below which it says 'unknown'")
    tags: list[Tagged]


class TagValue(BaseModel):
    """A tag that holds, and who says so."""

    label: str
    probability: float
    by: str = Field(description="'person' or 'model'")


class Item(BaseModel):
    """An item of the catalogue with the tags that hold."""

    id: str
    group: str | None = Field(description="What it is a variant of")
    title: str
    price: float | None
    attributes: dict[str, Any] = Field(description="What its feed says")
    tags: dict[str, TagValue]
    pictures: list[str]


class Hit(Item):
    """An item that was found."""

    cosine: float | None = Field(description="How near, from -1 to 1; null without an image")


class Found(BaseModel):
    """What a search found, the nearest first."""

    items: list[Hit]
    held_back: int = Field(description="How many are left out since they are not close")
    close: tuple[float, float] | None = Field(
        description="Cosines that are called close: of the nearest, and of further items"
    )
    groups: dict[str, list[str]] | None = Field(
        None, description="Value of the attribute that was grouped by, to ids"
    )


class Items(BaseModel):
    """A page of the catalogue."""

    items: list[Item]
    total: int
    offset: int


class Said(BaseModel):
    """What one model said of an item."""

    attribute: str
    label: str | None
    probability: float | None
    sure: bool
    reason: str
    model: str
    tagging: int
    threshold: float | None
    in_use: bool


class Past(BaseModel):
    """A decision of a person."""

    attribute: str
    verdict: str
    label: str | None
    who: str
    at: str


class Known(Item):
    """All that is known of an item."""

    said: list[Said] = Field(description="What every model said")
    history: list[Past] = Field(description="What people decided, in order")


class Picture(Sent):
    """A photo of an item: a path below the catalogue's folder, or its file as base64."""

    path: str | None = Field(None, max_length=1000)
    content: str | None = None


class Put(Sent):
    """An item as the shop has it; what is left out is empty."""

    title: Text = ""
    price: float | None = Field(None, ge=0, le=1e12, allow_inf_nan=False)
    in_stock: bool | None = None
    url: Text = ""
    group: Name | None = None
    attributes: dict[Name, Text] = Field({}, max_length=200)
    pictures: list[Picture] = Field([], max_length=32)


class Change(BaseModel):
    """Something that happened to an item."""

    n: int
    item: str
    what: str
    at: str


class Changes(BaseModel):
    """What happened after a change."""

    changes: list[Change]
    until: int = Field(description="Ask for what comes after this next time")
    more: bool


class Plan(BaseModel):
    """What an import did, or would do."""

    written: bool
    new: int
    changed: int
    back: int
    same: int
    gone: int
    twice: int
    unreadable: int
    some: dict[str, list[str]] = Field(description="Ids of the first of each")
    problems: list[str] = Field(description="Photos that cannot be used, and why")


class Doubt(BaseModel):
    """A suggestion that waits for a decision."""

    item: str
    title: str
    picture: str
    attribute: str
    suggested: str
    probability: float
    alike: int | None = Field(
        None, description="Number of the group of items that look alike and are suggested the same"
    )


class Review(BaseModel):
    """Suggestions that wait, the most valuable first."""

    doubts: list[Doubt]
    decided: int
    waiting: int


Verdict = Literal["accepted", "rejected", "corrected", "undone"]


class Decision(Sent):
    """What a person says of an item."""

    item: Name
    attribute: Name = "category"
    verdict: Verdict
    label: Name | None = Field(None, description="The right value, for 'corrected'")


class Decisions(Sent):
    """Several, kept all or none."""

    decisions: list[Decision] = Field(min_length=1, max_length=MOST_DECISIONS)


class Kept(BaseModel):
    """How many decisions were new; what is decided so already is not kept twice."""

    asked: int
    new: int


class Value(BaseModel):
    """A value of an attribute."""

    label: str
    synonyms: list[str]
    items: int


class Attribute(BaseModel):
    """What items are tagged with."""

    key: str
    values: list[Value]


class Attributes(BaseModel):
    """Every attribute."""

    attributes: list[Attribute]


class NewAttribute(Sent):
    """An attribute, or values and synonyms for one that is there."""

    key: Name
    values: dict[Name, list[Name]] = Field(
        {}, max_length=5000, description="Label to the synonyms it has from now on"
    )


class Added(BaseModel):
    """An attribute after values were added."""

    key: str
    values: int


class Model(BaseModel):
    """A model that tags."""

    place: str
    model: str
    kind: str
    classes: list[str]
    threshold: float | None
    current: bool = Field(description="Whether it answers here")


class Tagging(BaseModel):
    """One model over the whole catalogue."""

    id: int
    attribute: str
    model: str
    place: str
    threshold: float | None
    in_use: bool
    items: int
    begun_at: str


class Models(BaseModel):
    """What answers here, and what has answered for the catalogue."""

    models: list[Model]
    taggings: list[Tagging]


class Moved(BaseModel):
    """A tag that would change, and of how many items."""

    before: str
    after: str
    items: int


class Preview(BaseModel):
    """What would change if a tagging came into use."""

    tagging: Tagging
    moved: list[Moved]


class Used(BaseModel):
    """How many items have another tag now."""

    changed: int


class Alive(BaseModel):
    """That the process answers."""

    status: Literal["ok"] = "ok"
    version: str


class Ready(BaseModel):
    """Whether it can do its work."""

    status: Literal["ready", "not ready"]
    waits_for: list[str]


class Job(BaseModel):
    """Long work."""

    id: str
    kind: str
    asked: dict[str, Any]
    state: Literal["running", "done", "failed", "stopped"]
    done: int
    total: int
    note: str
    stage: str = Field(description="What is being done at the moment")
    left: str = Field(description="How long the stage still takes, in words; empty if not known")
    begun_at: str
    stopping: bool = Field(description="Whether it was told to stop and ends soon")
    result: dict[str, Any] | None = None
    problem: Problem | None = None


class NewJob(Sent):
    """Let a model suggest tags, look for duplicates, draw the map, load or audit a run's images.

    'run' is of the jobs 'images' and 'audit', all else of a job 'tag'.
    """

    kind: Literal["tag", "duplicates", "map", "images", "audit"] = "tag"
    run: Name | None = None
    model: Name = "latest"
    attribute: Name = "category"
    threshold: float | None = Field(None, ge=0, le=1)
    use: bool = False


class NewHead(Sent):
    """Learn a head for an attribute."""

    attribute: Name
    known: Name | None = Field(None, description="What the feed calls it")
    precision: float = Field(0.95, ge=0, le=1)


class LearnedHead(BaseModel):
    """A model of one attribute, and what cross-validation says of it."""

    attribute: str
    digest: str
    values: list[str]
    examples: int
    accuracy: float
    low: float = Field(description="Of the 95 % interval")
    high: float
    threshold: float | None = Field(description="Probability below which it says 'unknown'")
    answered: float = Field(description="Proportion of the examples that it answers")


class Jobs(BaseModel):
    """What runs and what ran since the start."""

    jobs: list[Job]
