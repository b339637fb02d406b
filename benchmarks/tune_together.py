"""Whether trials of a search that differ only in numbers gain from training at the same time."""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import dataclass
from typing import Any

import hangtag
from hangtag.estimators import trial_training as trials

TITLE = "Trials of a search that train together"
ROUNDS = 5
RATES = (0.0003, 0.001, 0.003)


@dataclass(frozen=True)
class Case:
    """One network and the trials of its search."""

    network: str
    source: str
    limit: int
    trials: tuple[dict[str, Any], ...]
    varied: str


CASES = (
    Case(
        "s1-mlp", "sign-mnist", 8000,
        tuple({"epochs": 5, "learning_rate": one * two} for one in RATES for two in (1, 0.5)),
        "six learning rates",
    ),
    Case(
        "s2-mlp", "fashion-mnist", 12_000,
        tuple({"epochs": 5, "learning_rate": one, "dropout": two}
              for one in RATES for two in (0.2, 0.4)),
        "three learning rates, two dropout rates",
    ),
    Case(
        "s0-cnn", "fashion-mnist", 4000,
        tuple({"epochs": 2, "learning_rate": one * two} for one in RATES for two in (1, 0.5)),
        "six learning rates; has convolutions, so `tune` trains it one by one",
    ),
)  # fmt: skip


def run() -> str:
    """Time every case both ways, in turn; programs come from the cache."""
    rows = "\n".join(_row(one) for one in CASES)
    return (
        f"Six trials each, one after the other and together, {ROUNDS} rounds in turn after one "
        "that compiles; medians with the range. Only on an idle machine do the ratios mean "
        "anything: where others want the processors, whoever has two threads gets more of them.\n\n"
        "| network | what differs | one by one s | together s | ratio |\n|---|---|---|---|---|\n"
        f"{rows}\n\nPeak memory of it all: {_peak_mb():.0f} MB."
    )


def _row(case: Case) -> str:
    images = hangtag.load(case.source, limit=case.limit)
    given = trials.training_data(images, hangtag.split(images, "auto", seed=0))
    [fold] = given.folds

    def alone() -> list[float]:
        made = (trials.train_fold(given, fold, case.network, one, seed=0) for one in case.trials)
        return [one.history.last("val_loss") for one in made]

    def together() -> list[float]:
        made = trials.train_together(given, fold, case.network, case.trials, seed=0)
        return [one.history.last("val_loss") for one in made]

    if alone() != together():
        raise SystemExit(f"{case.network}: trials that train together end elsewhere")
    taken: dict[str, list[float]] = {"alone": [], "together": []}
    for _ in range(ROUNDS):
        for name, way in (("alone", alone), ("together", together)):
            began = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - began)
    ratio = statistics.median(taken["alone"]) / statistics.median(taken["together"])
    spans = " | ".join(_span(values) for values in taken.values())
    return f"| {case.network} | {case.varied} | {spans} | {ratio:.2f} |"


def _span(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(run())
