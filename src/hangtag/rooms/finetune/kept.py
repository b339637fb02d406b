"""A fine-tuning as far as it came: kept after every epoch, and gone on with after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangtag import atomic, sealed, troubles
from hangtag.rooms.finetune.parts import Weights
from hangtag.rooms.finetune.training import Epoch

_BEST, _STATE = "best/", "state/"


@dataclass(frozen=True, eq=False)
class Stand:
    """Where a fine-tuning stands.

    Attributes:
        epoch: The last one.
        best: Weights of the best one so far.
        rows: What is known of each, JSON-ready.
    """

    epoch: Epoch
    best: Weights
    rows: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """The file of one fine-tuning.

    Attributes:
        folder: Where such files lie; None keeps nothing.
        key: What the fine-tuning depends on, as a name of a file.
    """

    folder: Path | None
    key: str

    def read(self) -> Stand | None:
        """What was kept; None where nothing was, or nothing that is whole."""
        if self.folder is None:
            return None
        try:
            facts, arrays = sealed.from_arrays(sealed.read(self._place), self.key)
            epoch = Epoch(**facts["epoch"], state=_under(_STATE, arrays))
            return Stand(epoch, _under(_BEST, arrays), facts["rows"])
        except (sealed.DamageError, KeyError, TypeError):
            return None

    def write(self, stand: Stand) -> None:
        """Keep it in place of what was kept. A full disk costs what a kill would, nothing now."""
        if self.folder is None:
            return
        told = stand.epoch._asdict()
        arrays = {_STATE + name: one for name, one in told.pop("state").items()}
        arrays |= {_BEST + name: one for name, one in stand.best.items()}
        with troubles.if_possible():
            facts = {"epoch": told, "rows": stand.rows}
            made = sealed.to_arrays(facts, arrays, self.key, packed=False)
            atomic.write_bytes(self._place, made)

    def done(self) -> None:
        """Remove what was kept."""
        if self.folder is not None:
            with troubles.if_possible():
                atomic.remove(self._place)

    @property
    def _place(self) -> Path:
        return (self.folder or Path()) / f"{self.key}.npz"


def _under(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)
    }
