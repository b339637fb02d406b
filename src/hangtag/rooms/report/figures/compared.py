"""Several models in, what sets them apart drawn: accuracies with intervals, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from hangtag.records import History, Score
from hangtag.rooms.report.figures.drawn import (
    FIRST,
    INK,
    MUTED,
    SECOND,
    THIRD,
    Drawn,
    canvas,
    finish,
    short,
)
from hangtag.rooms.report.words import listed, percent

# The page's own three follow its scheme; the rest of Okabe and Ito's can be read on both.
COLOURS = (FIRST, SECOND, THIRD, "#cc79a7", "#8a8200", "#56b4e9", "#a3a8ad")
_STYLES = ("o", "s", "^", "D", "v", "P", "*")
_MARKED = 30  # up to so many epochs each one has a mark


def accuracies(scores: Mapping[str, Score], level: float = 0.95) -> Drawn:
    """Each model a dot with its interval, the best at the top.

    Args:
        scores: Accuracy by model.
        level: Of the intervals, for the words.
    """
    names = sorted(scores, key=lambda name: scores[name].value)
    with canvas(max(1.7, 0.9 + 0.34 * len(names))) as (figure, axes):
        for place, name in enumerate(names):
            one = scores[name]
            if one.ends is not None:
                axes.plot(one.ends, (place, place), color=FIRST, lw=2.2, solid_capstyle="butt")
            axes.plot(one.value, place, "o", color=FIRST, markersize=7)
            above = (one.value, place)
            axes.annotate(
                percent(one.value), above, xytext=(0, 7), textcoords="offset points", ha="center",
                fontsize=9, color=INK,
            )  # fmt: skip
        axes.set_yticks(range(len(names)), [short(name, 22) for name in names], color=INK)
        axes.set_ylim(-0.6, len(names) - 0.2)
        axes.margins(x=0.12)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=None))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.grid(visible=False, axis="y")
        said = listed([f"{name} {percent(scores[name].value)}" for name in reversed(names)])
        title = f"Accuracy on the test images, with {100 * level:g} % intervals"
        return finish(figure, "accuracies", title, f"{title}: {said}")


def curves(histories: Mapping[str, History]) -> list[Drawn]:
    """Loss and accuracy by epoch, all models in one figure each; none without epochs.

    Args:
        histories: Of the models that were trained epoch by epoch, by name.
    """
    found = [
        name
        for name in ("loss", "accuracy")
        if any(len(one) and name in one.curves for one in histories.values())
    ]
    return [_overlaid(histories, name) for name in found]


def _overlaid(histories: Mapping[str, History], name: str) -> Drawn:
    longest = max(len(one) for one in histories.values())
    validated = any(f"val_{name}" in one.curves for one in histories.values())
    with canvas(3.1) as (figure, axes):
        for number, (model, one) in enumerate(histories.items()):
            if name not in one.curves:
                continue
            colour = COLOURS[number % len(COLOURS)]
            mark = _STYLES[number % len(_STYLES)] if longest <= _MARKED else ""
            epochs = np.arange(1, len(one) + 1)
            validation: Sequence[float] | None = one.curves.get(f"val_{name}")
            label = short(model, 22)
            if validation is not None:
                axes.plot(epochs, validation, color=colour, marker=mark, label=label)
                axes.plot(epochs, one.curves[name], color=colour, lw=1, ls=":")
            else:
                axes.plot(epochs, one.curves[name], color=colour, lw=1, ls=":", label=label)
        if validated:
            axes.plot([], [], color=MUTED, lw=1, ls=":", label="training")
        axes.legend(loc="best")
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.grid(visible=False, axis="x")
        title = f"{'Validation' if validated else 'Training'} {name} of each model by epoch"
        dotted = "; dotted: on training images" if validated else ""
        return finish(figure, f"compared-{name}", f"{title}{dotted}", _described(histories, name))


def _described(histories: Mapping[str, History], name: str) -> str:
    said = []
    for model, one in histories.items():
        values = one.curves.get(f"val_{name}", one.curves.get(name))
        if values:
            said.append(f"{model} from {values[0]:.3f} to {values[-1]:.3f}")
    return f"{name.capitalize()} by epoch: {', '.join(said)}"
