"""Several trainings at once: networks and their options in, all of them trained and histories out.

Every network trains exactly as it would alone, to the bit: the same steps in the same order. What
is gained is that programs of the same form are compiled once, the images are on the device once,
and while one network's step is between two loops another one's uses the cores. One program for all
of them (``vmap``) was measured too and is no faster on two cores: a step of a small dense network
is bound by reading and writing its weights, of which there are as many either way.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

from hangtag.geometry.threads import processors
from hangtag.progress import Progress
from hangtag.records import History
from hangtag.rooms.train.interrupt import on_interrupt
from hangtag.rooms.train.operations import fast_operations
from hangtag.rooms.train.trainer import Trainer

if TYPE_CHECKING:
    from keras import Model


def run_together(trainers: Sequence[Trainer], *, workers: int) -> tuple[History, ...]:
    """Run `trainers`, `workers` at a time; the first error is raised when all have ended."""
    at_once = min(workers, len(trainers))
    for trainer in trainers:
        # Trainings side by side keep the cores busy; threads of one would wait for the other's.
        trainer.threads = max(1, processors() // at_once) if at_once > 1 else 0
    with ExitStack() as stack:
        interrupt = stack.enter_context(on_interrupt())
        for trainer in trainers:
            stack.enter_context(fast_operations(trainer.network))
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=workers))
        runs = [pool.submit(trainer.run, interrupt, resume=False) for trainer in trainers]
        return tuple(run.result() for run in runs)


def give_first_weights(networks: Sequence[Model]) -> None:
    """Give every network the weights of the first one."""
    first = [variable.value for variable in networks[0].variables]
    for network in networks[1:]:
        for variable, value in zip(network.variables, first, strict=True):
            if variable.name != "seed_generator_state":
                variable.assign(value)


class Together:
    """Adds up the progress of several trainings into one bar."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._lock = progress, threading.Lock()
        self._parts: dict[int, tuple[int, int]] = {}

    def part(self, number: int, total: int) -> Progress:
        """The progress to give to training `number` of `total` steps."""
        self._parts[number] = (0, total)

        def report(stage: str, done: int, total: int, note: str = "", /) -> None:
            with self._lock:
                self._parts[number] = (done, total)
                finished = sum(one for one, _ in self._parts.values())
                wanted = sum(every for _, every in self._parts.values())
                self._progress(stage, finished, wanted, f"network {number + 1}: {note}")

        return report
