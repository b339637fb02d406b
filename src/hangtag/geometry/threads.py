"""Independent pieces of work go in, their answers come out in order, worked on by all processors.

Each thread has its own matrix products: two threads of one-thread products are as fast as one of
two-thread products on an idle machine, and do not stand waiting for each other on a busy one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

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
    workers, pending, done = processors(), iter(tasks), 0
    with limited(1), ThreadPoolExecutor(workers) as pool:
        while wave := list(islice(pending, _WAVE * workers)):
            for answer in pool.map(work, wave):
                yield answer
                done += 1
                progress(stage, done, len(tasks))


def limited(threads: int | None, of: str = "blas") -> AbstractContextManager[Any]:
    """While this holds, the libraries of one kind take so many threads.

    Args:
        threads: None for as many as they take anyway.
        of: ``blas`` for matrix products and factorizations, ``openmp`` for scikit-learn's own.
    """
    # To look for the libraries takes milliseconds, in which a small factorization is done.
    limits: AbstractContextManager[Any] = _libraries(len(sys.modules)).limit(
        limits=threads, user_api=of
    )
    return limits


@lru_cache(maxsize=1)
def _libraries(_modules: int) -> Any:  # noqa: ANN401 - threadpoolctl has no types
    """What is loaded; looked for again when some module came, which may have brought another."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
