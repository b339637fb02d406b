"""A comparison of runs in, one HTML page out: the table, the tests, the classes, the pictures.

To add a section: a function from :class:`Compared` to its template's variables, a template of its
name in ``templates/sections``, one line in :data:`SECTIONS`. Only imported by what draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import Difference, ReportFacts, RunComparison
from hangtag.rooms.report import words
from hangtag.rooms.report.page import compose, section
from hangtag.rooms.report.pictures import data_uri, shrunk
from hangtag.rooms.report.sections import cautions
from hangtag.rooms.report.sections.section import Section

_BUDGET = 8_000_000  # characters of pictures, of the 10 MB a page may have
_SIDES = (84, 64, 48, 32, 16)
_CHECKS = (
    "a choice made on the test split",
    "the test split opened more than once",
    "runs trained on other images",
    "a sample used where the whole was there",
)


@dataclass(frozen=True, eq=False)
class Compared:
    """What the page shows, and the pictures it needs."""

    found: RunComparison
    pictures: Mapping[int, NDArray[np.uint8]]
    ids: Mapping[int, str]


_Content = Callable[[Compared], dict[str, Any]]


def page(found: RunComparison, title: str, shown: Compared) -> str:
    """The page's HTML."""
    facts = ReportFacts(
        title=title,
        class_names=found.comparison.class_names,
        cautions=found.cautions,
        checks=_CHECKS,
    )
    made = [section(cautions.SECTION, facts)]
    made += [section(_section(one, shown), facts) for one in SECTIONS]
    blocks = [block for block in made if block is not None]
    return compose(facts, blocks, verdict=verdict(found))


def _section(one: tuple[str, str, _Content], shown: Compared) -> Section:
    name, heading, content = one
    return Section(name, heading, lambda _: content(shown))


def verdict(found: RunComparison) -> str:
    """The one sentence a reader should take away."""
    rows = sorted(found.rows, key=lambda row: -row.accuracy.value)
    first, second = rows[0], rows[1]
    pair = {first.name, second.name}
    between = next(one for one in found.comparison.differences if {one.first, one.second} == pair)
    said = (
        f"On {words.plural(found.comparison.n, 'test picture')}, {first.name} names the right "
        f"class for {words.percent(first.accuracy.value)} and {second.name} for "
        f"{words.percent(second.accuracy.value)}"
    )
    if certain(between):
        return f"{said}; a difference as large is hardly chance (p {p_value(between.p_adjusted)})."
    return f"{said}; a difference as small may be chance (p {p_value(between.p_adjusted)})."


def certain(one: Difference) -> bool:
    """Whether a difference is larger than chance explains, after Holm's correction."""
    return one.p_adjusted <= 1 - one.accuracy.level


def p_value(value: float) -> str:
    """0.0312, or below 0.0001."""
    return "below 0.0001" if value < 1e-4 else f"{value:.4f}"


def _models(shown: Compared) -> dict[str, Any]:
    return {"rows": shown.found.rows}


def _differences(shown: Compared) -> dict[str, Any]:
    found = shown.found
    return {
        "differences": found.comparison.differences,
        "repeats": found.repeats,
        "p_value": p_value,
        "certain": certain,
        "n": found.comparison.n,
        "test": found.comparison.differences[0].test,
    }


def _classes(shown: Compared) -> dict[str, Any]:
    found = shown.found.comparison
    return {
        "names": found.names,
        "classes": found.classes,
        "averages": found.averages,
        "measures": ("precision", "recall", "f1"),
    }


def _pairs(shown: Compared) -> dict[str, Any]:
    for side in _SIDES:
        uris = {
            index: data_uri(shrunk(picture[None], side)[0])
            for index, picture in shown.pictures.items()
        }
        pairs = _ways(shown, uris)
        if sum(len(one["uri"]) for way in pairs for one in way["images"]) <= _BUDGET:
            break
    return {"ways": pairs}


def _ways(shown: Compared, uris: Mapping[int, str]) -> list[dict[str, Any]]:
    names = shown.found.comparison.class_names
    return [
        {
            "right": way.right,
            "wrong": way.wrong,
            "total": way.total,
            "images": [
                {
                    "uri": uris[image.index],
                    "id": shown.ids[image.index],
                    "label": names[image.label],
                    "answer": names[way.wrongly(image)],
                }
                for image in way.images
            ],
        }
        for way in chain(*shown.found.ways())
    ]


SECTIONS: tuple[tuple[str, str, _Content], ...] = (
    ("compared_models", "The models", _models),
    ("compared_differences", "Differences", _differences),
    ("compared_classes", "Scores by class, side by side", _classes),
    ("compared_pictures", "Where they disagree", _pairs),
)
"""Template, heading and content, in the order of the page."""
