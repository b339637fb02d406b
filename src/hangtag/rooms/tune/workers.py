"""Several processes on one search: a plan and an objective in, ended trials out as they come.

A process that dies, for want of memory or by a kill, leaves its trial to another; what is asked of
an objective is that it can be sent to a process (a function of a module, or an object of one). What
goes wrong in a process outside a trial comes back as a sentence and ends the search: it would go
wrong in the next one too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import TYPE_CHECKING

from hangtag import troubles
from hangtag.errors import FailedError, HangtagError, StoppedError
from hangtag.orphans import end_with_parent
from hangtag.rooms.tune.plan import Objective, Plan

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from hangtag.rooms.tune.search import Search

LOOK = 0.2  # seconds between looks at the storage
PATIENCE = 10.0  # seconds workers have to end when the search is stopped
WINDOWS = os.name == "nt"


def run_workers(search: Search, objective: Objective, tell: Callable[[], None]) -> None:
    """Work until all trials are taken and ended.

    Args:
        search: The search, open.
        objective: Sent to every process.
        tell: Called after every look at the storage.

    Raises:
        FailedError: A process ended before it could take a trial, or went wrong outside of one; or
            this is Windows.
        MachineError: The disk or the memory of a process did not suffice.
        StoppedError: Ctrl-C.
    """
    if WINDOWS:
        raise FailedError(
            f"a search by {search.plan.workers} processes was asked, and Windows cannot stop one "
            "of them without all",
            "use --workers 1, or the Windows Subsystem for Linux",
        )
    context = multiprocessing.get_context("spawn")  # a fork would copy JAX's threads half
    packed = _packed(objective)
    said: dict[int, Connection] = {}

    def started(place: int) -> SpawnProcess:
        said[place], telling = context.Pipe(duplex=False)
        process = context.Process(
            target=_work,
            args=(search.plan, packed, place, telling),
            name=f"hangtag-tune-{place + 1}",
        )
        with _stopped_later():
            process.start()
        telling.close()  # ours: once the process has ended, nobody can write any more
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
                    _check_what_was_said(said[place])
                    _check_it_had_begun(search, process)
                    search.recover_stale(died=process.pid)
                    processes[place] = started(place)
            tell()
    except KeyboardInterrupt:
        raise StoppedError("the search was stopped", "go on with --resume") from None
    finally:
        _end(list(processes.values()))


@contextmanager
def _stopped_later() -> Iterator[None]:
    """Hold Ctrl-C back in what is started, until :func:`_work` can catch it.

    One that comes while a process still imports would end it with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # its own start would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _packed(objective: Objective) -> bytes:
    """The objective as bytes, so that a process which cannot take it up can still say so."""
    try:
        return bytes(ForkingPickler.dumps(objective))
    except Exception as error:  # noqa: BLE001 - whatever an object's own way of being sent raises
        raise FailedError(
            f"the objective cannot be sent to a worker process ({_short(error)})",
            "use --workers 1, or a function of a module",
        ) from None


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".removesuffix(": ")


def _check_what_was_said(said: Connection) -> None:
    """Raise what a process told before it ended; one that was killed has told nothing."""
    try:
        if said.poll():
            raise said.recv()
    except EOFError:
        return


def _check_it_had_begun(search: Search, process: SpawnProcess) -> None:
    """A process that dies before its first trial would die again for ever."""
    # A process that took a trial died of the trial; one that did not would die again before the
    # next.
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
    # One deadline for all: ten workers that hang must not take ten times as long to stop.
    last = time.monotonic() + PATIENCE
    for process in processes:
        process.join(max(0.0, last - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _work(plan: Plan, packed: bytes, place: int, telling: Connection) -> None:
    """What a worker process does; whatever goes wrong is told, as the last thing."""
    try:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        end_with_parent()
        _share_cores(place, plan.workers)
        # Several programs on one GPU: none may take most of its memory in advance.
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
        _measure_all(plan, _unpacked(packed))
    except (KeyboardInterrupt, StoppedError):
        pass
    except BaseException as error:  # noqa: BLE001 - some libraries' errors are no Exception
        telling.send(_as_ours(error))
        raise SystemExit(1) from None


def _measure_all(plan: Plan, objective: Objective) -> None:
    from hangtag.rooms.tune.search import Search

    search = Search(plan)
    while search.measure_next(objective):
        pass
    search.close()


def _unpacked(packed: bytes) -> Objective:
    try:
        objective: Objective = ForkingPickler.loads(packed)
    except Exception as error:  # noqa: BLE001 - importing a module can raise anything
        raise troubles.named(error) or FailedError(
            f"a worker process failed before it took a trial ({_short(error)})",
            "use --workers 1, or a function of a module",
        ) from None
    return objective


def _as_ours(error: BaseException) -> HangtagError:
    """The sentence of any error, so that it can be sent and said."""
    known = error if isinstance(error, HangtagError) else troubles.named(error)
    return known or FailedError(
        f"a worker process failed ({_short(error)})",
        "trials that ended are kept: go on with --resume, with --workers 1 to see more",
    )


def _share_cores(place: int, workers: int) -> None:
    """Each worker its own cores, so that they do not wait for each other."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) >= workers > 1:
        os.sched_setaffinity(0, set(cores[place::workers]))
