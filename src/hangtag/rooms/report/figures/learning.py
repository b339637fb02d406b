"""A history in, loss and metrics by epoch out."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from hangtag.records import History, ReportFacts
from hangtag.rooms.report.figures.drawn import FIRST, MUTED, SECOND, Drawn, canvas, finish

_MARKED = 30  # up to so many epochs each one has a dot


def draw(facts: ReportFacts) -> list[Drawn]:
    """One figure per curve and its validation twin, the loss first."""
    history = facts.history
    if history is None or not len(history):
        return []
    names = [name for name in history.curves if not name.startswith("val_")]
    names.sort(key=lambda name: name != "loss")
    return [_curve(history, name, facts.shift_training) for name in names]


def has_validation(history: History) -> bool:
    """Whether there is a validation curve beside some training curve."""
    return any(f"val_{name}" in history.curves for name in history.curves)


def _curve(history: History, name: str, shifted: bool) -> Drawn:
    epochs = np.arange(1, len(history) + 1)
    title = name.replace("_", " ").capitalize() if name != "auc" else "AUC"
    validation = history.curves.get(f"val_{name}")
    marker = "o" if len(history) <= _MARKED else ""
    with canvas(2.9) as (figure, axes):
        moved = 0.5 if shifted and validation is not None else 0.0
        axes.plot(
            epochs - moved, history.curves[name], color=FIRST, marker=marker, label="training"
        )
        if validation is not None:
            axes.plot(
                epochs, validation, color=SECOND, marker=marker or "", ls="--", label="validation"
            )
            axes.legend(loc="best")
        if history.best_epoch is not None:
            _mark(axes, history.best_epoch + 1, len(history))
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(6))
        axes.grid(visible=False, axis="x")
        return finish(figure, f"learning-{_plain(name)}", title, _described(history, name))


def _mark(axes: Axes, epoch: int, epochs: int) -> None:
    axes.axvline(epoch, color=MUTED, lw=0.9, ls=":")
    late = epoch > epochs / 2
    axes.annotate(
        f"best: epoch {epoch}",
        (epoch, 1),
        xycoords=("data", "axes fraction"),
        xytext=(-4 if late else 4, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="bottom",
        fontsize=8.5,
        color=MUTED,
    )


def _plain(name: str) -> str:
    return "".join(sign if sign.isalnum() else "-" for sign in name)


def _described(history: History, name: str) -> str:
    values = history.curves[name]
    text = f"Training {name} from {values[0]:.3f} to {values[-1]:.3f} over {len(values)} epochs"
    validation = history.curves.get(f"val_{name}")
    if validation is None:
        return text
    return f"{text}; validation {name} from {validation[0]:.3f} to {validation[-1]:.3f}"
