"""What a step of a study is given, and what it gives: the base of every verb's step.

A step is a record of options (checked when the recipe is opened) with one method that carries it
out: it calls the workbench, writes figures into its folder, and gives an Outcome.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hangtag.errors import OptionError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Outcome, Source, Split
from hangtag.requests import options_of
from hangtag.rooms.load import SAVED
from hangtag.study.fields import R, asked_by
from hangtag.workbench.data import split

TEST = "0.2"
"""Proportion kept for the test where the source has no test part and none was asked for."""


@dataclass(frozen=True, eq=False)
class StepContext:
    """Where a step is carried out.

    Attributes:
        name: The step's name.
        study: Folder of the study.
        source: What the study loads.
        open_images: Gives the images of the source, loaded once for all steps.
        split_recipe: The study's split, by its recipe.
        seed: Of everything that has one seed.
        seeds: Of every training.
        limit: Images of each part at most; None for all.
        before: Outcomes of the steps before this one, by name.
        progress: Told how far it is.
    """

    name: str
    study: Path
    source: Source
    open_images: Callable[[], ImageSet]
    split_recipe: str
    seed: int
    seeds: tuple[int, ...]
    limit: int | None
    before: Mapping[str, Outcome] = field(default_factory=dict)
    progress: Progress = silent

    @cached_property
    def images(self) -> ImageSet:
        """All images of the study."""
        return self.open_images()

    @property
    def folder(self) -> Path:
        """Where this step writes."""
        return self.study / "steps" / self.name

    def how_to_divide(self, recipe: str | None = None) -> str:
        """How the step, or else the study, divides; images without a test part get one."""
        said = recipe or self.split_recipe
        if "test" in self.images.parts or "+test:" in said or said.startswith(("auto", SAVED)):
            return said
        return "auto" if said == "official" else f"{said}+test:{TEST}"

    def split(self, recipe: str | None, seed: int) -> Split:
        """The images divided so."""
        return split(self.images, self.how_to_divide(recipe), seed=seed)

    def runs(self, of: str) -> dict[str, list[Path]]:
        """Runs of an earlier step by variant, in the order of its seeds.

        Args:
            of: STEP, or STEP.VARIANT for those of one variant.

        Raises:
            OptionError: The step has no such variant.
        """
        step, _, variant = of.partition(".")
        found: dict[str, list[Path]] = {}
        for name, folder in self.before[step].runs.items():
            found.setdefault(name.rpartition("-seed")[0] or name, []).append(self.study / folder)
        if not variant:
            return found
        if variant not in found:
            raise OptionError(f"step '{step}' has no variant '{variant}'", nearest(variant, found))
        return {variant: found[variant]}


class Step(BaseModel, ABC):
    """One step: a verb and its options."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field("", description="Heading of its section; made from the verb when empty.")
    note: str = Field("", description="A paragraph of your own that stands first in its section.")
    split: str | None = Field(None, description="How to divide; the study's own when absent.")
    seed: int | None = Field(None, ge=0, description="The study's own when absent.")
    seeds: list[int] | None = Field(None, min_length=1, description="Likewise, of trainings.")

    @abstractmethod
    def carry_out(self, context: StepContext) -> Outcome:
        """Do it; its name, and the title and note that were given, are put in by who runs it.

        Raises:
            UsageError: It cannot be done with these options on these images.
        """

    def uses(self) -> tuple[str, ...]:
        """Names of the earlier steps it builds on: those it is said to be `of`."""
        of: str | list[str] = getattr(self, "of", [])
        several = [of] if isinstance(of, str) else of
        return tuple(dict.fromkeys(one.partition(".")[0] for one in several))

    def chosen_seed(self, context: StepContext) -> int:
        """The step's own seed, or the study's."""
        return context.seed if self.seed is None else self.seed

    def chosen_seeds(self, context: StepContext) -> tuple[int, ...]:
        """The step's own seeds, or the study's."""
        return context.seeds if self.seeds is None else tuple(self.seeds)

    def asked(self, context: StepContext, request: type[R], **said: Any) -> R:  # noqa: ANN401
        """What the step asks of its verb: its own options, and what the study says for all.

        Args:
            context: Where it is carried out.
            request: The verb's.
            **said: Options that neither says.
        """
        shared = {
            "split": context.how_to_divide(self.split),
            "seed": self.chosen_seed(context),
            "seeds": self.chosen_seeds(context),
            "limit": context.limit,
        }
        known = options_of(request)
        own = {name: value for name, value in shared.items() if name in known}
        return asked_by(self, request, **own, **said)

    def divided(self, context: StepContext) -> Split:
        """The study's images as the step divides them."""
        return context.split(self.split, self.chosen_seed(context))
