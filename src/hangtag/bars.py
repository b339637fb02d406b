"""Progress on a terminal: a bar for each stage, with the time left, drawn by rich."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hangtag.progress import CAUTION, Pace, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Drawn
    from rich.progress import TaskID


@contextmanager
def drawn_bars() -> Iterator[Progress]:
    """Bars on a terminal, a stage each, with the time left; cautions stand above them."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Drawn
    from rich.table import Column

    console = Console(stderr=True)
    # Where it is narrow the bar gives way first, then the note is cut: no line is ever wrapped.
    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=32 if console.width >= 100 else 12),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[left]:>12}"),
        TextColumn(
            "{task.fields[note]}",
            style="dim",
            table_column=Column(no_wrap=True, overflow="ellipsis"),
        ),
    )
    with Drawn(*columns, console=console) as drawn:
        yield _Bars(drawn)


class _Bars:
    """One bar a stage, which never runs backwards."""

    REFRESH = 0.1  # seconds between looks at a bar: a person cannot read faster

    def __init__(self, drawn: Drawn) -> None:
        self._drawn, self._pace = drawn, Pace()
        self._tasks: dict[str, TaskID] = {}
        self._done: dict[str, float] = {}
        self._said: set[str] = set()
        self._looked = 0.0

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        if stage == CAUTION:
            if note not in self._said:
                self._said.add(note)
                self._drawn.console.print(note, markup=False, highlight=False)
            return
        left, now = self._pace.left(stage, done, total), time.monotonic()
        if stage in self._tasks and done != total and now - self._looked < self.REFRESH:
            return
        self._looked = now
        if stage not in self._tasks:
            self._tasks[stage] = self._drawn.add_task(stage, total=None, note="", left="")
        # What is done in several passes counts each from 0 again: its bar waits where it was.
        self._done[stage] = max(self._done.get(stage, 0.0), done / total if total else 0.0)
        self._drawn.update(
            self._tasks[stage],
            completed=self._done[stage],
            total=1.0 if total else None,
            note=note,
            left=left,
        )
