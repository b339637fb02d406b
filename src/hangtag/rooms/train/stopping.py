"""Best weights and early stopping: the curves of an epoch in, "go on" or "enough" out.

As Keras' ``EarlyStopping`` decides, with a least improvement of zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hangtag.records import TrainingOptions
from hangtag.rooms.train.state import State, weights_of

if TYPE_CHECKING:
    from jax import Array


@dataclass
class Best:
    """The best epoch so far.

    Attributes:
        monitor: The curve looked at; None when there is nothing to look at.
        patience: Epochs without improvement before it is enough; None never.
        keep: Whether to keep the weights of the best epoch.
        value: The curve's best value.
        epoch: Where it was, from 0; None before the first epoch.
        waited: Epochs since.
        weights: Trainable and non-trainable weights of the best epoch, as copies.
    """

    monitor: str | None
    patience: int | None
    keep: bool
    value: float = math.nan
    epoch: int | None = None
    waited: int = 0
    weights: dict[str, list[Array]] = field(default_factory=dict)

    def after_epoch(self, epoch: int, curves: dict[str, float], state: State) -> bool:
        """Take note of an epoch; True when training should end."""
        if self.monitor is None:
            return False
        value = curves[self.monitor]
        if self._improves(value):
            self.value, self.epoch, self.waited = value, epoch, 0
            if self.keep:
                self.weights = weights_of(state)
            return False
        self.waited += 1
        # Keras never stops after the first epoch, whatever the patience.
        return self.patience is not None and epoch > 0 and self.waited >= self.patience

    def _improves(self, value: float) -> bool:
        if self.epoch is None:
            return True
        assert self.monitor is not None
        # NaN is neither more nor less than anything, so an epoch that is lost never improves.
        if self.monitor.endswith("loss"):
            return value < self.value
        return value > self.value


def best_of(options: TrainingOptions, *, validated: bool) -> Best:
    """The :class:`Best` that `options` ask for; checked before by ``options.py``."""
    known = validated or not options.monitor.startswith("val_")
    return Best(options.monitor if known else None, options.early_stopping, options.restore_best)
