"""Runs as rows of a table: what each is, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from hangtag.records.evaluation import Score
from hangtag.records.stored import Stored
from hangtag.records.upstairs import Told


@dataclass(frozen=True)
class ListedRun(Stored):
    """A run in a list.

    Attributes:
        name: Of its folder.
        place: Where the folder is.
        kind: Kind of model, such as ``network``; empty where the run cannot be read.
        model: What the run is named after, such as ``cnn-28-56``.
        data: The image set.
        written: When the run last changed, in UTC, ISO 8601.
        stage: ``training``, ``diverged``, ``trained``, ``evaluated``, or ``unreadable``.
        validation: Accuracy on validation images; None where there are none yet.
        accuracy: On the test split; None until it is opened.
        note: Why a score is missing, and what to do; empty when both are there.
    """

    name: str
    place: str
    kind: str
    model: str
    data: str
    written: str
    stage: str
    validation: float | None = None
    accuracy: Score | None = None
    note: str = ""


@dataclass(frozen=True)
class RunList(Stored, Told):
    """Runs in a list.

    Attributes:
        place: The folder they lie in.
        rows: Those that were asked for.
        of: How many there are in all.
    """

    place: str
    rows: tuple[ListedRun, ...]
    of: int
