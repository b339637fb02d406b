"""One store, ended in every way: at each point, with each failure, at random; what was wrong.

What is wrong is a sentence a list: *stuck* (the same command again does not end well), *half*
(something unfinished stands at its final place), *lost* (the result is another than that of work
that nobody ended), *orphan* (a leftover that was not swept), *traceback*.
"""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.ending import (
    FAILING,
    Ended,
    FullDisk,
    Hook,
    Killer,
    ended,
    fresh,
    import_what_it_imports,
    orphans,
    points_of,
)
from tests.torture.stores import Store

MOST_TRIES = 60


@dataclass
class Findings:
    """What came of torturing one store."""

    store: str
    points: list[str] = field(default_factory=list)
    killed_at: int = 0
    failing: int = 0
    failed_at: int = 0
    random_kills: int = 0
    rounds: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0


class Torture:
    """A store, a place to torture it in, and what its undisturbed work comes to."""

    def __init__(self, store: Store, base: Path) -> None:
        self.store, self.home, self.prepared = store, base / "home", base / "prepared"
        self.findings = Findings(store.name)
        self.prepared.mkdir(parents=True)
        made = ended(lambda: store.prepare(self.prepared), base, None)
        assert made.code == 0, made.said
        import_what_it_imports(store, self.prepared, self.home)
        self.findings.points = points_of(store, self.prepared, self.home)
        began = time.monotonic()
        fresh(self.prepared, self.home, self.store)  # once more, with what is compiled by now
        self._work(None)
        self.seconds = time.monotonic() - began
        self.whole = self._result()

    def kill_at(self, points: Iterable[int]) -> None:
        """Kill at each of these points, and let the next command go on."""
        for at in points:
            fresh(self.prepared, self.home, self.store)
            name = f"killed at '{self.findings.points[at]}'"
            found = self._work(Killer(at))
            if found.code != -9:
                self._wrong("not killed", name, found)
            self._go_on(name)
            self.findings.killed_at += 1

    def fail_at(self, every: int = 1, kinds: tuple[int, ...] = (errno.ENOSPC, errno.EIO)) -> None:
        """Let every Nth step that asks something of the disk fail once."""
        asked = [name for name in self.findings.points if name.split()[0] in FAILING]
        self.findings.failing = len(asked) * len(kinds)
        for shift, kind in enumerate(kinds):
            # Not the same steps with each kind, so that fewer are left out.
            for at in range(shift * every // len(kinds), len(asked), every):
                fresh(self.prepared, self.home, self.store)
                name = f"{errno.errorcode[kind]} at '{asked[at]}'"
                found = self._work(FullDisk(at, kind))
                if found.is_traceback or found.code not in {0, 1, 2}:
                    self._wrong("traceback", name, found)
                self._go_on(name)
                self.findings.failed_at += 1

    def kill_at_random(self, kills: int, seconds: float, seed: int = 0) -> None:
        """Kill at random moments, again and again, until the work has ended; then from the start.

        Args:
            kills: How many in all.
            seconds: At most; fewer kills are made then, and counted.
            seed: Of the moments.
        """
        draw, last = random.Random(seed), time.monotonic() + seconds
        while self.findings.random_kills < kills and time.monotonic() < last:
            fresh(self.prepared, self.home, self.store)
            for tries in range(MOST_TRIES):
                patience = draw.uniform(0.02, 1.0 + tries / 20) * max(self.seconds, 0.05)
                found = self._work(None, patience)
                self.findings.random_kills += found.code == -9
                if found.code != -9:
                    break
                self._check("killed at random")
            self._go_on(f"killed {tries} times at random")
            self.findings.rounds += 1

    def _work(self, hook: Hook | None, after: float = 0.0) -> Ended:
        return ended(lambda: self.store.work(self.home / "place"), self.home, hook, after)

    def _check(self, name: str) -> None:
        found = ended(lambda: self.store.check(self.home / "place"), self.home, None)
        if found.code:
            self._wrong("half", name, found)

    def _go_on(self, name: str) -> None:
        self._check(name)
        found = self._work(None)
        if found.code:
            self._wrong("stuck", name, found)
            return
        left = orphans(self.home)
        if left:
            self.findings.wrong.append(f"orphan: {name}: {', '.join(left)}")
        result = self._result()
        for key, value in self.whole.items():
            if result.get(key) != value:
                self.findings.wrong.append(f"lost: {name}: another {key}")

    def _result(self) -> dict[str, object]:
        """The result, asked for in a process of its own, as text."""
        import json

        file = self.home / "result.json"

        def write() -> None:
            file.write_text(json.dumps(self.store.result(self.home / "place"), sort_keys=True))

        found = ended(write, self.home, None)
        if found.code:
            self._wrong("lost", "the result", found)
            return {}
        values: dict[str, object] = json.loads(file.read_text())
        return values

    def _wrong(self, kind: str, name: str, found: Ended) -> None:
        said = " | ".join(found.said.strip().splitlines()[-3:])
        self.findings.wrong.append(f"{kind}: {name}: exit code {found.code}: {said}")


def tortured(
    store: Store,
    base: Path,
    *,
    points: int | None = None,
    every: int = 1,
    kinds: tuple[int, ...] = (errno.ENOSPC, errno.EIO),
    kills: int = 0,
    seconds: float = 0.0,
) -> Findings:
    """Torture a store.

    Args:
        store: Which.
        base: An empty folder.
        points: How many points to kill at, evenly spread; None for all.
        every: Every how many-th step fails once.
        kinds: How it fails.
        kills: Kills at random moments.
        seconds: Time for these at most.
    """
    began, busy = time.monotonic(), _cpu()
    torture = Torture(store, base)
    count = len(torture.findings.points)
    chosen = range(count)
    if points is not None and points < count:
        chosen = sorted({round(one * (count - 1) / (points - 1)) for one in range(points)})
    torture.kill_at(chosen)
    torture.fail_at(every, kinds)
    torture.kill_at_random(kills, seconds)
    torture.findings.seconds = time.monotonic() - began
    torture.findings.cpu = _cpu() - busy
    return torture.findings


def _cpu() -> float:
    """Seconds that this process and those it forked have kept a processor busy."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
