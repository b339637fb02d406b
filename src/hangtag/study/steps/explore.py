"""The step ``explore``: what is in the pictures, how many of each class, what the axes hold."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hangtag.records import ImageSet, Outcome, Split, StudyFigure, StudyTable, Summary
from hangtag.requests import ExploreRequest, command_line
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import count, listed, percent
from hangtag.workbench.explore import explore, explore_figures

Shown = Literal["samples", "classes", "scaling", "variants", "variance", "reconstructions"]

CAPTIONS: dict[str, tuple[str, str]] = {
    "samples": ("Some training pictures of every class", "One row per class, drawn by the seed."),
    "classes": ("Pictures of each class", "One panel for each part of the split."),
    "scaling": ("The first training picture", "Before and after scaling its pixels to [0, 1]."),
    "variants": (
        "The first training pictures whole and in halves",
        "The same pictures, cut into their upper and their lower half.",
    ),
    "variance": (
        "How many principal components hold how much",
        "Cumulative share of the training pictures' variance; the diamond is the elbow.",
    ),
    "reconstructions": (
        "Pictures rebuilt from few components",
        "Above the pictures, below what is left of them; the error is the root mean square in "
        "grey levels.",
    ),
}


@asking(ExploreRequest, without=("limit",))
class ExploreStep(Step):
    """Look at the pictures."""

    verb: Literal["explore"]
    show: list[Shown] = Field(
        ["samples", "classes", "scaling", "variance"], description="Figures, in order."
    )

    def carry_out(self, at: Setting) -> Outcome:
        """Look."""
        images, division = at.images, at.split(self.split, self.chosen_seed(at))
        seed, how = self.chosen_seed(at), at.how_to_divide(self.split)
        asked = asked_by(self, ExploreRequest, split=how, seed=seed, limit=at.limit)
        summary = explore(images, asked, progress=at.progress)
        files = explore_figures(images, summary, at.folder, show=self.show)
        return Outcome(
            name=at.name,
            verb="explore",
            title=self.title or "What is in the pictures",
            values=_values(images, summary, division),
            words=_words(images, summary, division, self.show),
            figures=tuple(StudyFigure(files[one].name, *CAPTIONS[one]) for one in files),
            tables=_tables(summary),
            commands=(command_line("explore", at.source, asked),),
        )


def _values(images: ImageSet, summary: Summary, division: Split) -> dict[str, object]:
    pixels = summary.ranges[next(iter(summary.ranges))]
    values: dict[str, object] = {
        "images": len(images),
        "classes": images.n_classes,
        "pixel_min": pixels.after[0],
        "pixel_max": pixels.after[1],
        "train": len(division.train),
        "validation": len(division.validation),
        "test": len(division.test),
    }
    for part, counts in summary.classes.counts.items():
        values[f"counts_{part}"] = counts.tolist()
    curve = summary.variance
    if curve is not None:
        ratios = [curve.cumulative[0], *(curve.cumulative[1:] - curve.cumulative[:-1])]
        values |= {
            f"pc{number + 1}": float(100 * ratios[number]) for number in range(min(3, len(ratios)))
        }
        values |= {f"components_{share * 100:g}": needed for share, needed in curve.marks.items()}
        values["recommended"] = curve.recommended
    return values


def _words(
    images: ImageSet, summary: Summary, division: Split, show: list[Shown]
) -> tuple[str, ...]:
    height, width, channels = images.shape
    kind = "grey" if channels == 1 else "colour"
    parts = [
        f"{count(len(rows), 'picture')} for {what}"
        for what, rows in (
            ("training", division.train),
            ("validation", division.validation),
            ("the test", division.test),
        )
        if len(rows)
    ]
    first = next(iter(summary.ranges.values()))
    seed = "" if division.seed is None else f" (seed {division.seed})"
    said = [
        f"{images.name} has {count(len(images), 'picture')} of {height} × {width} {kind} pixels in "
        f"{count(images.n_classes, 'class', 'classes')}; the split '{division.recipe}'{seed} gives "
        f"{listed(parts)}. Pixels are whole numbers from {first.before[0]} to {first.before[1]}; "
        f"scaled, they lie in [{first.after[0]:.1f}, {first.after[1]:.1f}].",
        _balance(summary),
    ]
    curve = summary.variance
    if curve is not None and {"variance", "reconstructions"} & set(show):
        marks = [f"{needed} for {share:.0%}" for share, needed in curve.marks.items()]
        said.append(
            f"Of the variance of the {count(curve.n_images, 'training picture')}, the first "
            "principal "
            f"component explains {percent(curve.cumulative[0], 2)}; it takes {listed(marks)}. "
            f"{curve.reason[0].upper()}{curve.reason[1:]}."
        )
    return tuple(said)


def _balance(summary: Summary) -> str:
    part, counts = next(iter(summary.classes.counts.items()))
    names = summary.classes.class_names
    least, most = int(counts.argmin()), int(counts.argmax())
    if counts[least] == counts[most]:
        return f"Every class has {count(int(counts[most]), 'picture')} in the part '{part}'."
    return (
        f"In the part '{part}' {names[most]} has the most pictures ({int(counts[most]):,}) and "
        f"{names[least]} the fewest ({int(counts[least]):,})."
    )


def _tables(summary: Summary) -> tuple[StudyTable, ...]:
    names = summary.classes.class_names
    rows = tuple(
        (part, *counts.tolist(), int(counts.sum()))
        for part, counts in summary.classes.counts.items()
    )
    ranges = tuple(
        (part, *one.before, *one.after, one.mean, one.deviation)
        for part, one in summary.ranges.items()
    )
    heads = ("part", "least", "most", "least scaled", "most scaled", "mean", "deviation")
    return (
        StudyTable("classes", "Pictures of each class", ("part", *names, "all"), rows),
        StudyTable("pixels", "Range of the pixels", heads, ranges),
    )
