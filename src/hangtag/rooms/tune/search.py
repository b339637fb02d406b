"""A search in its storage: trials are taken, measured, told, and taken up again after a kill.

Trials here have numbers from 0 that stay theirs: when a trial is cut off, by a kill or by Ctrl-C,
its entry is marked as abandoned and another with the same parameters and number is queued. Imports
optuna, so it is imported only by a search.
"""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from hangtag.errors import HangtagError, RunError, StoppedError
from hangtag.records import Measurement, Parameters, Trial
from hangtag.records.trials import FAILED, FINISHED, RUNNING, STOPPED
from hangtag.rooms.tune import stamps
from hangtag.rooms.tune.methods import EXCESS, METHODS, Proposals, distributions, pruner
from hangtag.rooms.tune.plan import Objective, Plan
from hangtag.rooms.tune.storage import is_address, open_storage, shown

# What is kept beside Optuna's own: of a trial, and (FACTS) of the search.
RETRY, ABANDONED, WORKER, OUTCOME = "again", "abandoned", "worker", "outcome"
FACTS = "hangtag"
KILLED, DIED = "killed", "died"  # with the whole search, or alone, while the search lived on
MOST_KILLS = 2
UNSEEN_KILLS = 10  # of a trial that cannot be watched from another process
YOUNG = 10.0  # seconds a trial may have no worker's name, while its worker is writing it

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Search:
    """A search, seen by one process."""

    def __init__(self, plan: Plan, *, resume: bool = True) -> None:
        self.plan = plan
        self.storage: BaseStorage = open_storage(plan.storage)
        self.study = _study(plan, self.storage, resume)
        self.study.sampler = Proposals(plan, self._number_of)
        self.study.pruner = pruner(plan)

    def close(self) -> None:
        """Let connections go."""
        self.storage.remove_session()
        engine = getattr(getattr(self.storage, "_backend", self.storage), "engine", None)
        if engine is not None:
            engine.dispose()

    def measure_next(self, objective: Objective) -> bool:
        """Take the next trial and measure it; False when all are taken.

        Raises:
            StoppedError: Someone ended it; the trial will be taken up again.
        """
        if not self._anything_left():
            return False
        # Asking writes an entry at once, so that two processes never get the same trial.
        trial = self.study.ask(distributions(self.plan.space))
        # Asking and counting are two steps in a storage that others write to: only what it says
        # after asking decides whose the last trial is.
        found = self._all()
        numbers = _numbers(found)
        number = numbers[trial.number]
        earlier = (one for one in found if one.number < trial.number and _counts(one))
        queued_twice = any(numbers[one.number] == number for one in earlier)  # mended twice at once
        if number >= self.plan.wanted or queued_twice:  # by other processes meanwhile
            trial.set_user_attr(EXCESS, True)
            self.study.tell(trial, state=TrialState.FAIL)
            return queued_twice
        # Who measures is written before anything is measured: a process that dies in its trial can
        # be told from one that lives on another machine.
        try:
            trial.set_user_attr(WORKER, stamps.stamp())
        except UpdateFinishedTrialError:
            return True  # taken for one that a dead process left: it is queued again already
        try:
            self._measure(trial, objective)
        except BaseException as error:
            self._requeue(self._frozen(trial), "stopped")
            if isinstance(error, KeyboardInterrupt | StoppedError):
                raise StoppedError(
                    f"the search was stopped in trial {number + 1} of {self.plan.wanted}",
                    "go on with --resume",
                ) from None
            raise
        return True

    def _measure(self, trial: optuna.Trial, objective: Objective) -> None:
        watch = Watcher(trial)
        began = time.perf_counter()
        try:
            found = objective(dict(trial.params), watch)
            measured = found if isinstance(found, Measurement) else Measurement(float(found))
            reason = "" if math.isfinite(measured.value) else "the objective is not finite"
        except (KeyboardInterrupt, StoppedError):
            raise
        # A failed trial is a row, not a crash; and sys.exit() in an objective is not one of ours.
        except BaseException as error:  # noqa: BLE001
            measured, reason = Measurement(math.nan), _reason(error)
        taken = time.perf_counter() - began
        outcome = {
            "seconds": taken if measured.seconds is None else float(measured.seconds),
            "reason": reason,
            "values": list(measured.values),
            "facts": dict(measured.facts),
        }
        # Before the state is told: a trial that counts as finished always has its outcome beside
        # it, whenever a kill comes.
        trial.set_user_attr(OUTCOME, outcome)
        if reason:
            self.study.tell(trial, state=TrialState.FAIL)
        elif watch.stopped:
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, float(measured.value))

    def trials(self) -> tuple[Trial, ...]:
        """All rows, in the order of their numbers."""
        found = self._all()
        numbers = _numbers(found)
        rows: dict[int, Trial] = {}
        for one in found:
            if _counts(one):
                rows[numbers[one.number]] = _row(one, numbers[one.number], self.plan.space.names)
        return tuple(rows[number] for number in sorted(rows))

    def upcoming(self) -> tuple[Parameters, ...]:
        """What will be asked, in order, where the method knows it before any result."""
        ahead = METHODS[self.plan.method].ahead
        if ahead is None:
            return ()
        ended = {row.number - 1 for row in self.trials() if row.state != RUNNING}
        return tuple(
            ahead(self.plan, number) for number in range(self.plan.wanted) if number not in ended
        )

    def stamps(self) -> tuple[Mapping[str, Any], ...]:
        """The processes that ever took a trial."""
        return tuple(one.user_attrs[WORKER] for one in self._all() if WORKER in one.user_attrs)

    def recover_stale(self, died: int | None = None) -> bool:
        """Take up again what dead processes left: queue their trials anew, or give them up.

        Args:
            died: Number of a worker process that ended while its search went on.

        Returns:
            Whether any trial waits to be taken.
        """
        if died is not None:
            self._wait_for_names()
        for one in self._all():
            if one.state == TrialState.RUNNING and self._left_behind(one):
                alone = died is not None and one.user_attrs.get(WORKER, {}).get("pid") == died
                self._requeue(one, DIED if alone else KILLED)
        self._queue_abandoned()
        return any(one.state == TrialState.WAITING for one in self._all())

    def _wait_for_names(self) -> None:
        """Let living workers say which entries are theirs; one that nobody does is the dead one's.

        An entry is written before its worker's name is, see :meth:`measure_next`.
        """
        last = time.monotonic() + YOUNG
        waiting = self._nameless()
        while waiting and time.monotonic() < last:
            time.sleep(0.01)
            waiting &= self._nameless()

    def _nameless(self) -> set[int]:
        return {
            one.number
            for one in self._all()
            if one.state == TrialState.RUNNING and WORKER not in one.user_attrs
        }

    def _left_behind(self, one: FrozenTrial) -> bool:
        stamp = one.user_attrs.get(WORKER)
        if stamp is not None:
            # Who mends is not measuring: what has this process' own name is left from before.
            own = stamp["pid"] == os.getpid()
            return stamps.is_of_here(stamp) and (own or not stamps.is_alive(stamp))
        began = one.datetime_start
        age = math.inf if began is None else time.time() - began.timestamp()
        return age > YOUNG or not is_address(self.plan.storage)

    def _requeue(self, one: FrozenTrial, why: str) -> None:
        number = self._number_of(one)
        # This death is not yet among those that are counted.
        kills = 1 + self._kills().get(number, 0)
        # A kill of the whole search is not its trial's fault, however often it happens; a process
        # that dies while the one that watches it lives on has ended by what it did.
        if (why == DIED and kills >= MOST_KILLS) or (why == KILLED and kills >= UNSEEN_KILLS):
            reason = f"its process was killed {kills} times, perhaps for want of memory"
            outcome = {"seconds": 0.0, "reason": reason, "values": [], "facts": {}}
            self.storage.set_trial_user_attr(_id(one), OUTCOME, outcome)
        else:
            self.storage.set_trial_user_attr(_id(one), ABANDONED, why)
        # The mark comes first and the state after it; a kill between both leaves an entry that the
        # next mending finds still running.
        self.storage.set_trial_state_values(_id(one), TrialState.FAIL)
        self._queue_abandoned()

    def _kills(self) -> dict[int, int]:
        """How often the process of a trial was killed, by the trial's number."""
        found = self._all()
        numbers = _numbers(found)
        killed = (one for one in found if one.user_attrs.get(ABANDONED) in {KILLED, DIED})
        return Counter(numbers[one.number] for one in killed)

    def is_suspicious(self) -> bool:
        """Whether a trial that waits was killed often enough that it may be its own doing."""
        found, kills = self._all(), self._kills()
        waiting = (one for one in found if one.state == TrialState.WAITING)
        return any(kills.get(self._number_of(one), 0) >= MOST_KILLS for one in waiting)

    def _queue_abandoned(self) -> None:
        """Every number whose entries are all abandoned is queued once more."""
        found = self._all()
        numbers = _numbers(found)
        open_entries: dict[int, FrozenTrial] = {}
        for one in found:
            if ABANDONED in one.user_attrs:
                open_entries.setdefault(numbers[one.number], one)
        for one in found:
            if _counts(one):
                open_entries.pop(numbers[one.number], None)
        # The parameters are queued as they were: a search that was killed tries what it would have
        # tried, in whatever order the processes come back.
        for number, one in open_entries.items():
            self.study.enqueue_trial(one.params, user_attrs={RETRY: number})

    def _anything_left(self) -> bool:
        found = self._all()
        if any(one.state == TrialState.WAITING for one in found):
            return True
        # An entry that is queued again is the same trial, and a surplus one is none.
        taken = sum(not one.user_attrs.keys() & {RETRY, EXCESS} for one in found)
        return taken < self.plan.wanted

    def _number_of(self, trial: FrozenTrial) -> int:
        return _numbers(self._all())[trial.number]

    def _all(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _frozen(self, trial: optuna.Trial) -> FrozenTrial:
        return self.storage.get_trial(_id(trial))


class Watcher:
    """What an objective reports to."""

    def __init__(self, trial: optuna.Trial) -> None:
        self._trial = trial
        self._step = 0
        self.stopped = False

    def __call__(self, value: float, /) -> bool:
        """Keep the value, and say whether to stop."""
        self._step += 1
        self._trial.report(float(value), self._step)
        self.stopped = self._trial.should_prune()
        return self.stopped


def _study(plan: Plan, storage: BaseStorage, resume: bool) -> optuna.Study:
    direction = StudyDirection.MAXIMIZE if plan.maximise else StudyDirection.MINIMIZE
    names = {one.study_name for one in storage.get_all_studies()}
    if plan.name in names and not resume:
        raise RunError(
            f"there is a search '{plan.name}' in {shown(plan.storage)} already",
            "go on with it by --resume, or give another --out",
        )
    if plan.name in names:
        study = optuna.load_study(study_name=plan.name, storage=storage)
    else:
        study = optuna.create_study(
            study_name=plan.name, storage=storage, direction=direction, load_if_exists=True
        )
    kept = study.user_attrs.get(FACTS)
    if kept is None:
        study.set_user_attr(FACTS, plan.agreement())
    else:
        check_agreement(plan, kept)
    return study


def check_agreement(plan: Plan, kept: Mapping[str, Any]) -> None:
    """Refuse to go on with a search that was about something else.

    Raises:
        RunError: The sentence says what differs.
    """
    asked, had = _flat(plan.agreement()), _flat(kept)
    for key in sorted(asked.keys() | had.keys()):
        if asked.get(key) != had.get(key):
            raise RunError(
                f"the search '{plan.name}' in {shown(plan.storage)} has another {key}: "
                f"{had.get(key)}, not {asked.get(key)}",
                "ask for the same again, or start another with another --out",
            )


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    """One value per name; tuples and lists are one to JSON."""
    from json import dumps

    values = {**facts, **facts.get("asked", {})}
    values.pop("asked", None)
    return {key: dumps(value, sort_keys=True, default=list) for key, value in values.items()}


def _numbers(found: list[FrozenTrial]) -> dict[int, int]:
    """From Optuna's number of every entry to the number of its trial, from 0.

    An entry that is queued again has the number it says; it and surplus ones do not count.
    """
    # In the order of entries, which all processes see alike: the numbers follow from the storage
    # and are kept nowhere.
    numbers, count = {}, 0
    for one in sorted(found, key=lambda entry: entry.number):
        again = one.user_attrs.get(RETRY)
        numbers[one.number] = count if again is None else int(again)
        count += again is None and EXCESS not in one.user_attrs
    return numbers


def _counts(one: FrozenTrial) -> bool:
    """Whether an entry is its trial: neither left by a dead process nor one too many."""
    return not one.user_attrs.keys() & {ABANDONED, EXCESS}


def _row(one: FrozenTrial, number: int, names: tuple[str, ...]) -> Trial:
    outcome = one.user_attrs.get(OUTCOME, {})
    states = {
        TrialState.COMPLETE: FINISHED,
        TrialState.PRUNED: STOPPED,
        TrialState.FAIL: FAILED,
    }
    steps = one.intermediate_values
    # A trial that was stopped early has the value it had reached.
    value = one.value if one.state in {TrialState.COMPLETE, TrialState.PRUNED} else None
    return Trial(
        number=number + 1,
        parameters=_ordered(one.params, names),
        state=states.get(one.state, RUNNING),
        value=value,
        values=tuple(outcome.get("values", ())),
        curve=tuple(steps[step] for step in sorted(steps)),
        seconds=outcome.get("seconds", 0.0),
        reason=outcome.get("reason", ""),
        facts=outcome.get("facts", {}),
    )


def _ordered(parameters: Parameters, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: parameters[name] for name in names if name in parameters}


def _reason(error: BaseException) -> str:
    if isinstance(error, HangtagError):
        return error.message
    said = (str(error).strip().splitlines() or [""])[0][:200]
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in said:
        return f"out of memory: {said}" if said else "out of memory"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _id(trial: optuna.Trial | FrozenTrial) -> int:
    number: int = trial._trial_id  # noqa: SLF001 - storages know trials by nothing else
    return number
