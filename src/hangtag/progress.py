"""How long work says how far it is: one function, given to whoever works, called as it goes on.

Rooms never print. They call ``progress(stage, done, total, note)`` and the door decides what a
person sees: a bar on a terminal, a line now and then in a pipe; all of them say the time left.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TextIO

CAUTION = "caution"
"""The stage whose note is a sentence that a person must see, whether there are bars or not."""


class Progress(Protocol):
    """Called with how much of a stage is done; cheap enough to call often."""

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Report progress.

        Args:
            stage: What is being done, such as ``train``; a new name starts a new bar.
            done: Units finished so far.
            total: Units in all; 0 when nobody can know.
            note: A few words beside the bar, such as ``loss 0.31``.
        """


def silent(stage: str, done: int, total: int, note: str = "", /) -> None:
    """The progress of someone who does not want to hear of it."""


class Pace:
    """How long each stage still takes, by how fast it went so far."""

    SOON = 2.0
    """Seconds of a stage of which nothing is foretold: the first steps open, compile, warm up."""

    def __init__(self) -> None:
        self._begun: dict[str, tuple[float, int]] = {}
        self._last: dict[str, int] = {}

    def left(self, stage: str, done: int, total: int) -> str:
        """What is left of a stage in words, such as ``12 s left``; nothing where nobody knows.

        Args:
            stage: What is being done.
            done: Units finished so far; fewer than before begin the stage anew.
            total: Units in all; 0 when nobody can know.
        """
        # Monotonic: a clock that is set back would promise hours.
        now = time.monotonic()
        begun, first = self._begun.setdefault(stage, (now, done))
        before, self._last[stage] = self._last.get(stage, done), done
        if done < before:
            begun, first = self._begun[stage] = now, done
        if done <= first or done >= total or now - begun < self.SOON:
            return ""
        return f"{duration((now - begun) * (total - done) / (done - first))} left"


def duration(seconds: float) -> str:
    """Seconds as a person says them: ``40 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


class Lines:
    """The progress of someone who reads it later: a line now and then, and each caution once.

    Short work says nothing, so that a script's output stays its own.

    Args:
        stream: Where to write.
        plain: Makes a text harmless to a terminal.
        every: Seconds before the first line, and between two.
    """

    def __init__(self, stream: TextIO, plain: Callable[[str], str], every: float = 10.0) -> None:
        self._stream, self._plain, self._every = stream, plain, every
        self._said: set[str] = set()
        self._pace, self._written = Pace(), time.monotonic()

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Write a line if the last is old enough."""
        if stage == CAUTION:
            if note not in self._said:  # a source may be loaded several times
                self._said.add(note)
                self._stream.write(f"{self._plain(note)}\n")
            return
        left, now = self._pace.left(stage, done, total), time.monotonic()
        if now - self._written < self._every:
            return
        self._written = now
        of = f"{done:,} of {total:,}" if total else f"{done:,}"
        told = ", ".join(one for one in (of, left, note) if one)
        self._stream.write(f"{self._plain(f'{stage}: {told}')}\n")
        self._stream.flush()


class Line:
    """The progress of someone at a terminal or a notebook: one line, written over again.

    Args:
        stream: Where to write.
        every: Seconds between two writings: a person cannot read faster.
    """

    def __init__(self, stream: TextIO, every: float = 0.2) -> None:
        self._stream, self._every = stream, every
        self._written, self._stage, self._width = 0.0, "", 0
        self._pace = Pace()

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Write how far it is."""
        if stage == CAUTION:
            self._write(note, end="\n")
            return
        ended = bool(total) and done >= total
        left = self._pace.left(stage, done, total)
        # Monotonic: a clock that is set back would silence the line.
        now = time.monotonic()
        if not ended and stage == self._stage and now - self._written < self._every:
            return
        self._stage, self._written = stage, now
        of = f"{done:,} of {total:,}" if total else f"{done:,}"
        told = " ".join(one for one in (of, left and f"({left})", note) if one)
        self._write(f"{stage}: {told}", end="\n" if ended else "")

    def _write(self, text: str, end: str) -> None:
        # Blanks wipe what a longer line before it left; notebooks know no other way.
        self._stream.write(f"\r{text:<{self._width}}{end}")
        self._stream.flush()
        self._width = 0 if end else len(text)


_OWN_DOOR = [False]


def by_its_own_door() -> None:
    """Say that a door shows progress itself, so that verbs called from there show none."""
    _OWN_DOOR[0] = True


def watched() -> bool:
    """Whether a person is looking on: a terminal or a notebook, and no door that shows bars."""
    notebook = "ipykernel" in sys.modules
    return not _OWN_DOOR[0] and (notebook or bool(getattr(sys.stderr, "isatty", bool)()))


def shown(verb: Callable[..., Any]) -> Callable[..., Any]:
    """The verb, showing a line of progress where it is called without ``progress``."""
    from inspect import signature

    if "progress" not in signature(verb).parameters:
        return verb

    @wraps(verb)
    def told(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - the verb's own
        options.setdefault("progress", Line(sys.stderr))
        return verb(*given, **options)

    return told
