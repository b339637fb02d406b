"""The step ``tag``: a shop's folder of pictures is tagged, and similar pictures are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from hangtag import atomic
from hangtag.records import Outcome, StudyFigure, StudyTable, Tag
from hangtag.requests import command_line
from hangtag.rooms.report.figures import beside
from hangtag.rooms.similar import similar
from hangtag.study.step import Setting, Step
from hangtag.study.steps.train import run_folders
from hangtag.study.words import count, listed, percent
from hangtag.workbench.demo import plain_name, write_demo_pictures
from hangtag.workbench.opening import open_run
from hangtag.workbench.tag import open_bundle, tag_folder

if TYPE_CHECKING:
    from hangtag.rooms.similar import Similar

PICTURES, TAGS = "pictures", "tags.csv"


class TagStep(Step):
    """Tag pictures that the model has never seen, and find similar ones."""

    verb: Literal["tag"]
    of: str = Field(description="The step whose model tags; STEP or STEP.VARIANT, first seed.")
    queries: int = Field(6, ge=1, description="Test pictures for which similar ones are shown.")
    nearest: int = Field(8, ge=1, description="Similar training pictures shown for each.")
    measured: int = Field(
        1000, ge=1, description="Test pictures over which the search is measured."
    )

    def uses(self) -> tuple[str, ...]:
        """The step whose model tags."""
        return (self.of.partition(".")[0],)

    def carry_out(self, at: Setting) -> Outcome:
        """Tag and search."""
        step, _, variant = self.of.partition(".")
        folders = run_folders(at, step)
        run = open_run(folders[variant or next(iter(folders))][0])
        images, division = at.images, run.split()
        bundle = open_bundle(run.folder)
        write_demo_pictures(images, division.test, at.folder / PICTURES)
        tags = tag_folder(bundle, at.folder / PICTURES, out=at.folder / TAGS, progress=at.progress)
        found = similar(
            bundle,
            images,
            queries=_drawn(division.test, self.measured, self.chosen_seed(at)),
            among=division.train,
            k=self.nearest,
            progress=at.progress,
        )
        drawn = beside.alike(images, found.queries, found.found, self.queries)
        atomic.write_bytes(at.folder / "similar.png", drawn)
        return Outcome(
            name=at.name,
            verb="tag",
            title=self.title or "Tagging and finding similar pictures",
            values=_values(tags, found),
            words=_words(tags, found),
            figures=(
                StudyFigure(
                    "similar.png",
                    "Similar pictures",
                    "Left a test picture, right of it the training pictures most like it to the "
                    "model; over each its class.",
                ),
            ),
            tables=(_table(tags),),
            commands=(
                command_line(
                    "tag",
                    run.folder.relative_to(at.study),
                    (at.folder / PICTURES).relative_to(at.study),
                    out=TAGS,
                ),
            ),
        )


def _drawn(test: NDArray[np.int64], n: int, seed: int) -> NDArray[np.int64]:
    if len(test) <= n:
        return np.sort(test)
    return np.sort(np.random.default_rng(seed).choice(test, n, replace=False))


def _values(tags: Sequence[Tag], found: Similar) -> dict[str, Any]:
    kinds = _kinds(tags)
    return {
        "pictures": len(tags),
        "tagged": kinds["tagged"],
        "unknown": kinds["unknown"],
        "unreadable": kinds["unreadable"],
        "similar_same_class": found.same_class,
        "similar_first_same_class": found.first_same_class,
    }


def _kinds(tags: Sequence[Tag]) -> Counter[str]:
    return Counter(
        "unreadable" if one.error else "unknown" if one.label == "unknown" else "tagged"
        for one in tags
    )


def _words(tags: Sequence[Tag], found: Similar) -> tuple[str, ...]:
    kinds = _kinds(tags)
    foreign = [one for one in tags if not one.error and one.id.startswith("other-")]
    refused = sum(one.label == "unknown" for one in foreign)
    own = [one for one in tags if not one.error and not one.id.startswith("other-")]
    named = [one for one in own if one.label != "unknown"]
    right = sum(plain_name(one.label) == one.id.rpartition("-")[0] for one in named)
    return (
        f"A shop's folder was made of {count(len(own), 'test picture')}, "
        f"{count(len(foreign), 'picture')} of other things and one torn file. "
        f"{kinds['tagged']} got a tag, {kinds['unknown']} are 'unknown', {kinds['unreadable']} "
        "could "
        f"not be read. Of the {len(named)} products that got a tag {right} got the right one; "
        f"{refused} of the {count(len(foreign), 'foreign picture')} were refused.",
        f"To find similar pictures, the output of the layer before the last is compared by its "
        f"angle. Of the {found.k} training pictures most like each of "
        f"{count(len(found.queries), 'test picture')}, {percent(found.same_class)} are of its "
        "class; "
        f"the most similar one is in {percent(found.first_same_class)}.",
    )


def _table(tags: Sequence[Tag]) -> StudyTable:
    rows = tuple(
        (
            one.id,
            one.label,
            None if one.error else one.confidence,
            listed([f"{name} {percent(share, 0)}" for name, share in one.top]) if one.top else "",
            one.error or "",
        )
        for one in tags
    )
    heads = ("picture", "tag", "confidence", "most probable", "error")
    return StudyTable("tags", "Every tag", heads, rows)
