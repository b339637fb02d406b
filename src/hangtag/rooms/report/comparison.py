"""A comparison of runs in, one HTML page out: what can be seen, then tables and tests.

To add a section: a function from :class:`Compared` to its template's variables, a template of its
name in ``templates/sections``, one line in :data:`SECTIONS`. Only imported by what draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from hangtag.records import Difference, ReportFacts, RunComparison
from hangtag.rooms.report import words
from hangtag.rooms.report.disagreeing import Parted, parted
from hangtag.rooms.report.figures import compared as figures
from hangtag.rooms.report.figures.drawn import inline
from hangtag.rooms.report.images import small_uri
from hangtag.rooms.report.page import compose, section
from hangtag.rooms.report.sections import cautions, confusion
from hangtag.rooms.report.sections.section import Section
from hangtag.rooms.report.shell import Block, render

SHOWN = 24
"""Images of each way two models are parted."""
_COMPACT = 12  # classes up to which two matrices stand side by side
_MATRICES = 4_000_000  # characters of the images in the cells, of the 10 MB a page may have
_BUDGET = 4_000_000  # characters of the images that part the models
_SIZES = ((84, SHOWN), (64, SHOWN), (48, 12), (48, 6), (32, 4), (32, 2), (16, 1))
_CHECKS = (
    "a choice made on the test split",
    "the test split opened more than once",
    "runs trained on other images",
    "a sample used where the whole was there",
)


@dataclass(frozen=True, eq=False)
class Compared:
    """What the page shows: what was compared, and what each model answered."""

    found: RunComparison
    models: Mapping[str, ReportFacts]


_Content = Callable[[Compared], dict[str, Any] | None]


def page(shown: Compared, title: str) -> str:
    """The page's HTML."""
    found = shown.found
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
    dress = (lambda block, _: _with_matrices(block, shown)) if content is _matrices else None
    return Section(name, heading, lambda _: content(shown), dress)


def verdict(found: RunComparison) -> str:
    """The one sentence a reader should take away."""
    rows = sorted(found.rows, key=lambda row: -row.accuracy.value)
    first, second = rows[0], rows[1]
    pair = {first.name, second.name}
    between = next(one for one in found.comparison.differences if {one.first, one.second} == pair)
    said = (
        f"On {words.plural(found.comparison.n, 'test image')}, {first.name} names the right "
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


def _accuracy(shown: Compared) -> dict[str, Any]:
    scores = {row.name: row.accuracy for row in shown.found.rows}
    level = next(iter(scores.values())).level
    return {"figures": [inline(figures.accuracies(scores, level))]}


def _curves(shown: Compared) -> dict[str, Any] | None:
    histories = {name: one.history for name, one in shown.models.items() if one.history is not None}
    drawn = [inline(one) for one in figures.curves(histories)] if histories else []
    absent = [name for name in shown.models if name not in histories]
    return {"figures": drawn, "absent": absent} if drawn else None


def _matrices(shown: Compared) -> dict[str, Any]:
    compact = len(shown.found.comparison.class_names) <= _COMPACT
    return {"parts": [], "compact": compact}


def _with_matrices(block: Block, shown: Compared) -> Block:
    """The section with a matrix of each model, whose cells open their images."""
    budget = _MATRICES // len(shown.models)
    made = [
        (
            name,
            confusion.matrix(
                facts, anchor=f"matrix-{number}", title=name, budget=budget, explained=False
            ),
        )
        for number, (name, facts) in enumerate(shown.models.items())
    ]
    parts = [(name, one) for name, one in made if one is not None]
    content = _matrices(shown) | {"parts": [(name, one.html) for name, one in parts]}
    islands = {key: value for _, one in parts for key, value in one.islands.items()}
    html = render("sections/compared_matrices.html", **content)
    extras = (confusion.DRAWER,) if islands else ()
    return replace(block, html=html, islands=islands, extras=extras, scripts=(confusion.SCRIPT,))


def _images(shown: Compared) -> dict[str, Any]:
    pairs = [(names, _ways(shown, names)) for names in combinations(shown.models, 2)]
    for side, most in _SIZES:
        made: list[dict[str, Any]] = [
            {"names": names, "ways": [_way(shown, names, way, side, most) for way in ways]}
            for names, ways in pairs
        ]
        taken = sum(
            len(one["uri"]) for pair in made for way in pair["ways"] for one in way["images"]
        )
        if taken <= _BUDGET:
            break
    return {"pairs": made}


def _ways(shown: Compared, names: tuple[str, str]) -> tuple[Parted, ...]:
    first, second = (shown.models[name].predictions for name in names)
    assert first is not None
    assert second is not None
    return parted(first, second, names)


def _way(
    shown: Compared, names: tuple[str, str], way: Parted, side: int, most: int
) -> dict[str, Any]:
    images = [_image(shown, names, int(at), side) for at in way.positions[:most]]
    return {"title": way.title, "total": len(way.positions), "images": images}


def _image(shown: Compared, names: tuple[str, str], at: int, side: int) -> dict[str, Any]:
    first = shown.models[names[0]]
    assert first.pictures is not None
    assert first.predictions is not None
    label = int(first.predictions.labels[at])
    answers = []
    for name in names:
        given = shown.models[name].predictions
        assert given is not None
        answer = int(given.predicted[at])
        sure = float(given.probabilities[at, answer])
        answers.append((name, first.class_names[answer], sure, answer == label))
    return {
        "uri": small_uri(first.pictures[at], side),
        "id": first.ids[at] if first.ids else f"image {at}",
        "label": first.class_names[label],
        "answers": answers,
    }


SECTIONS: tuple[tuple[str, str, _Content], ...] = (
    ("compared_accuracy", "Accuracy", _accuracy),
    ("compared_matrices", "Confusion matrices", _matrices),
    ("compared_curves", "Learning curves", _curves),
    ("compared_images", "Where they disagree", _images),
    ("compared_models", "The models", _models),
    ("compared_differences", "Differences, tested", _differences),
    ("compared_classes", "Scores by class, side by side", _classes),
)
"""Template, heading and content, in the order of the page: images first, then what was tested."""
