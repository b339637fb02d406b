"""The step ``reduce``: maps with a point per picture, live on the page, and how good each is."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from hangtag import atomic
from hangtag.families import PROJECTIONS
from hangtag.records import Outcome, Projection, StudyFigure, StudyTable
from hangtag.requests import ReduceRequest, command_line
from hangtag.study.members import one_of
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, listed, percent
from hangtag.workbench.reduce import map_figures, reduce

NAMES = {name: one.title for name, one in PROJECTIONS.items()}


Projecting = Annotated[str, *one_of(PROJECTIONS)]


class Map(BaseModel):
    """One map."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: int | None = Field(None, ge=3, description="Map that many pictures; all when absent.")
    options: dict[str, Any] = Field(default_factory=dict, description="The method's own.")


class ReduceStep(Step):
    """Draw maps of the training pictures."""

    verb: Literal["reduce"]
    methods: dict[Projecting, Map] = Field(
        min_length=1, description="Which maps: a method and, below it, its options."
    )
    features: str | None = Field(
        None, description="What is mapped of each picture, such as network:RUN; pixels when absent."
    )
    points: int | None = Field(1000, ge=3, description="Drawn in the figures; all when null.")
    pictures: bool = Field(True, description="Whether each is drawn with thumbnails, too.")

    def carry_out(self, at: Setting) -> Outcome:
        """Draw."""
        images, rows = at.images, at.split(self.split, self.chosen_seed(at)).train
        maps, files, asked = [], [], self._asked(at, len(rows))
        for one in asked:
            files.append(f"maps/{one.method[0]}.json")
            kept = at.folder / files[-1]
            if not kept.is_file():
                atomic.write_json(kept, reduce(images, one, progress=at.progress).to_dict())
            maps.append(Projection.from_dict(json.loads(kept.read_bytes())))
        map_figures(images, maps, at.folder, points=self.points)
        return Outcome(
            name=at.name,
            verb="reduce",
            title=self.title or "Maps of the pictures",
            values=_values(maps),
            words=_words(maps, rows),
            figures=tuple(_figures(maps, at, self.pictures)),
            tables=(_table(maps),),
            commands=tuple(
                command_line("reduce", at.source, one, out=f"{one.method[0]}.html") for one in asked
            ),
            maps=tuple(files),
        )

    def _asked(self, at: Setting, there: int) -> list[ReduceRequest]:
        """What is asked of the verb, map by map."""
        return [
            ReduceRequest(
                method=(method,),
                sample=one.sample if one.sample is None or one.sample < there else None,
                split=at.how_to_divide(self.split),
                features=self.features,
                options=one.options,
                seed=self.chosen_seed(at),
                limit=at.limit,
            )
            for method, one in self.methods.items()
        ]


def _values(maps: list[Projection]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in maps:
        values |= {f"{one.method}.{name}": float(found) for name, found in one.quality.items()}
        values[f"{one.method}.points"] = len(one)
    best = _best(maps)
    return values if best is None else {**values, "best": best.method}


def _best(maps: list[Projection], measure: str = "trustworthiness") -> Projection | None:
    known = [one for one in maps if measure in one.quality]
    return max(known, key=lambda one: one.quality[measure], default=None)


def _words(maps: list[Projection], rows: NDArray[np.int64]) -> tuple[str, ...]:
    samples = [
        f"{NAMES[one.method]} {count(len(one), 'picture')}" for one in maps if len(one) < len(rows)
    ]
    whole = [NAMES[one.method] for one in maps if len(one) == len(rows)]
    said = []
    if whole:
        said.append(f"{listed(whole)} shows all {count(len(rows), 'training picture')}.")
    if samples:
        said.append(f"{listed(samples)} of {len(rows):,}, drawn by the seed.")
    first, classes = _best(maps), _best(maps, "class_agreement")
    if first is not None and len(maps) > 1:
        said.append(
            f"{NAMES[first.method]} keeps neighbours together best: its trustworthiness is "
            f"{first.quality['trustworthiness']:.3f} (1 is perfect, 0.5 is chance)."
        )
    elif first is not None:
        said.append(f"Its trustworthiness is {first.quality['trustworthiness']:.3f}.")
    if classes is not None:
        which = "" if len(maps) == 1 else f" on {NAMES[classes.method]}"
        said.append(
            f"Of a point's ten nearest points{which}, "
            f"{percent(classes.quality['class_agreement'])} "
            "are of its own class."
        )
    return (" ".join(said),)


def _figures(maps: list[Projection], at: Setting, pictures: bool) -> list[StudyFigure]:
    made = []
    for one in maps:
        name = NAMES[one.method]
        ending = "svg" if (at.folder / f"{one.method}.svg").is_file() else "png"
        made.append(
            StudyFigure(
                f"{one.method}.{ending}",
                f"{name} map",
                "Training pictures as points, coloured by class; axes: "
                f"{listed(list(one.axes[:2]))}.",
            )
        )
        if pictures:
            made.append(
                StudyFigure(
                    f"{one.method}-pictures.png",
                    f"{name} map with pictures",
                    "The same map, with pictures where they do not overlap.",
                )
            )
    return made


def _table(maps: list[Projection]) -> StudyTable:
    measures = list(dict.fromkeys(name for one in maps for name in one.quality))
    rows = tuple(
        (NAMES[one.method], len(one), *(one.quality.get(name) for name in measures)) for one in maps
    )
    heads = ("map", "points", *(name.replace("_", " ") for name in measures))
    best = []
    for column, name in enumerate(measures):
        if name in {"trustworthiness", "class_agreement"} and len(maps) > 1:
            best.append(
                (max(range(len(maps)), key=lambda row: maps[row].quality.get(name, -1)), column + 2)
            )
    return StudyTable("quality", "How good each map is", heads, rows, tuple(best))
