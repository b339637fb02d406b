"""Requests of the verbs that judge models and use them: evaluate, compare, ablate, summary, tag."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from hangtag.families import EXPORTS, listed
from hangtag.requests.base import Option, Request
from hangtag.requests.changes import VARIANTS
from hangtag.requests.everywhere import Limit, SplitAs
from hangtag.requests.kinds import KINDS
from hangtag.requests.values import SEEDS, Value


def _shape(given: Any) -> tuple[int, ...]:  # noqa: ANN401 - whatever was said
    text = given if isinstance(given, str) else "x".join(map(str, given))
    found = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})x([13])", text)
    if found is None:
        raise ValueError
    return tuple(map(int, found.groups()))


SHAPE = Value(
    _shape,
    "HEIGHTxWIDTHxCHANNELS, such as 28x28x1",
    lambda shape: "x".join(map(str, shape)),
    "SHAPE",
    {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]},
)


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest(Request):
    """Open the test split, once."""

    again: Annotated[
        bool, Option("Predict again though the result is there; the run remembers.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ExportRequest(Request):
    """Write a model as a file that other programs open."""

    to: Annotated[str, Option(f"Format: {listed(EXPORTS)}.")] = "onnx"


@dataclass(frozen=True, kw_only=True)
class CompareRequest(Request):
    """Put runs tested on the same images side by side."""

    exact: Annotated[bool, Option("McNemar's exact test instead of mid-p.")] = False
    repeats: Annotated[
        bool, Option("Also compare networks over the seeds they were trained with.")
    ] = False
    five_by_two: Annotated[
        bool, Option("Also train each pair anew, twenty times: the corrected 5x2cv t-test.")
    ] = False
    shown: Annotated[int | None, Option("Disagreements listed each way.", low=0)] = 5


RUN_STAGES = ("training", "diverged", "trained", "evaluated", "unreadable")
"""How far a run can be."""


@dataclass(frozen=True, kw_only=True)
class RunsRequest(Request):
    """List runs with their scores, the newest or the best first."""

    model: Annotated[
        str | None, Option("Only this kind of model, such as forest.", choices=("network", *KINDS))
    ] = None
    data: Annotated[str | None, Option("Only image sets with this in their name.")] = None
    stage: Annotated[str | None, Option("Only runs that are so far.", choices=RUN_STAGES)] = None
    above: Annotated[
        float | None, Option("Only runs of at least this test accuracy.", low=0, high=1)
    ] = None
    sort: Annotated[
        str,
        Option(
            "What comes first: written, accuracy or validation.",
            choices=("written", "accuracy", "validation"),
        ),
    ] = "written"
    shown: Annotated[int | None, Option("Rows at most.", low=1, flags="--rows")] = None


@dataclass(frozen=True, kw_only=True)
class AblateRequest(Request):
    """Train a base and changes to it over seeds."""

    network: Annotated[str, Option("The base.")] = "mlp-128-64-32-half"
    changes: Annotated[
        dict[str, dict[str, Any]] | None,
        Option(
            "A change, 'NAME: dropout=0.5;dense.units=64'; may be given again and again (default: "
            "study S3's early stopping, batch normalization and dropout).",
            VARIANTS,
            flags="--change",
        ),
    ] = None
    seeds: Annotated[
        tuple[int, ...],
        Option("How many trainings of each, from seed 0; or which, such as 4,7.", SEEDS, low=0),
    ] = (0, 1, 2)
    epochs: Annotated[int | None, Option("Of every training.", low=1)] = None
    split: SplitAs = None
    test: Annotated[bool, Option("Score on test images; nothing may be chosen by that.")] = False
    limit: Limit = None


@dataclass(frozen=True, kw_only=True)
class SummaryRequest(Request):
    """Show a network's layers, shapes and parameters."""

    shape: Annotated[
        tuple[int, int, int] | None,
        Option("Input as HEIGHTxWIDTHxCHANNELS (default: its study's).", SHAPE),
    ] = None
    classes: Annotated[int | None, Option("How many classes (default: its study's).", low=2)] = None


@dataclass(frozen=True, kw_only=True)
class TagRequest(Request):
    """Tag every image of a folder, archive or table."""

    threshold: Annotated[
        float | None, Option("Confidence below which the tag is 'unknown'.", low=0, high=1)
    ] = None
    top: Annotated[int, Option("Classes listed for each image.", low=1)] = 3
    limit: Annotated[int | None, Option("Tag only the first N images.", low=1)] = None
    show: Annotated[
        str | None, Option("Folder for images as the model saw them, in the order of the tags.")
    ] = None
