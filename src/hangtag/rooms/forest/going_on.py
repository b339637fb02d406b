"""A grid that is being grown: its sums and trees so far go to a file, and come back after a kill.

What is summed is summed in the order of the trees, so a grid that goes on comes to the very numbers
of one that was never ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic, troubles
from hangtag.errors import FormatError
from hangtag.pace import Pace
from hangtag.records import Candidate, Scores, Trees
from hangtag.rooms.forest.joined import joined
from hangtag.rooms.forest.keep import (
    read_arrays,
    trees_from_arrays,
    trees_to_arrays,
    write_arrays,
)


@dataclass(eq=False)
class Column:
    """All trees so far at one depth.

    Attributes:
        totals: ``(points, classes)`` sums of what they answer.
        trees: Each of them.
        seconds: What they took to grow.
        grown: Whether none was cut from a deeper one.
    """

    totals: NDArray[np.float64]
    trees: list[Trees] = field(default_factory=list)
    seconds: float = 0.0
    grown: bool = True


@dataclass(eq=False)
class Grown:
    """A grid as far as it is grown.

    Attributes:
        columns: By depth.
        truly: In cut grids the sums of grown trees to compare with, by depth.
        cells: Those that are scored.
        number: Trees that are in the sums.
        grown: How many were grown for them.
        natural: Deepest leaf of any.
        seconds: Wall clock before the last kill.
    """

    columns: dict[int, Column]
    truly: dict[int, NDArray[np.float64]]
    cells: list[Candidate] = field(default_factory=list)
    number: int = 0
    grown: int = 0
    natural: int = 0
    seconds: float = 0.0


class Keeper:
    """Writes a grid down from time to time; a place that is None keeps nothing."""

    def __init__(self, place: Path | None) -> None:
        self.place, self._pace = place, Pace()

    def look(self, state: Grown) -> None:
        """Write it down if it is time. A full disk costs what a kill would, and nothing now."""
        if self.place is not None:
            place = self.place
            self._pace.keep(lambda: self._write(place, state))

    def _write(self, place: Path, state: Grown) -> None:
        with troubles.if_possible():
            _write(place, state, self.seconds(state))

    def seconds(self, state: Grown) -> float:
        """Wall clock of all of it, before and after kills."""
        return state.seconds + self._pace.seconds

    def read(self, empty: Grown) -> Grown:
        """What was written of this grid; `empty` if nothing was, or nothing that is whole."""
        if self.place is None:
            return empty
        try:
            return _read(*read_arrays(self.place), empty)
        except (FormatError, KeyError, TypeError, ValueError):
            return empty

    def done(self) -> None:
        """Remove what was written."""
        if self.place is not None:
            with troubles.if_possible():
                atomic.remove(self.place)


def _write(place: Path, state: Grown, seconds: float) -> None:
    facts = {
        "cells": [asdict(cell) for cell in state.cells],
        "columns": {str(d): [one.seconds, one.grown] for d, one in state.columns.items()},
        "counts": [state.number, state.grown, state.natural],
        "seconds": seconds,
    }
    arrays: dict[str, NDArray[Any]] = {f"truly-{d}": one for d, one in state.truly.items()}
    for depth, column in state.columns.items():
        arrays[f"totals-{depth}"] = column.totals
        trees = trees_to_arrays(joined(column.trees))
        arrays |= {f"{name}-{depth}": one for name, one in trees.items()}
    write_arrays(place, facts, arrays)


def _read(facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], empty: Grown) -> Grown:
    columns = {}
    for depth, column in empty.columns.items():
        end = f"-{depth}"
        own = {name.removesuffix(end): one for name, one in arrays.items() if name.endswith(end)}
        seconds, grown = facts["columns"][str(depth)]
        totals = own.pop("totals")
        # The name of the file holds all that is asked; this refuses what was damaged into another
        # grid's shape.
        if totals.shape != column.totals.shape:
            raise ValueError("sums of other points")
        # The same check as for a forest that someone was sent: a file in the cache is believed no
        # more than that.
        trees = list(trees_from_arrays(own).each())
        columns[depth] = Column(totals.copy(), trees, float(seconds), bool(grown))
    cells = [
        Candidate(**{**cell, **{part: Scores(**cell[part]) for part in ("training", "validation")}})
        for cell in facts["cells"]
    ]
    number, grown, natural = map(int, facts["counts"])
    # A file that is whole and still not of this grid begins anew; it costs time only.
    if {len(one.trees) for one in columns.values()} != {number}:
        raise ValueError("other numbers of trees")
    truly = {depth: arrays[f"truly-{depth}"].copy() for depth in empty.truly}
    return Grown(columns, truly, cells, number, grown, natural, float(facts["seconds"]))
