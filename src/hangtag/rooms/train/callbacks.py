"""What a caller can do between epochs: look, change the learning rate, ask to stop.

To add one: subclass :class:`Callback` and override what it needs. A callback that must survive a
resume remembers in ``state()`` (JSON-ready) and takes it back in ``restore()``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Epoch:
    """An epoch as callbacks see it.

    Attributes:
        number: Counted from 0.
        epochs: How many there are at most.
        learning_rate: Set it to change the step size from here on.
        curves: This epoch's loss and metrics; empty before the epoch.
        stop: Set it to True to end training after this epoch.
    """

    number: int
    epochs: int
    learning_rate: float
    curves: Mapping[str, float] = field(default_factory=dict)
    stop: bool = False


class Callback:
    """Does nothing; what others are made from."""

    def before_epoch(self, epoch: Epoch) -> None:
        """Called before the first step of an epoch (not again when an epoch is resumed)."""

    def after_epoch(self, epoch: Epoch) -> None:
        """Called when an epoch's curves are known."""

    def wants_stop(self) -> bool:
        """Asked about every half second; True ends training before the epoch is over."""
        return False

    def state(self) -> dict[str, Any]:
        """What a checkpoint should keep of this callback, JSON-ready."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state` gave."""


class LearningRate(Callback):
    """Set the learning rate of every epoch.

    Args:
        schedule: ``(epoch from 0, learning rate so far) -> learning rate``.
    """

    def __init__(self, schedule: Callable[[int, float], float]) -> None:
        self._schedule = schedule

    def before_epoch(self, epoch: Epoch) -> None:
        """Set this epoch's learning rate."""
        epoch.learning_rate = self._schedule(epoch.number, epoch.learning_rate)


class ReduceOnPlateau(Callback):
    """Lower the learning rate when a curve has stopped improving.

    Args:
        monitor: The curve; one ending in ``loss`` is to fall, any other to rise.
        factor: What the learning rate is multiplied by.
        patience: Epochs without improvement before it is.
        least: Never below this.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        factor: float = 0.5,
        patience: int = 2,
        least: float = 0.0,
    ) -> None:
        self._monitor, self._factor, self._patience, self._least = monitor, factor, patience, least
        self._best: float | None = None
        self._waited = 0

    def after_epoch(self, epoch: Epoch) -> None:
        """Compare, and lower the learning rate when it is time."""
        value = epoch.curves[self._monitor]
        gain = -value if self._monitor.endswith("loss") else value
        if self._best is None or gain > self._best:
            self._best, self._waited = gain, 0
            return
        self._waited += 1
        if self._waited >= self._patience:
            epoch.learning_rate = max(epoch.learning_rate * self._factor, self._least)
            self._waited = 0

    def state(self) -> dict[str, Any]:
        """Best value and epochs waited."""
        return {"best": self._best, "waited": self._waited}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self._best, self._waited = state["best"], state["waited"]


class StopRequest(Callback):
    """Lets someone else, in any thread, end the training soon: ``request.ask()``."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """End the training at the next chance, keeping what is learned."""
        self._asked.set()

    def wants_stop(self) -> bool:
        """Whether someone has asked."""
        return self._asked.is_set()
