"""A search: what may vary, what was tried, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hangtag.records.evaluation import Score
from hangtag.records.stored import Stored
from hangtag.records.training import History
from hangtag.records.upstairs import Framed, Told

Value = str | int | float | bool | None
Parameters = Mapping[str, Value]

FINISHED, STOPPED, FAILED, RUNNING = "finished", "stopped early", "failed", "running"


@dataclass(frozen=True)
class Dimension(Stored):
    """One parameter and the values it may have: either `choices`, or from `low` to `high`.

    Attributes:
        name: Such as ``batch_size`` or ``dense.units``.
        choices: The values, in the order given; empty for a range.
        low: Lower end of the range, included.
        high: Upper end, included.
        step: Distance of neighbouring values; None for every value between the ends.
        log: Whether values are drawn evenly by their logarithm.
    """

    name: str
    choices: tuple[Value, ...] = ()
    # Not float alone: whole ends that are read back must stay whole.
    low: int | float | None = None
    high: int | float | None = None
    step: int | float | None = None
    log: bool = False

    @property
    def values(self) -> tuple[Value, ...]:
        """All values in order; empty when there is no end of them."""
        if self.choices:
            return self.choices
        if self.low is None or self.high is None or (self.step is None and not self._whole):
            return ()
        step = self.step or 1
        count = math.floor((self.high - self.low) / step + 1e-9) + 1
        found = (self.low + number * step for number in range(count))
        return tuple(int(one) if self._whole else round(float(one), 12) for one in found)

    @property
    def kind(self) -> str:
        """``choice``, ``whole`` or ``number``."""
        return "choice" if self.choices else "whole" if self._whole else "number"

    @property
    def _whole(self) -> bool:
        ends = (self.low, self.high, 1 if self.step is None else self.step)
        return all(isinstance(one, int) for one in ends)

    def __str__(self) -> str:
        if self.choices:
            return f"{self.name}={','.join(map(str, self.choices))}"
        step = "" if self.step is None else f":{self.step}"
        return f"{self.name}={self.low}:{self.high}{step}{':log' if self.log else ''}"


@dataclass(frozen=True)
class Space(Stored):
    """All that may vary.

    Attributes:
        dimensions: One or more, each with a name of its own.
        name: Of a ready-made space; empty for one that was given.
        about: What it is and what of it was chosen here; empty if nothing.
    """

    dimensions: tuple[Dimension, ...]
    name: str = ""
    about: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in order."""
        return tuple(one.name for one in self.dimensions)

    @property
    def size(self) -> int | None:
        """How many different cells there are; None when there is no end of them."""
        counts = [len(one.values) for one in self.dimensions]
        return None if 0 in counts else math.prod(counts)

    def __str__(self) -> str:
        return ";".join(map(str, self.dimensions))


@dataclass(frozen=True)
class Measurement:
    """What an objective says of one set of parameters.

    Attributes:
        value: The number to be made large or small.
        values: What it is the mean of, such as one number per fold; may be empty.
        facts: JSON-ready, for the table: epochs, parameters of the network, images.
        seconds: What it took, where several were measured at once; None for what the clock says.
    """

    value: float
    values: tuple[float, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None


@dataclass(frozen=True)
class Trial(Stored):
    """One set of parameters, tried.

    Attributes:
        number: Counted from 1.
        parameters: What was tried.
        state: ``finished``, ``stopped early``, ``failed`` or ``running``.
        value: What the objective measured; None when it did not get there.
        values: What the value is the mean of.
        curve: Values on the way, such as one per epoch.
        seconds: Wall clock; of trials that were measured together, its part of them.
        reason: Why it failed, one sentence; empty otherwise.
        facts: What else the objective said.
    """

    number: int
    parameters: Parameters
    state: str
    value: float | None = None
    values: tuple[float, ...] = ()
    curve: tuple[float, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trials(Stored, Framed, Told):
    """A search and all its trials.

    Attributes:
        space: What could vary.
        method: ``grid``, ``random``, ``bayes`` or ``halving``.
        objective: What was measured, such as ``validation accuracy``.
        maximise: Whether more of it is better.
        trials: In the order of their numbers.
        wanted: How many there are to be in all.
        seed: Draws the parameters that are tried.
        asked: All else that the search depends on: source, network, split and so on.
    """

    space: Space
    method: str
    objective: str
    maximise: bool
    trials: tuple[Trial, ...]
    wanted: int
    seed: int = 0
    asked: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.trials)

    @property
    def finished(self) -> tuple[Trial, ...]:
        """Those that were measured to the end."""
        return tuple(one for one in self.trials if one.state == FINISHED)

    @property
    def ranked(self) -> tuple[Trial, ...]:
        """The finished ones, the best first; of equals the first one tried."""
        sign = -1 if self.maximise else 1
        return tuple(sorted(self.finished, key=lambda one: (sign * _value(one), one.number)))

    @property
    def best(self) -> Trial | None:
        """The best finished trial; None when there is none."""
        return self.ranked[0] if self.finished else None


@dataclass(frozen=True)
class Standing:
    """How a search stands when a trial has ended; for one line on a screen.

    Attributes:
        trial: The one that has ended.
        best: The best so far, which may be the same; None when none has finished.
        done: How many have ended.
        wanted: How many there are to be.
        seconds_left: Estimate for the rest; None when nothing is known.
    """

    trial: Trial
    best: Trial | None
    done: int
    wanted: int
    seconds_left: float | None


def _value(trial: Trial) -> float:
    assert trial.value is not None
    return trial.value


@dataclass(frozen=True)
class Variant(Stored):
    """One change to a recipe, trained over several seeds.

    Attributes:
        name: Such as ``+ dropout``.
        changes: Name to value; empty for the base.
        seeds: With which it was trained.
        scores: What was measured, one per seed.
        mean: Their mean with its interval over seeds and images; with one seed, over images.
        difference: Mean of this minus that of the base, seed by seed; None for the base, or when
            there is one seed only.
        p_value: Of that difference, from a paired t-test over seeds and images; None where there
            are too few seeds to test.
        parameters: Of the network.
        seconds: Of training, all seeds together.
        histories: One per seed.
    """

    name: str
    changes: Mapping[str, Any]
    seeds: tuple[int, ...]
    scores: tuple[float, ...]
    mean: Score
    difference: Score | None
    p_value: float | None
    parameters: int
    seconds: float
    histories: tuple[History, ...]


@dataclass(frozen=True)
class Ablation(Stored, Told):
    """A base recipe against changes to it.

    Attributes:
        network: Name of the base.
        measured: What the scores are, such as ``validation accuracy``.
        variants: The base first.
        asked: Source, split, limit and so on.
    """

    network: str
    measured: str
    variants: tuple[Variant, ...]
    asked: Mapping[str, Any] = field(default_factory=dict)
