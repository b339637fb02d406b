"""Independent pieces of work go in, their answers come out in order, worked on by all processors.

Each thread has its own matrix products: two threads of one-thread products are as fast as one of
two-thread products on an idle machine, and do not stand waiting for each other on a busy one.
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

_WAVE = 8  # tasks per thread in flight: enough to keep them busy, few enough that none pile up


def each(
    work: Callable[[Task], Answer], tasks: Sequence[Task], progress: Progress, stage: str
) -> Iterator[Answer]:
    """Give ``work(task)`` for every task, in the order of the tasks.

    Args:
        work: Called in several threads at once.
        tasks: What it is called with.
        progress: Told how many tasks are done.
        stage: Under this name.
    """
    from threadpoolctl import threadpool_limits

    workers, pending, done = processors(), iter(tasks), 0
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
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
