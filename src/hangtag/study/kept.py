"""What is kept of a study between runs: the key and the outcome of every step, one folder each.

A step has two keys. That of its work is made of all that its results depend on: options, images,
seeds, the code that computes them (the step's imports and what these import, see ``closure.py``),
versions of the libraries behind it, and the keys of the steps it uses; where it is another than
before, the folder is emptied. That of its outcome holds the words, too: where it is the same, the
outcome is taken as it is. Where only the second differs, or the step was killed, it goes on in
its folder, and finds the runs there that are done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hangtag import atomic, closure, sealed, sheets
from hangtag.records import ImageSet, Outcome
from hangtag.study.recipe import Recipe
from hangtag.study.step import Step
from hangtag.study.steps import STEPS

OWN = "hangtag.study."
"""Modules that say what is done and what came of it, and compute none of it."""
DRAWS = ("hangtag.rooms.report", "hangtag.drawing")
"""Modules that draw what was computed."""
KEY, OUTCOME = "key", "outcome.json"


@dataclass(frozen=True)
class Keys:
    """The keys of a step: of its work, and of all that is said of it."""

    work: str
    outcome: str


def keys_of(
    name: str,
    step: Step,
    recipe: Recipe,
    images: ImageSet,
    limit: int | None,
    before: Mapping[str, Keys],
) -> Keys:
    """The keys of a step.

    Args:
        name: Of the step.
        step: Its options.
        recipe: The study it belongs to.
        images: What the study loaded.
        limit: Images of each part at most.
        before: Those of the steps before it.
    """
    work = {
        "name": name,
        "options": step.model_dump(mode="json", exclude={"title", "note"}),
        "source": recipe.source,
        "images": images.fingerprint,
        "limit": limit,
        "split": recipe.split,
        "seed": recipe.seed,
        "seeds": recipe.seeds,
        "uses": {one: before[one].work for one in step.uses()},
        **_computed_by(name_of(step)),
    }
    said = {
        "title": step.title,
        "note": step.note,
        "uses": {one: before[one].outcome for one in step.uses()},
        "code": _said_by(name_of(step)),
    }
    done = text_digest(json.dumps(work, sort_keys=True))
    return Keys(done, text_digest(done + json.dumps(said, sort_keys=True)))


def name_of(step: Step) -> str:
    """The verb of a step, which is the name of its file."""
    return str(step.verb)  # type: ignore[attr-defined]  # every step has one


def computed_by(verb: str) -> frozenset[str]:
    """The modules that compute a step of that verb: all that its file imports, and so on.

    Pages and figures are drawn of what was computed, so the room that draws them is not among
    these: a training stays when a style sheet changes.
    """
    return frozenset(one for one in _behind(verb) if not one.startswith(DRAWS))


def said_by(verb: str) -> frozenset[str]:
    """The modules that choose the words, tables and figures of a step of that verb."""
    said = {one for one in closure.imported(_module(verb)) if one.startswith(OWN)}
    drawn = {one for one in _behind(verb) if one.startswith(DRAWS)}
    return frozenset(said | drawn | {_module(verb)})


@cache
def _behind(verb: str) -> frozenset[str]:
    own = (_module(verb), f"{OWN}step")
    named = {one for step in own for one in closure.imported(step)}
    return closure.closure(one for one in named if not one.startswith(OWN))


def _module(verb: str) -> str:
    return STEPS[verb].__module__


@cache
def _computed_by(verb: str) -> dict[str, Any]:
    modules = computed_by(verb)
    return {"code": closure.digest(modules), "libraries": closure.libraries(modules)}


@cache
def _said_by(verb: str) -> str:
    return closure.digest(said_by(verb))


def text_digest(text: str) -> str:
    """A digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(file: Path) -> str:
    """What a small file says; nothing when it is not there."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def known(folder: Path, keys: Keys) -> Outcome | None:
    """The outcome of a step that was carried out before with the same keys.

    One that was edited or damaged counts as none: the step is carried out again.
    """
    try:
        values = sealed.from_json(sealed.read(folder / OUTCOME), keys.work)
        found = Outcome.from_dict(values["outcome"])
        return found if values["key"] == keys.outcome else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def begin(folder: Path, keys: Keys) -> None:
    """Make a step's folder ready: emptied, unless the same work was begun in it."""
    if read(folder / KEY) != keys.work:
        atomic.remove(folder)  # at once: a kill must not leave the key beside half of the work
    atomic.sweep(folder)
    folder.mkdir(parents=True, exist_ok=True)
    atomic.write_text(folder / KEY, keys.work)


def keep(folder: Path, keys: Keys, outcome: Outcome) -> None:
    """Keep what a step came to, and its tables as CSV files."""
    for table in outcome.tables:
        atomic.write_text(folder / f"{table.name}.csv", sheets.as_csv([table.header, *table.rows]))
    values = {"key": keys.outcome, "outcome": outcome.to_dict()}
    atomic.write_bytes(folder / OUTCOME, sealed.to_json(values, keys.work))
