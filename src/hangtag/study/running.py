"""A recipe in, its report and all it is made of out; what is done already is not done again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from hangtag import atomic, closure, locks, settings, versions
from hangtag.errors import RunError
from hangtag.progress import Progress, silent
from hangtag.records import Compared, ImageSet, Outcome, Projection, Source, StudyFacts, StudyModel
from hangtag.requests import command_line
from hangtag.rooms.report import check_purpose, hand_in, study_page
from hangtag.study import kept
from hangtag.study.cautions import Case, cautions
from hangtag.study.compared import compared
from hangtag.study.recipe import Recipe, as_yaml
from hangtag.study.step import Step, StepContext
from hangtag.workbench.data import load
from hangtag.workbench.opening import open_run
from hangtag.workbench.reduce import thumbnails_of
from hangtag.workbench.report import answers_of

Told = Callable[[str, Outcome, bool], None]


@dataclass(frozen=True, eq=False)
class Study:
    """A study that was run.

    Attributes:
        folder: Where all of it is.
        recipe: What was asked, resolved.
        outcomes: What every step came to, by name.
        compared: Figures of the document beside ours.
        cautions: Of the study as a whole.
        done: Names of the steps that were carried out now; the others were taken as they were.
        seconds: Wall clock of all steps, whenever they were carried out.
    """

    folder: Path
    recipe: Recipe
    outcomes: Mapping[str, Outcome]
    compared: tuple[Compared, ...]
    cautions: tuple[str, ...]
    done: tuple[str, ...]

    @property
    def report(self) -> Path:
        """The page."""
        return self.folder / "report.html"

    @property
    def seconds(self) -> float:
        """Wall clock of all steps."""
        return sum(one.seconds for one in self.outcomes.values())

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values: where it is and what it came to, without the outcomes' tables."""
        return {
            "name": self.recipe.name,
            "folder": str(self.folder),
            "report": str(self.report),
            "steps": {name: one.seconds for name, one in self.outcomes.items()},
            "done": list(self.done),
            "seconds": self.seconds,
            "compared": [one.to_dict() for one in self.compared],
            "cautions": list(self.cautions),
        }


def run(
    recipe: Recipe,
    *,
    out: Path | None = None,
    limit: int | None = None,
    purpose: str | None = None,
    on_step: Told | None = None,
    progress: Progress = silent,
) -> Study:
    """Run a study; a step whose inputs and code have not changed is not carried out again.

    Args:
        recipe: The study.
        out: Its folder; None takes one of the study's name under the runs folder.
        limit: Images of each part at most; None for all.
        purpose: ``assignment`` writes the report as a document and a notebook, too.
        on_step: Called after every step with its name, its outcome and whether it was done now.
        progress: Told how far the step in hand is.

    Raises:
        UsageError: Something the recipe asks for cannot be; steps that are done stay done.
        RunError: Something that is no study stands at `out`.
    """
    # The lock is on the folder, not the recipe: two studies of one recipe may go on side by side.
    check_purpose(purpose)
    folder = _folder(recipe, out, limit)
    with locks.held(folder, f"study {recipe.name}"):
        return _run(recipe, folder, limit, purpose, on_step, progress)


def _run(
    recipe: Recipe,
    folder: Path,
    limit: int | None,
    purpose: str | None,
    on_step: Told | None,
    progress: Progress,
) -> Study:
    atomic.write_text(folder / "recipe.yaml", as_yaml(recipe))
    source = Source(recipe.source, recipe.load)
    context = StepContext(
        name="",
        study=folder,
        source=source,
        open_images=cache(partial(load, source, limit=limit, progress=progress)),
        split_recipe=recipe.split,
        seed=recipe.seed,
        seeds=tuple(recipe.seeds),
        limit=limit,
        progress=progress,
    )
    outcomes, done = _carry_out(recipe, context, on_step)
    rows = compared(recipe, outcomes, on=context.images.name, whole=limit is None)
    sentences, looked_for = cautions(Case(recipe, outcomes, limit))
    found = Study(folder, recipe, outcomes, rows, sentences, done)
    atomic.write_json(folder / "comparison.json", [_figure(one) for one in rows])
    _write_page(found, context, looked_for)
    if purpose is not None:
        hand_in(_facts(found, context, looked_for), found.report)
    return found


def _carry_out(
    recipe: Recipe, context: StepContext, on_step: Told | None
) -> tuple[dict[str, Outcome], tuple[str, ...]]:
    outcomes: dict[str, Outcome] = {}
    keys: dict[str, kept.Keys] = {}
    done = []
    for name, step in recipe.steps.items():
        keys[name] = kept.keys_of(name, step, recipe, context.images, context.limit, keys)
        # A copy: a step sees what came before it and not what is added behind its back.
        here = replace(context, name=name, before=dict(outcomes))
        outcome = kept.known(here.folder, keys[name])
        if outcome is None:
            # The key goes in before the work: a kill leaves trainings that are still known.
            kept.begin(here.folder, keys[name])
            outcome = _outcome(step, here)
            kept.keep(here.folder, keys[name], outcome)
            done.append(name)
        outcomes[name] = outcome
        if on_step is not None:
            on_step(name, outcome, name in done)
    return outcomes, tuple(done)


def _outcome(step: Step, context: StepContext) -> Outcome:
    """What a step came to, under its own name and title."""
    began = time.perf_counter()
    made = step.carry_out(context)
    return replace(
        made,
        name=context.name,
        verb=kept.name_of(step),
        title=step.title or made.title,
        words=(step.note, *made.words) if step.note else made.words,
        seconds=time.perf_counter() - began,
    )


def _figure(one: Compared) -> dict[str, Any]:
    known = one.to_dict()
    # Whoever reads the file looks for these four; the others stand behind them.
    first = ("figure", "reported", "ours", "inside")
    return {name: known[name] for name in first} | {
        name: value for name, value in known.items() if name not in first
    }


def _folder(recipe: Recipe, out: Path | None, limit: int | None) -> Path:
    quick = "" if limit is None else f"-limit-{limit}"
    folder = out or settings.runs_folder() / f"study-{recipe.name}{quick}"
    foreign = folder.exists() and not (folder / "recipe.yaml").is_file()
    if foreign and not (folder.is_dir() and atomic.is_empty(folder)):
        raise RunError(f"{folder} is there and is no study", "give another --out")
    folder.mkdir(parents=True, exist_ok=True)
    # What a killed process was still writing is not to be taken for results.
    for one in (folder, folder / "steps"):
        atomic.sweep(one)
    return folder


def _write_page(found: Study, context: StepContext, looked_for: tuple[str, ...]) -> None:
    """Write the report, unless it is there and nothing it shows has changed."""
    stamp = found.folder / "report.key"
    # All that is on the page and all code that draws it: a page is drawn anew for nothing else.
    shown = [
        as_yaml(found.recipe),
        [one.to_dict() for one in found.outcomes.values()],
        [one.to_dict() for one in found.compared],
        found.cautions,
        context.limit,
        closure.digest(closure.closure([__name__])),
    ]
    key = kept.text_digest(json.dumps(shown, sort_keys=True, default=str))
    if found.report.is_file() and kept.read(stamp) == key:
        return
    context.progress("report", 0, 2, "gathering")
    facts = _facts(found, context, looked_for)
    context.progress("report", 1, 2, "drawing")
    atomic.write_text(found.report, study_page(facts))
    atomic.write_text(stamp, key)
    context.progress("report", 2, 2)


def _facts(found: Study, context: StepContext, looked_for: tuple[str, ...]) -> StudyFacts:
    recipe = found.recipe
    maps = {name: _maps(found.folder, one) for name, one in found.outcomes.items() if one.maps}
    return StudyFacts(
        name=recipe.name,
        title=recipe.title,
        about=tuple(recipe.about),
        document=recipe.document,
        outcomes=tuple(found.outcomes.values()),
        compared=found.compared,
        images=context.images,
        folder=found.folder,
        maps=maps,
        models={
            name: tuple(
                _model(found.folder / one.runs[run], run, context.images) for run in one.models
            )
            for name, one in found.outcomes.items()
            if one.models
        },
        thumbnails={name: thumbnails_of(some) for name, some in maps.items()},
        cautions=found.cautions,
        checks=looked_for,
        differs=tuple(recipe.differs),
        recipe=as_yaml(recipe),
        reproduce={
            "command": command_line("study", "run", recipe.name, limit=context.limit),
            "seed": recipe.seed,
            "seeds of trainings": ", ".join(map(str, recipe.seeds)),
            "split": recipe.split,
            "data": context.images.name,
            "data fingerprint": context.images.fingerprint,
            "seconds of all steps": round(found.seconds, 1),
        },
        versions=versions.installed(),
        limit=context.limit,
    )


def _maps(folder: Path, one: Outcome) -> tuple[Projection, ...]:
    places = (folder / "steps" / one.name / file for file in one.maps)
    return tuple(Projection.from_dict(json.loads(place.read_bytes())) for place in places)


def _model(folder: Path, name: str, images: ImageSet) -> StudyModel:
    return StudyModel(name.rpartition("-seed")[0] or name, answers_of(open_run(folder), images))
