"""Trials in, SVG figures out: history, importance, parallel coordinates; and an ablation's curves.

To add a figure: one function from Trials to SVG bytes, one line in :func:`figures`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hangtag.drawing import COLOURS, INK, MUTED, canvas, short, svg
from hangtag.records import Ablation, Trials, Variant
from hangtag.rooms.tune.results import Coordinates, coordinates, history, importance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALL_LINES = 300  # with more trials than this, only the best ones are drawn as lines
BLUE, ORANGE = COLOURS[0], COLOURS[3]


def figures(trials: Trials) -> dict[str, bytes]:
    """Every figure these trials have something for, file name to SVG."""
    made = {}
    if trials.finished:
        made["history.svg"] = _history(trials)
        made["parallel.svg"] = _parallel(trials)
    if importance(trials):
        made["importance.svg"] = _importance(trials)
    return made


def _history(trials: Trials) -> bytes:
    grown = history(trials)
    with canvas(6.4, 3.2) as (figure, panels):
        axes = panels[0, 0]
        axes.plot(grown.numbers, grown.values, "o", color=MUTED, ms=3.5, label="trial")
        axes.step(grown.numbers, grown.best, where="post", color=BLUE, label="best so far")
        axes.set_xlabel("trial")
        axes.set_ylabel(trials.objective)
        axes.grid(visible=True, axis="y")
        axes.locator_params(axis="x", integer=True)
        axes.legend(loc="lower right" if trials.maximise else "upper right")
        return svg(figure)


def _importance(trials: Trials) -> bytes:
    proportions = importance(trials)
    names, values = list(proportions), list(proportions.values())
    with canvas(6.4, 0.7 + 0.3 * len(names)) as (figure, panels):
        axes = panels[0, 0]
        axes.barh(range(len(names)), values, color=BLUE, height=0.6)
        for place, value in enumerate(values):
            axes.text(value + 0.01, place, f"{value:.0%}", va="center", fontsize=8.5, color=MUTED)
        axes.set_yticks(range(len(names)), [short(name, 24) for name in names])
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.set_xlabel(
            f"proportion of the differences in {trials.objective} explained by it alone"
        )
        return svg(figure)


def _parallel(trials: Trials) -> bytes:
    lines = coordinates(trials)
    best = {one.number for one in trials.ranked[:1]}
    drawn = {one.number for one in trials.ranked[:ALL_LINES]}
    with canvas(max(6.4, 1.15 * len(lines.names)), 4.0) as (figure, panels):
        axes = panels[0, 0]
        for number, places in zip(lines.numbers, lines.places, strict=True):
            if int(number) in drawn and int(number) not in best:
                _line(axes, places, _shade(places[-1], trials.maximise), 0.9, 1)
        for number, places in zip(lines.numbers, lines.places, strict=True):
            if int(number) in best:
                _line(axes, places, ORANGE, 2.2, 3)
        _axes(axes, lines)
        if len(drawn) < len(lines.numbers):
            axes.set_title(f"the best {len(drawn)} of {len(lines.numbers)} trials")
        return svg(figure)


def _shade(place: float, maximise: bool) -> tuple[float, float, float, float]:
    """Blue, the fainter the worse."""
    good = place if maximise else 1 - place
    return (0.0, 0.447, 0.698, 0.15 + 0.75 * float(good))


def _line(axes: Axes, places: Any, colour: Any, width: float, order: int) -> None:  # noqa: ANN401
    axes.plot(range(len(places)), places, color=colour, lw=width, zorder=order)


def _axes(axes: Axes, lines: Coordinates) -> None:
    for axis, ticks in enumerate(lines.ticks):
        axes.axvline(axis, color=INK, lw=0.8, zorder=2)
        for place, text in ticks:
            axes.annotate(
                short(text, 12),
                (axis, place),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color=MUTED,
            )
    axes.set_xticks(np.arange(len(lines.names)), [short(one, 22) for one in lines.names])
    axes.tick_params(axis="x", length=0, labelrotation=20)
    axes.yaxis.set_visible(False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xlim(-0.2, len(lines.names) - 0.4)
    axes.set_ylim(-0.05, 1.05)


def ablation_figures(ablation: Ablation) -> dict[str, bytes]:
    """Every figure an ablation has something for, file name to SVG."""
    worth = _differences(ablation)
    made = {} if worth is None else {"differences.svg": worth}
    return made | {"ablation.svg": _ablation(ablation)}


def _ablation(ablation: Ablation) -> bytes:
    """Loss and accuracy of every variant, a column each, as SVG.

    Training curves stand half an epoch to the left: each of their points is a mean over an epoch,
    while validation is measured at its end. The first seed is drawn strong and the others faint;
    the first seed's best epoch by validation loss is marked.
    """
    columns = len(ablation.variants)
    with canvas(1.2 + 2.6 * columns, 5.2, rows=2, columns=columns) as (figure, panels):
        for row, curve in enumerate(("loss", "accuracy")):
            for column, variant in enumerate(ablation.variants):
                axes = panels[row, column]
                axes.sharey(panels[row, 0])
                _curves(axes, variant, curve)
                axes.set_title(short(variant.name, 30) if row == 0 else "")
                axes.set_xlabel("epoch" if row == 1 else "")
                axes.set_ylabel(curve if column == 0 else "")
        panels[0, 0].legend(loc="upper right", fontsize=8.5)
        return svg(figure)


def _differences(ablation: Ablation) -> bytes | None:
    """What each change is worth against the base, a dot with its interval, as SVG.

    None where nothing was compared seed by seed.
    """
    rows = [one for one in ablation.variants if one.difference is not None]
    if not rows:
        return None
    with canvas(6.4, 1.1 + 0.36 * len(rows)) as (figure, panels):
        axes = panels[0, 0]
        axes.axvline(0, color=INK, lw=0.8)
        for place, one in enumerate(reversed(rows)):
            assert one.difference is not None
            if one.difference.ends is not None:
                ends = [100 * end for end in one.difference.ends]
                axes.plot(ends, (place, place), color=BLUE, lw=2.2)
            axes.plot([100 * one.difference.value], [place], "o", color=BLUE, ms=7)
        axes.set_yticks(range(len(rows)), [short(one.name, 28) for one in reversed(rows)])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlabel(f"points of {ablation.measured} against the base")
        axes.grid(visible=True, axis="x")
        return svg(figure)


def _curves(axes: Axes, variant: Variant, curve: str) -> None:
    for place, one in enumerate(variant.histories):
        epochs = np.arange(1, len(one) + 1)
        strength = 1.0 if place == 0 else 0.25
        named = ("training", "validation") if place == 0 else ("", "")
        axes.plot(epochs - 0.5, one.curves[curve], color=BLUE, alpha=strength, label=named[0])
        axes.plot(
            epochs,
            one.curves[f"val_{curve}"],
            color=ORANGE,
            ls="--",
            alpha=strength,
            label=named[1],
        )
    best = int(np.argmin(variant.histories[0].curves["val_loss"])) + 1
    axes.axvline(best, color=MUTED, lw=0.9, ls=":")
    axes.annotate(
        f"best: {best}",
        (best, 0.02),
        xycoords=("data", "axes fraction"),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=8,
        color=MUTED,
    )
    axes.grid(visible=True, axis="y")
    axes.locator_params(axis="x", integer=True)
