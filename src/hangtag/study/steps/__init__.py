"""One file per verb that a step can be; a step calls the workbench and says what came of it.

To add one: a file with a :class:`~hangtag.study.step.Step`, one line in :data:`STEPS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field

from hangtag.study.step import Step
from hangtag.study.steps.ablate import AblateStep
from hangtag.study.steps.audit import AuditStep
from hangtag.study.steps.catalog import CatalogStep
from hangtag.study.steps.cluster import ClusterStep
from hangtag.study.steps.compare import CompareStep
from hangtag.study.steps.evaluate import EvaluateStep
from hangtag.study.steps.explore import ExploreStep
from hangtag.study.steps.reduce import ReduceStep
from hangtag.study.steps.search import SearchStep
from hangtag.study.steps.summary import SummaryStep
from hangtag.study.steps.tag import TagStep
from hangtag.study.steps.train import KIND_STEPS, TrainStep
from hangtag.study.steps.tune import TuneStep

STEPS: dict[str, type[Step]] = {
    "explore": ExploreStep,
    "audit": AuditStep,
    "reduce": ReduceStep,
    "cluster": ClusterStep,
    "summary": SummaryStep,
    "train": TrainStep,
    **KIND_STEPS,
    "evaluate": EvaluateStep,
    "compare": CompareStep,
    "tune": TuneStep,
    "ablate": AblateStep,
    "tag": TagStep,
    "catalog": CatalogStep,
    "search": SearchStep,
}
"""Verb to step."""

if TYPE_CHECKING:
    AnyStep = Step
else:
    AnyStep = Annotated[Union[tuple(STEPS.values())], Field(discriminator="verb")]  # noqa: UP007
"""Any of them, told apart by its verb."""
