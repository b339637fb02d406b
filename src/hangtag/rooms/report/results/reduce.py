"""Maps told: how good each of them is, and which keeps neighbours and classes together best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hangtag.families import PROJECTIONS
from hangtag.records import Outcome, Projection, StudyFigure, StudyTable
from hangtag.rooms.report.results.shared import table
from hangtag.rooms.report.words import listed, percent, plural

NAMES = {name: one.title for name, one in PROJECTIONS.items()}
RANKED = ("trustworthiness", "class_agreement")
"""Measures of which more is better."""


def told(maps: Sequence[Projection], there: int, files: Iterable[str] = ()) -> Outcome:
    """Tell of maps.

    Args:
        maps: One or more.
        there: Images of which they may be a sample.
        files: Of their figures: ``METHOD.svg`` or ``.png``, and ``METHOD-pictures.png``.
    """
    return Outcome(
        name="",
        verb="reduce",
        title="Maps of the images",
        values=_values(maps),
        words=(" ".join(_words(maps, there)),),
        figures=tuple(_figures(maps, files)),
        tables=(_table(maps),),
    )


def _values(maps: Sequence[Projection]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in maps:
        values |= {f"{one.method}.{name}": float(found) for name, found in one.quality.items()}
        values[f"{one.method}.points"] = len(one)
    best = _best(maps, RANKED[0])
    return values if best is None else {**values, "best": best.method}


def _best(maps: Sequence[Projection], measure: str) -> Projection | None:
    known = [one for one in maps if measure in one.quality]
    return max(known, key=lambda one: one.quality[measure], default=None)


def _words(maps: Sequence[Projection], there: int) -> Iterable[str]:
    whole = [NAMES[one.method] for one in maps if len(one) == there]
    parts = [f"{NAMES[m.method]} {plural(len(m), 'image')}" for m in maps if len(m) < there]
    if whole:
        yield f"{listed(whole)} shows all {plural(there, 'training image')}."
    if parts:
        yield f"{listed(parts)} of {there:,}, drawn by the seed."
    first, classes = (_best(maps, measure) for measure in RANKED)
    if first is not None:
        trust = f"trustworthiness is {first.quality['trustworthiness']:.3f}"
        yield (
            f"{NAMES[first.method]} keeps neighbours together best: its {trust} (1 is perfect, 0.5 "
            "is chance)."
            if len(maps) > 1
            else f"Its {trust}."
        )
    if classes is not None:
        which = "" if len(maps) == 1 else f" on {NAMES[classes.method]}"
        own = percent(classes.quality["class_agreement"])
        yield f"Of a point's ten nearest points{which}, {own} are of its own class."


def _figures(maps: Sequence[Projection], files: Iterable[str]) -> Iterable[StudyFigure]:
    known = {one.method: one for one in maps}
    for file in files:
        method, _, with_images = file.rpartition(".")[0].partition("-")
        name, axes = NAMES[method], listed(known[method].axes[:2])
        yield (
            StudyFigure(
                file,
                f"{name} map with images",
                "The same map, with images where they do not overlap.",
            )
            if with_images
            else StudyFigure(
                file,
                f"{name} map",
                f"Training images as points, coloured by class; axes: {axes}.",
            )
        )


def _table(maps: Sequence[Projection]) -> StudyTable:
    measures = dict.fromkeys(name for one in maps for name in one.quality)
    rows = [
        {
            "map": NAMES[one.method],
            "points": len(one),
            **{name.replace("_", " "): one.quality.get(name) for name in measures},
        }
        for one in maps
    ]
    best = [
        (max(range(len(maps)), key=lambda row: maps[row].quality.get(name, -1)), name)
        for name in measures
        if name in RANKED and len(maps) > 1
    ]
    marked = [(row, name.replace("_", " ")) for row, name in best]
    return table("quality", "How good each map is", rows, best=marked)
