"""Several processes on one search: a plan and an objective in, ended trials out as they come.

A process that dies, for want of memory or by a kill, leaves its trial to another; what is asked of
an objective is that it can be sent to a process (a function of a module, or an object of one).
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from hangtag.errors import FailedError, HangtagError, StoppedError
from hangtag.rooms.tune.plan import Objective, Plan

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from hangtag.rooms.tune.search import Search

LOOK = 0.2  # seconds between looks at the storage
PATIENCE = 10.0  # seconds workers have to end when the search is stopped


def run_workers(search: Search, objective: Objective, tell: Callable[[], None]) -> None:
    """Work until all trials are taken and ended.

    Args:
        search: The search, open.
        objective: Sent to every process.
        tell: Called after every look at the storage.

    Raises:
        FailedError: A process ended before it could take a trial.
        StoppedError: Ctrl-C.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy JAX's threads half

    def started(place: int) -> SpawnProcess:
        process = context.Process(
            target=_work, args=(search.plan, objective, place), name=f"hangtag-tune-{place + 1}"
        )
        process.start()
        return process

    processes = {place: started(place) for place in range(search.plan.workers)}
    try:
        while processes:
            wait([process.sentinel for process in processes.values()], timeout=LOOK)
            for place, process in list(processes.items()):
                if process.exitcode is None:
                    continue
                del processes[place]
                if process.exitcode != 0:
                    _check_it_had_begun(search, process)
                    search.mend(died=process.pid)
                    processes[place] = started(place)
            tell()
    except KeyboardInterrupt:
        raise StoppedError("the search was stopped", "go on with --resume") from None
    finally:
        _end(list(processes.values()))


def _check_it_had_begun(search: Search, process: SpawnProcess) -> None:
    """A process that dies before its first trial would die again for ever."""
    began = {one["pid"] for one in search.stamps()}
    if process.pid not in began:
        raise FailedError(
            f"a worker process ended with code {process.exitcode} before it took a trial",
            "try --workers 1 to see why",
        )


def _end(processes: list[SpawnProcess]) -> None:
    for process in processes:
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGINT)
    last = time.monotonic() + PATIENCE
    for process in processes:
        process.join(max(0.0, last - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _work(plan: Plan, objective: Objective, place: int) -> None:
    """What a worker process does."""
    _end_with_parent()
    _share_cores(place, plan.workers)
    # Several programs on one GPU: none may take most of its memory in advance.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    from hangtag.rooms.tune.search import Search

    try:
        search = Search(plan)
        while search.measure_next(objective):
            pass
        search.close()
    except (KeyboardInterrupt, StoppedError):
        pass
    except HangtagError as error:
        raise SystemExit(f"{error.message}") from None


def _end_with_parent() -> None:
    """Nobody goes on working for a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _share_cores(place: int, workers: int) -> None:
    """Each worker its own cores, so that they do not wait for each other."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) >= workers > 1:
        os.sched_setaffinity(0, set(cores[place::workers]))
