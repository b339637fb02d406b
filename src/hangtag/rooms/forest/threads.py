"""Trees to grow go in, grown ones come out in order, as many at a time as there are processors.

Growing a tree leaves Python's lock alone, so threads share the points instead of copying them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from hangtag.progress import Progress

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_WAVE = 4  # tasks per thread in flight: enough to keep them busy, few enough for memory


def each(
    work: Callable[[Task], Answer], tasks: Sequence[Task], progress: Progress, stage: str
) -> Iterator[Answer]:
    """Give ``work(task)`` for every task, in the order of the tasks."""
    workers = processors()
    pending = iter(tasks)
    done = 0
    with ThreadPoolExecutor(workers) as pool:
        while wave := list(islice(pending, _WAVE * workers)):
            for answer in pool.map(work, wave):
                yield answer
                done += 1
                progress(stage, done, len(tasks))


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
