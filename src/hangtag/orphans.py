"""Worker processes end when whoever began them was killed."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import wait


def end_with_parent() -> None:
    """Let this process end as soon as the one that began it is gone, however that ended.

    A worker waits for work on a queue whose other end it holds itself, so it would never hear that
    nobody is there any more. To be called in the worker, when it begins.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        # Not sys.exit, which in a thread ends only the thread.
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
