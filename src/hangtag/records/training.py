"""What training leaves behind besides the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hangtag.records.stored import Stored
from hangtag.records.upstairs import Framed, Plotted


@dataclass(frozen=True)
class History(Stored, Plotted, Framed):
    """Every epoch once.

    Attributes:
        curves: One value per epoch for each of ``loss``, the metrics, and the same with ``val_``
            before their names; all of one length.
        seconds: Wall-clock seconds of each epoch, validation included, compilation not.
        best_epoch: Counted from 0: the epoch best by the monitored curve; None without one.
        stopped: Why training ended: ``epochs``, ``early stopping``, ``asked`` or ``diverged``.
        restored: Whether the weights are those of `best_epoch` and not of the last epoch.
        compiling: Seconds that were waited for compiled programs, before and between the steps;
            little where a network of the same form was trained before.
    """

    curves: Mapping[str, tuple[float, ...]]
    seconds: tuple[float, ...]
    best_epoch: int | None = None
    stopped: str = "epochs"
    restored: bool = False
    compiling: float = 0.0

    def __len__(self) -> int:
        return len(self.seconds)

    def __repr__(self) -> str:
        names = [name for name in ("accuracy", "val_accuracy", "loss") if name in self.curves]
        last = "".join(f", {name} {self.last(name):.4f}" for name in names) if len(self) else ""
        return f"<History of {len(self)} epochs{last}; ended by {self.stopped}>"

    def last(self, curve: str) -> float:
        """The value of `curve` at the epoch whose weights the network has."""
        kept = self.best_epoch if self.restored and self.best_epoch is not None else -1
        return self.curves[curve][kept]
