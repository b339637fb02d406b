"""Long work asked for over HTTP: begun in a thread, looked at, stopped; a kill loses none of it.

A job is a verb that goes on where it was ended (tagging a catalogue), so nothing of the list has to
be kept: after a restart the same is asked again, and what was done stays done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from hangtag.errors import ConflictError, HangtagError, StoppedError, UnknownNameError, nearest
from hangtag.progress import CAUTION, Pace, Progress
from hangtag.serve import problems

State = Literal["running", "done", "failed", "stopped"]
Work = Callable[[Progress], dict[str, Any]]
KEPT = 100
"""Jobs that are remembered."""


@dataclass
class Job:
    """Long work, as far as it is."""

    kind: str
    asked: dict[str, Any]
    id: str = field(default_factory=lambda: uuid4().hex[:12])
    state: State = "running"
    done: int = 0
    total: int = 0
    note: str = ""
    stage: str = ""
    left: str = ""
    begun_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    result: dict[str, Any] | None = None
    error: HangtagError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    pace: Pace = field(default_factory=Pace)

    def progress(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Be told how far it is; ends the work between two batches if that was asked."""
        if stage == CAUTION:  # a sentence for people, and no step of the work
            self.note = note
            return
        # Plain assignments: whoever looks meanwhile sees the old number or the new one.
        self.done, self.total, self.note = done, total, note or self.note
        self.stage, self.left = stage, self.pace.left(stage, done, total)
        if self.stop.is_set():
            raise StoppedError(f"{self.kind} was stopped", "ask for the same again, and it goes on")

    def carry_out(self, work: Work) -> None:
        """Do it, and keep how it ended."""
        try:
            self.result = work(self.progress)
            self.state = "done"
        except StoppedError as error:
            self.error, self.state = error, "stopped"
        except BaseException as error:  # noqa: BLE001 - a thread's error is nobody else's to see
            self.error, self.state = problems.named(error), "failed"
        finally:
            self.left = ""


class JobList:
    """The jobs of a server."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Job]:
        """Every job, the newest first."""
        return list(reversed(self._jobs.values()))

    def find(self, name: str) -> Job:
        """The job of that id.

        Raises:
            UnknownNameError: There is none.
        """
        if name not in self._jobs:
            raise UnknownNameError(f"there is no job '{name}'", nearest(name, self._jobs))
        return self._jobs[name]

    def is_running(self, kind: str) -> bool:
        """Whether a job of that kind is at work."""
        return any(one.kind == kind and one.state == "running" for one in self.all())

    def begin(self, kind: str, asked: dict[str, Any], work: Work) -> Job:
        """Begin a job.

        Raises:
            ConflictError: One of its kind runs already; two would only do the same work twice.
        """
        with self._lock:
            running = [one for one in self._jobs.values() if one.state == "running"]
            # Under the lock, or two that ask at once would both see none.
            if any(one.kind == kind for one in running):
                raise ConflictError(f"a job '{kind}' runs already", "wait for it, or stop it")
            while len(self._jobs) >= KEPT:
                del self._jobs[next(iter(self._jobs))]
            job = Job(kind, asked)
            self._jobs[job.id] = job
            job.thread = threading.Thread(target=job.carry_out, args=(work,), daemon=True)
            job.thread.start()
            return job

    def end(self) -> None:
        """Stop what runs and wait until it has written what it was at."""
        for one in self._jobs.values():
            one.stop.set()
        for one in self._jobs.values():
            if one.thread is not None:
                one.thread.join(20)
