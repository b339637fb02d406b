"""What a person sees: progress bars, result lines, the next step, errors; or JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hangtag.bars import drawn_bars
from hangtag.errors import HangtagError
from hangtag.progress import Lines, Progress, silent
from hangtag.sheets import aligned, visible


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


def note(*texts: str, quiet: bool = False) -> None:
    """Say something about the work that is not its result, a line each."""
    if advising(quiet=quiet):
        sys.stderr.write("".join(f"{_plain(text)}\n" for text in texts))


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
    """Give a progress function: bars on a terminal, a line now and then in a pipe; or cautions."""
    quiet = quiet or _MODE.quiet
    if quiet or not sys.stderr.isatty():
        yield silent if quiet else Lines(sys.stderr, _plain)
        return
    with drawn_bars() as progress:
        yield progress
