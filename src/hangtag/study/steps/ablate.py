"""The step ``ablate``: a base against changes to it, over several seeds."""

from __future__ import annotations

from statistics import mean
from typing import Any, Literal

from hangtag.records import Ablation, Outcome, StudyFigure, StudyTable, Variant
from hangtag.requests import AblateRequest, command_line
from hangtag.study.fields import asked_by, asking
from hangtag.study.step import Setting, Step
from hangtag.study.words import percent, points, spread
from hangtag.workbench.ablate import ablate

SURE = 0.05


@asking(AblateRequest, without=("limit",))
class AblateStep(Step):
    """Train a base and changes to it, and say what each change is worth."""

    verb: Literal["ablate"]

    def carry_out(self, at: Setting) -> Outcome:
        """Train all."""
        seeds, how = self.chosen_seeds(at), at.how_to_divide(self.split)
        asked = asked_by(self, AblateRequest, seeds=seeds, split=how, limit=at.limit)
        found = ablate(at.source, asked, images=at.images, out=at.folder, progress=at.progress)
        return Outcome(
            name=at.name,
            verb="ablate",
            title=self.title or "What each change is worth",
            values=_values(found),
            seeds=seeds,
            words=tuple(_words(found)),
            figures=(
                StudyFigure(
                    "ablation.svg",
                    "Loss and accuracy of every variant",
                    "Training (half an epoch to the left) and validation, first seed; the best "
                    "epoch is marked.",
                ),
            ),
            tables=(_table(found),),
            commands=(command_line("ablate", at.source, asked),),
        )


def _values(found: Ablation) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in found.variants:
        name = one.name.removeprefix("+ ").replace(" ", "-")
        values[f"{name}.accuracy"] = list(one.scores)
        values[f"{name}.parameters"] = one.parameters
        values[f"{name}.epochs"] = [len(history) for history in one.histories]
        if all(history.best_epoch is not None for history in one.histories):
            values[f"{name}.best_epoch"] = [int(h.best_epoch or 0) + 1 for h in one.histories]
    return values


def _words(found: Ablation) -> list[str]:
    base, *others = found.variants
    said = [
        f"The base {found.network} has {base.parameters:,} parameters and a {found.measured} of "
        f"{spread(base.scores, base.seeds)}."
    ]
    for one in others:
        if one.difference is None or one.p_value is None:
            said.append(f"{one.name}: {percent(one.mean.value)}.")
            continue
        worth = one.difference.value
        ends = " to ".join(points(end) for end in one.difference.ends or ())
        verdict = (
            "more than chance explains" if one.p_value <= SURE else "no more than chance explains"
        )
        said.append(
            f"{one.name}: {points(worth)} ({ends}), which is "
            f"{verdict} (p {one.p_value:.3f}); its gap between training and validation accuracy is "
            f"{percent(_gap(one))} against the base's {percent(_gap(base))}."
        )
    return said


def _gap(one: Variant) -> float:
    return mean(h.last("accuracy") - h.last("val_accuracy") for h in one.histories)


def _table(found: Ablation) -> StudyTable:
    rows = tuple(
        (
            one.name,
            one.mean.value,
            one.mean.low,
            one.mean.high,
            None if one.difference is None else one.difference.value,
            one.p_value,
            _gap(one),
            one.parameters,
            mean(len(history) for history in one.histories),
            one.seconds,
        )
        for one in found.variants
    )
    best = max(range(len(rows)), key=lambda row: found.variants[row].mean.value)
    heads = (
        "variant",
        found.measured,
        "low",
        "high",
        "difference",
        "p",
        "over-fitting gap",
        "parameters",
        "epochs",
        "seconds",
    )
    note = (
        f"Means over {len(found.variants[0].seeds)} seeds; a paired t-test over seeds and pictures "
        "on each difference."
    )
    return StudyTable("ablation", "Every variant", heads, rows, ((best, 1),), note)
