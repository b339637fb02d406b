"""Sweeps that are being fitted: what is finished goes to files, and comes back after a kill.

A start that is finished is never fitted again, and its numbers come back to the last bit; what is
worked out of them is worked out as it would have been. So a sweep that goes on comes to the very
mixtures of one that was never ended. A file's name is a hash over the points, everything asked,
this room's code and the libraries that compute, so that a change of any of them begins anew.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, sealed, troubles
from hangtag.pace import Pace
from hangtag.rooms.cluster.covariance.family import Factors, Parameters
from hangtag.rooms.cluster.expectation import Fitted

LIBRARIES = ("numpy", "scipy", "scikit-learn")
_PARAMETERS = ("weights", "means", "covariances")
_FACTORS = ("precisions", "log_determinants", "narrowest", "widened")


@dataclass(eq=False)
class Climbed:
    """A sweep as far as it is fitted.

    Attributes:
        best: The best start so far of each number that has one, in the order of the numbers.
        starts: How many starts are done, of all numbers together.
        earlier: Seconds that they took before the last kill.
        began: When this process began with it.
        written: How many starts are in the file.
    """

    best: list[Fitted] = field(default_factory=list)
    starts: int = 0
    earlier: float = 0.0
    began: float = field(default_factory=time.perf_counter)
    written: int = 0

    @property
    def seconds(self) -> float:
        """Wall clock of all of it, before and after kills."""
        return self.earlier + time.perf_counter() - self.began

    def add(self, place: int, one: Fitted) -> None:
        """Count a start of the number at `place`; the first of equals is kept."""
        if place == len(self.best):
            self.best.append(one)
        # Strictly better: among equals the first stays, as in a loop over starts, so that going on
        # after a kill chooses as one run would have.
        elif one.bound > self.best[place].bound:
            self.best[place] = one
        self.starts += 1


class Keeping:
    """The sweeps of one piece of work, and the folder their files are in; None keeps nothing.

    Whoever has the result of all sweeps where no kill reaches it says :meth:`done`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder, self.earlier = folder, 0.0
        self._sweeps: dict[Path, Climbed] = {}
        self._pace = Pace()
        if folder is not None:
            atomic.sweep(folder)

    def begun(self, points: NDArray[np.float64], asked: Mapping[str, Any]) -> Climbed:
        """What there is of a sweep over `points`; nothing if nothing whole is kept."""
        if self.folder is None:
            return Climbed()
        place = self.folder / f"{_key(points, asked)}.growing"
        found = _read(place)
        # Of several sweeps (one a class) the seconds of all, since a report says what the model
        # took.
        self.earlier += found.earlier
        self._sweeps[place] = found
        return found

    def look(self) -> None:
        """Write down what is new if it is time. A full disk costs what a kill would, no more."""
        if self.folder is not None:
            self._pace.keep(self._write)

    def _write(self) -> None:
        for place, state in self._sweeps.items():
            if state.starts > state.written:
                with troubles.if_possible():
                    atomic.write_bytes(place, _to_bytes(place, state))
                    state.written = state.starts

    def done(self) -> None:
        """Remove what was written."""
        for place in self._sweeps:
            with troubles.if_possible():
                atomic.remove(place)


def _key(points: NDArray[np.float64], asked: Mapping[str, Any]) -> str:
    told = {"asked": dict(asked), "shape": points.shape, "code": _code_version()}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(points).data)
    return digest.hexdigest()[:32]


@cache
def _code_version() -> str:
    digest = hashlib.sha256()
    # The code itself and no version number: what is kept must not outlive a change of it that
    # nobody thought of counting.
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    for library in LIBRARIES:
        digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()


def _to_bytes(place: Path, state: Climbed) -> bytes:
    facts = {
        "starts": state.starts,
        "seconds": state.seconds,
        "best": [[one.bound, one.iterations, one.converged] for one in state.best],
    }
    arrays: dict[str, NDArray[Any]] = {}
    for number, one in enumerate(state.best):
        own = {name: getattr(one.parameters, name) for name in _PARAMETERS}
        own |= {name: getattr(one.parameters.factors, name) for name in _FACTORS}
        own["owners"] = one.owners
        arrays |= {f"{name}-{number}": array for name, array in own.items()}
    return sealed.to_arrays(facts, arrays, place.name)


def _read(place: Path) -> Climbed:
    try:
        facts, arrays = sealed.from_arrays(sealed.read(place), place.name)
        best = [_fitted(number, arrays, *numbers) for number, numbers in enumerate(facts["best"])]
        starts = int(facts["starts"])
        return Climbed(best, starts, float(facts["seconds"]), written=starts)
    except (KeyError, TypeError, ValueError):
        return Climbed()  # nothing is kept yet, or it is damaged: begin


def _fitted(
    number: int,
    arrays: Mapping[str, NDArray[Any]],
    bound: float,
    iterations: int,
    converged: bool,
) -> Fitted:
    def of(name: str) -> NDArray[Any]:
        return arrays[f"{name}-{number}"]

    factors = Factors(**{name: of(name) for name in _FACTORS})
    parameters = Parameters(**{name: of(name) for name in _PARAMETERS}, factors=factors)
    return Fitted(parameters, of("owners"), float(bound), int(iterations), bool(converged))
