"""The step ``tag``: a shop's folder of images is tagged, and similar images are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome, Tag
from hangtag.requests import command_line
from hangtag.rooms.report.figures import beside
from hangtag.rooms.report.results.tag import Shop, told
from hangtag.rooms.similar import similar
from hangtag.study.step import Step, StepContext
from hangtag.workbench.demo import plain_name, write_demo_images
from hangtag.workbench.opening import open_run
from hangtag.workbench.tag import open_bundle, tag_folder

if TYPE_CHECKING:
    from hangtag.rooms.similar import Similar

IMAGES, TAGS = "pictures", "tags.csv"


class TagStep(Step):
    """Tag images that the model has never seen, and find similar ones."""

    verb: Literal["tag"]
    of: str = Field(description="The step whose model tags; STEP or STEP.VARIANT, first seed.")
    queries: int = Field(6, ge=1, description="Test images for which similar ones are shown.")
    nearest: int = Field(8, ge=1, description="Similar training images shown for each.")
    measured: int = Field(1000, ge=1, description="Test images over which the search is measured.")

    def carry_out(self, context: StepContext) -> Outcome:
        """Tag and search."""
        run = open_run(next(iter(context.runs(self.of).values()))[0])
        images, split = context.images, run.split()
        bundle, folder = open_bundle(run.folder), context.folder / IMAGES
        write_demo_images(images, split.test, folder)
        tags = tag_folder(bundle, folder, out=context.folder / TAGS, progress=context.progress)
        found = similar(
            bundle,
            images,
            queries=_drawn(split.test, self.measured, self.chosen_seed(context)),
            among=split.train,
            k=self.nearest,
            progress=context.progress,
        )
        drawn = beside.alike(images, found.queries, found.found, self.queries)
        atomic.write_bytes(context.folder / "similar.png", drawn)
        places = (one.relative_to(context.study) for one in (run.folder, folder))
        return replace(
            told(_counted(tags, found)), commands=(command_line("tag", *places, out=TAGS),)
        )


def _drawn(test: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    if len(test) <= n:
        return np.sort(test)
    return np.sort(np.random.default_rng(seed).choice(test, n, replace=False))


def _counted(tags: Sequence[Tag], found: Similar) -> Shop:
    """What came of each kind of image; names of files say what they show."""
    read = [one for one in tags if not one.error]
    foreign = [one for one in read if one.id.startswith("other-")]
    named = [one for one in read if one not in foreign and one.label != "unknown"]
    return Shop(
        tags,
        foreign=len(foreign),
        refused=sum(one.label == "unknown" for one in foreign),
        named=len(named),
        right=sum(plain_name(one.label) == one.id.rpartition("-")[0] for one in named),
        queries=len(found.queries),
        nearest=found.k,
        same_class=found.same_class,
        first_same_class=found.first_same_class,
    )
