"""How long work says how far it is: one function, given to whoever works, called as it goes on.

Rooms never print. They call ``progress(stage, done, total, note)`` and the door decides what a
person sees: a bar on a terminal, nothing in a pipe.
"""

from __future__ import annotations

from typing import Protocol

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
