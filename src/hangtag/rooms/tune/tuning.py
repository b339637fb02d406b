"""A space and an objective in, all trials out.

The public function checks; what it hands on has been checked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangtag.errors import FailedError, OptionError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import Space, Standing, Trial, Trials
from hangtag.records.trials import RUNNING
from hangtag.rooms.tune.plan import BatchObjective, Objective, Plan
from hangtag.rooms.tune.space import cells, check
from hangtag.rooms.tune.storage import check_journal, check_storage, is_address, shown
from hangtag.rooms.tune.workers import run_workers

if TYPE_CHECKING:
    from hangtag.rooms.tune.search import Search

NAMES = ("grid", "random", "bayes", "halving")
DEFAULT_TRIALS = 20
MOST_WORKERS = 256

Tell = Callable[[Standing], None]


def tune(
    objective: Objective,
    space: Space,
    *,
    method: str = "bayes",
    trials: int | None = None,
    maximise: bool = True,
    measured: str = "objective",
    seed: int = 0,
    storage: str | Path | None = None,
    name: str = "search",
    resume: bool = False,
    workers: int = 1,
    asked: Mapping[str, Any] | None = None,
    on_trial: Tell | None = None,
    progress: Progress = silent,
) -> Trials:
    """Search a space for what makes an objective largest or smallest.

    The objective is given parameters and nothing else; what it measures, and on what, is its own
    business. An error in it is a row of the result.

    Args:
        objective: Called with parameters and a watch; gives a number, or a Measurement. For
            several workers it must be something Python can send to another process.
        space: What may vary; see :func:`hangtag.rooms.tune.space`.
        method: ``grid``, ``random``, ``bayes`` or ``halving``.
        trials: How many in all, those of an earlier run included; None for all cells of a grid,
            and 20 otherwise. Fewer are made when a space has no more cells.
        maximise: Whether more is better.
        measured: What the objective measures, in words.
        seed: Draws the parameters.
        storage: A journal file, or the address of a PostgreSQL database; None keeps nothing.
        name: Of the search in its storage.
        resume: Go on with a search that is there already.
        workers: Processes at once.
        asked: What else the search depends on, JSON-ready; one that goes on must agree in it.
        on_trial: Called when a trial has ended, with how the search stands.
        progress: Called with how many have ended.

    Returns:
        All trials, also when some failed.

    Raises:
        OptionError: Something that was asked cannot be.
        RunError: There is such a search already, or it was about something else.
        FormatError: The storage is no journal.
        FailedError: Every trial failed, or the database cannot be used.
        MissingError: A driver is not installed.
        StoppedError: Ctrl-C; finished trials are kept.

    Example:
        >>> found = tune(lambda p, watch: -(p["x"] - 3) ** 2, space("x=0:10"), method="grid")
        >>> found.best.parameters
        {'x': 3}
    """
    check(space)
    _check(method, trials, seed, workers, name)
    if storage is not None:
        check_storage(storage)
    wanted = _wanted(space, method, trials)
    with _place(storage) as where:
        plan = Plan(
            where, name, space, method, wanted, seed, maximise, measured, asked or {}, workers
        )
        return _tune(plan, objective, resume, on_trial, progress)


def _check(method: str, trials: int | None, seed: int, workers: int, name: str) -> None:
    if method not in NAMES:
        raise OptionError(f"there is no way of searching called '{method}'", nearest(method, NAMES))
    if trials is not None and trials < 1:
        raise OptionError(f"a search of {trials} trials", "give at least 1")
    if not 1 <= workers <= MOST_WORKERS:
        raise OptionError(f"a search with {workers} workers", f"give from 1 to {MOST_WORKERS}")
    if seed < 0:
        raise OptionError(f"the seed {seed} is below 0")
    if not name.strip():
        raise OptionError("a search needs a name")


def _wanted(space: Space, method: str, trials: int | None) -> int:
    if method != "grid":
        count = DEFAULT_TRIALS if trials is None else trials
        return count if space.size is None else min(count, space.size)
    # Counted by making them, so that a grid too large is refused with the words that making it has.
    count = sum(1 for _ in cells(space))
    if trials is not None and trials < count:
        raise OptionError(
            f"a grid tries all its {count} cells; {trials} trials would leave some out",
            "leave --trials away, or search with --method random",
        )
    return count


@contextmanager
def _place(storage: str | Path | None) -> Iterator[str]:
    if storage is None:
        with tempfile.TemporaryDirectory(prefix="hangtag-tune-") as folder:
            yield str(Path(folder) / "search.journal")
        return
    if not is_address(storage):
        check_journal(Path(storage))
    yield str(storage)


def _tune(
    plan: Plan, objective: Objective, resume: bool, on_trial: Tell | None, progress: Progress
) -> Trials:
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    from hangtag.rooms.tune.search import Search

    try:
        search = Search(plan, resume=resume)
        try:
            # Trials of processes that were killed are put back first, or their parameters would
            # count as tried.
            search.recover_stale()
            told = _Teller(search.trials, plan, on_trial, progress)
            _foretell(search, objective)
            _run(search, objective, told)
            while search.recover_stale():  # what other processes left in the meantime
                _run(search, objective, told)
            found = search.trials()
        finally:
            search.close()
    except OSError as error:
        raise FailedError(
            f"{shown(plan.storage)} cannot be written: {error.strerror or error}",
            "look at the disk's space and rights; then go on with --resume",
        ) from None
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        said = str(error).strip().splitlines()[0]
        raise FailedError(
            f"{shown(plan.storage)} was lost in the middle of a search: {said}",
            "look whether it runs; then go on with --resume",
        ) from None
    return _checked(made(plan, found))


def _foretell(search: Search, objective: Objective) -> None:
    """Say what is coming to who can use it, where nobody else takes trials of this search."""
    alone = search.plan.workers == 1 and not is_address(search.plan.storage)
    if alone and isinstance(objective, BatchObjective):
        objective.expect(search.upcoming())


def _run(search: Search, objective: Objective, told: Callable[[], None]) -> None:
    # A trial that was killed again and again is watched from here: if it ends its process, the
    # search lives on and gives it up; otherwise someone would have to give up the search.
    if search.plan.workers > 1 or (search.is_suspicious() and _can_be_sent(objective)):
        run_workers(search, objective, told)
        return
    while search.measure_next(objective):
        told()


def _can_be_sent(objective: Objective) -> bool:
    from multiprocessing.reduction import ForkingPickler

    try:
        ForkingPickler.dumps(objective)
    except Exception:  # noqa: BLE001 - whatever an object's own way of being sent raises
        return False
    return True


def made(plan: Plan, found: tuple[Trial, ...]) -> Trials:
    """Plan and rows as one record."""
    return Trials(
        space=plan.space,
        method=plan.method,
        objective=plan.objective,
        maximise=plan.maximise,
        trials=found,
        wanted=plan.wanted,
        seed=plan.seed,
        asked=plan.asked,
    )


def _checked(found: Trials) -> Trials:
    # A search goes on over failed trials; that all failed says something is wrong with what was
    # asked.
    reasons = [one.reason for one in found.trials if one.reason]
    if found.trials and len(reasons) == len(found.trials):
        raise FailedError(
            f"all {len(reasons)} trials failed; the first one: {reasons[0]}",
            "try one such training with `hangtag train` first",
        )
    return found


class _Teller:
    """Finds which trials have ended since it last looked, and tells of each once."""

    def __init__(
        self,
        look: Callable[[], tuple[Trial, ...]],
        plan: Plan,
        on_trial: Tell | None,
        progress: Progress,
    ) -> None:
        self._look, self._plan, self._on_trial, self._progress = look, plan, on_trial, progress
        self._spent = 0.0
        self._known = {one.number for one in look() if one.state != RUNNING}
        self._before = len(self._known)
        progress("tune", self._before, plan.wanted)

    def __call__(self) -> None:
        rows = self._look()
        fresh = [one for one in rows if one.state != RUNNING and one.number not in self._known]
        for one in fresh:
            self._known.add(one.number)
            self._spent += one.seconds
            known = tuple(row for row in rows if row.number in self._known)
            standing = self._standing(one, made(self._plan, known))
            self._progress("tune", standing.done, standing.wanted, _note(standing))
            if self._on_trial is not None:
                self._on_trial(standing)

    def _standing(self, one: Trial, known: Trials) -> Standing:
        done, wanted = len(self._known), self._plan.wanted
        # By what trials took and not by the clock: several may have been measured in advance.
        left = self._spent / (done - self._before) * (wanted - done) / self._plan.workers
        return Standing(one, known.best, done, wanted, left)


def _note(standing: Standing) -> str:
    best = standing.best
    return "" if best is None else f"best {best.value:.4f} (trial {best.number})"
