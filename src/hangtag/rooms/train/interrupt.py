"""Ctrl-C during training: the first press asks for an orderly end, the second is Python's own.

A KeyboardInterrupt in the middle of a step could fall between handing the weights to the program
and taking them back; asking at the end of a chunk (about a second) cannot.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self.pressed = False


@contextmanager
def on_interrupt() -> Iterator[Interrupt]:
    """Notice Ctrl-C for the while of the block.

    Does nothing outside the main thread or where someone else already handles Ctrl-C.
    """
    interrupt = Interrupt()
    usual = signal.getsignal(signal.SIGINT)
    ours = usual is signal.default_int_handler
    if not ours or threading.current_thread() is not threading.main_thread():
        yield interrupt
        return

    def press(_number: int, _frame: FrameType | None) -> None:
        interrupt.pressed = True
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, usual)
