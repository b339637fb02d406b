"""What a search is, in plain values that can be sent to another process.

To add a fact that a resumed search must agree in: a field here and in :meth:`Plan.agreement`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from hangtag.records import Measurement, Parameters, Space


class Reporter(Protocol):
    """Given to an objective, so that a hopeless trial can be stopped early."""

    def __call__(self, value: float, /) -> bool:
        """Say what has been reached so far, such as after an epoch.

        Returns:
            Whether to stop: the trial is then a row with what it reached.
        """


class Objective(Protocol):
    """What is to be made large or small; it is given parameters, and never data."""

    def __call__(self, parameters: Parameters, watch: Reporter, /) -> Measurement | float:
        """Measure one set of parameters."""


@runtime_checkable
class BatchObjective(Protocol):
    """An objective that wants to know what it will be asked, to measure several at once."""

    def expect(self, upcoming: Sequence[Parameters], /) -> None:
        """Hear what will be asked, in order, before the first is.

        What is heard may still not be asked: a search can end early. What is measured in advance
        must be what it would be by itself.
        """


@dataclass(frozen=True)
class Plan:
    """A search.

    Attributes:
        storage: The journal file, or the address of a database.
        name: Of the search in its storage.
        space: What may vary.
        method: One of the methods.
        wanted: How many trials there are to be.
        seed: Draws the parameters.
        maximise: Whether more is better.
        objective: What is measured, in words.
        asked: All else it depends on, JSON-ready.
        workers: Processes on this machine.
    """

    storage: str
    name: str
    space: Space
    method: str
    wanted: int
    seed: int
    maximise: bool
    objective: str
    asked: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1

    def agreement(self) -> dict[str, Any]:
        """What a search keeps of itself; one that goes on must agree in all of it."""
        return {
            "space": self.space.to_dict(),
            "method": self.method,
            "seed": self.seed,
            "maximise": self.maximise,
            "objective": self.objective,
            "asked": dict(self.asked),
        }
