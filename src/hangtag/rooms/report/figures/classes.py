"""Class counts in, one bar chart per part of the split out."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from hangtag.records import ReportFacts
from hangtag.rooms.report.figures.drawn import FIRST, MUTED, Drawn, canvas, finish, short

NARROW = 3.7  # inches: three of them stand beside each other
_NAMED = 40  # with more classes than this, bars are ranked and nameless


def draw(facts: ReportFacts) -> list[Drawn]:
    """One figure per part, in the order of the parts."""
    return [
        _bars(part, facts.class_names, [int(count) for count in counts])
        for part, counts in facts.counts.items()
    ]


def _bars(part: str, names: Sequence[str], counts: Sequence[int]) -> Drawn:
    title = f"{part}: {sum(counts):,} images"
    name = "classes-" + "".join(sign if sign.isalnum() else "-" for sign in part.lower())
    if len(counts) > _NAMED:
        return _ranked(name, title, counts)
    with canvas(0.2 + 0.235 * len(counts), width=NARROW) as (figure, axes):
        places = range(len(counts))
        axes.barh(places, counts, color=FIRST, height=0.66)
        for place, count in zip(places, counts, strict=True):
            axes.annotate(
                f"{count:,}",
                (count, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=MUTED,
                fontsize=8.5,
            )
        axes.set_yticks(places, [short(name) for name in names])
        axes.set_ylim(len(counts) - 0.4, -0.6)
        axes.set_xlim(0, max(*counts, 1) * 1.14)
        axes.grid(visible=False)
        axes.xaxis.set_visible(False)
        axes.spines[["bottom", "left"]].set_visible(False)
        return finish(figure, name, title, _described(part, names, counts))


def _ranked(name: str, title: str, counts: Sequence[int]) -> Drawn:
    with canvas(2.4, width=NARROW) as (figure, axes):
        axes.bar(range(1, len(counts) + 1), sorted(counts, reverse=True), color=FIRST, width=1)
        axes.set_xlabel("classes, the most frequent first")
        axes.set_ylabel("images")
        axes.grid(visible=False, axis="x")
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        description = f"{len(counts)} classes of {min(counts):,} to {max(counts):,} images"
        return finish(figure, name, title, description)


def _described(part: str, names: Sequence[str], counts: Sequence[int]) -> str:
    if min(counts) == max(counts):
        return f"Bars of the {part} images per class: {counts[0]:,} in each"
    few, many = counts.index(min(counts)), counts.index(max(counts))
    return (
        f"Bars of the {part} images per class, from {counts[few]:,} ({names[few]}) "
        f"to {counts[many]:,} ({names[many]})"
    )
