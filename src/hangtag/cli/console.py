"""What a person sees: progress bars, result lines, the next step, errors; or JSON for machines."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hangtag.errors import HangtagError
from hangtag.progress import CAUTION, Progress, silent
from hangtag.sheets import aligned, visible

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

REFRESH = 0.1  # seconds between looks at a bar: a person cannot read faster


@dataclass
class _Mode:
    """How the command in hand answers."""

    as_json: bool = False
    quiet: bool = False


_MODE = _Mode()


@contextmanager
def mode(*, as_json: bool, quiet: bool) -> Iterator[None]:
    """Answer in JSON alone, or without advice, as long as this lasts."""
    before = _MODE.as_json, _MODE.quiet
    _MODE.as_json, _MODE.quiet = as_json, quiet or as_json
    try:
        yield
    finally:
        _MODE.as_json, _MODE.quiet = before


def say(text: str = "") -> None:
    """Print one line of a result, unless machines asked for it."""
    if not _MODE.as_json:
        sys.stdout.write(_plain(text) + "\n")


def answered(facts: Callable[[], Mapping[str, Any]]) -> bool:
    """Print the result for machines where they asked for it, and say whether they did."""
    if _MODE.as_json:
        text = json.dumps(facts(), indent=2, ensure_ascii=False)
        sys.stdout.write(_plain(text) + "\n")
    return _MODE.as_json


def say_table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, left: Container[int] = (0,)
) -> None:
    """Print rows under their heads, as :func:`hangtag.sheets.aligned` sets them."""
    for line in aligned(heads, rows, left=left):
        say(line)


def say_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Print images per class, a column for each part, and their sums."""
    rows = [
        (name, *(counts[part][name] for part in counts)) for name in next(iter(counts.values()), {})
    ]
    sums = (sum(numbers.values()) for numbers in counts.values())
    say_table(("class", *counts), [*rows, ("in all", *sums)])


def next_step(*commands: str, quiet: bool = False) -> None:
    """Say what one would type next."""
    if advising(quiet=quiet):
        sys.stderr.write("".join(f"next: {_plain(command)}\n" for command in commands))


def advising(*, quiet: bool = False) -> bool:
    """Whether advice is wanted."""
    return not (quiet or _MODE.quiet)


def note(text: str, *, quiet: bool = False) -> None:
    """Say something about the work that is not its result."""
    if advising(quiet=quiet):
        sys.stderr.write(_plain(text) + "\n")


def report_error(error: HangtagError, *, as_json: bool = False) -> None:
    """Print an error as its sentence and its hint, for machines on standard output."""
    if as_json:
        said = {"error": error.message, "hint": error.hint}
        sys.stdout.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
        return
    sys.stderr.write(f"error: {_plain(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"hint: {_plain(error.hint)}\n")


def _plain(text: str) -> str:
    """A text that moves no cursor and colours nothing: names of files are anybody's."""
    return "\n".join(visible(line) for line in text.split("\n"))


@contextmanager
def bars(*, quiet: bool = False) -> Iterator[Progress]:
    """Give a progress function that draws bars on a terminal; cautions are said anywhere."""
    quiet = quiet or _MODE.quiet
    if quiet or not sys.stderr.isatty():
        yield silent if quiet else _OnlyCautions()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<12}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
    )
    with Progress(*columns, console=Console(stderr=True)) as drawn:
        yield _Drawn(drawn)


class _OnlyCautions:
    """Nothing but cautions, each once, though a source may be loaded several times."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, stage: str, _done: int, _total: int, note: str = "", /) -> None:
        if stage == CAUTION and note not in self._said:
            self._said.add(note)
            sys.stderr.write(f"{_plain(note)}\n")


class _Drawn:
    """One bar a stage; a new stage finishes the bar before it."""

    def __init__(self, drawn: Bars) -> None:
        self._drawn = drawn
        self._tasks: dict[str, TaskID] = {}
        self._said: set[str] = set()
        self._looked = 0.0

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        if stage == CAUTION:
            if note not in self._said:
                self._said.add(note)
                self._drawn.console.print(note, markup=False, highlight=False)
            return
        now = time.monotonic()
        if stage in self._tasks and done != total and now - self._looked < REFRESH:
            return
        self._looked = now
        if stage not in self._tasks:
            self._tasks[stage] = self._drawn.add_task(stage, total=total or None, note=note)
        self._drawn.update(self._tasks[stage], completed=done, total=total or None, note=note)
