"""A space and the number of a trial in, the parameters to try out; one entry per method.

Every method is a function of seed, number and the results so far, and of nothing else: a search
that is killed and goes on tries what it would have tried. To add a method: a function like
:func:`_random`, an entry in :data:`METHODS`. Imports optuna, so it is imported only by a search.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from optuna import Study
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.pruners import BasePruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from hangtag.records import Dimension, Parameters, Space
from hangtag.rooms.tune.plan import Plan
from hangtag.rooms.tune.space import MOST_CELLS, cells, draw

REDRAWS = 50
ASKING = 3.0  # seconds an earlier entry may take to be given its parameters
EXCESS = "surplus"
"""Marks an entry that was asked for when another process had taken the last trial: it is none."""
REDUCTION = 3
"""Successive halving keeps one in three, as its authors advise."""


@dataclass(frozen=True)
class Case:
    """What a method may look at.

    Attributes:
        plan: The search.
        study: All that was tried, in Optuna's words.
        trial: The entry that is to have parameters.
        number: Of its trial, from 0.
    """

    plan: Plan
    study: Study
    trial: FrozenTrial
    number: int


Propose = Callable[[Case], Parameters]


@dataclass(frozen=True)
class Method:
    """A way to search.

    Attributes:
        about: In a few words.
        propose: From a case to parameters.
        prunes: Whether it stops hopeless trials.
        ahead: From plan and number to parameters, where they do not depend on results.
    """

    about: str
    propose: Propose
    prunes: bool = False
    ahead: Callable[[Plan, int], Parameters] | None = None


def _grid(case: Case) -> Parameters:
    return _grid_cell(case.plan, case.number)


def _grid_cell(plan: Plan, number: int) -> Parameters:
    found = _cells(plan.space)
    return found[min(number, len(found) - 1)]


@lru_cache(maxsize=8)
def _cells(space: Space) -> tuple[Parameters, ...]:
    return tuple(cells(space))


def _random(case: Case) -> Parameters:
    return _random_cell(case.plan, case.number)


def _random_cell(plan: Plan, number: int) -> Parameters:
    return _draws(plan.space, plan.seed, number + 1)[number]


@lru_cache(maxsize=8)
def _draws(space: Space, seed: int, count: int) -> tuple[Parameters, ...]:
    """The first draws of a seed, none twice; fewer than `count` only if there are no more."""
    generator = np.random.default_rng(seed)
    size = space.size
    if size is not None and size <= MOST_CELLS:
        all_cells = _cells(space)
        # All cells are known: a shuffle draws each once and needs no memory of what was drawn.
        order = generator.permutation(size)
        return tuple(all_cells[order[place % size]] for place in range(count))
    made: dict[str, Parameters] = {}
    while len(made) < count:
        drawn = draw(space, generator)
        made.setdefault(repr(drawn), drawn)
    return tuple(made.values())


def _bayes(case: Case) -> Parameters:
    """The tree-structured Parzen estimator's next point that was not tried yet.

    Source: J. Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS (2011), in
    Optuna's multivariate form.
    """
    names = case.plan.space.names
    tried = {_key(one.params, names) for one in _others(case) if EXCESS not in one.user_attrs}
    for attempt in range(REDRAWS):
        drawn = _estimated(case, attempt)
        if _key(drawn, names) not in tried:
            return drawn
    untried = (one for one in _endless(case) if _key(one, names) not in tried)
    return next(untried, drawn)


def _others(case: Case) -> list[FrozenTrial]:
    """All entries but this one, when every earlier one knows its parameters."""
    # An entry is written before its parameters are: of two processes that ask in the same moment,
    # neither would see what the other is given, and both may be given the same. The later one
    # waits, but not for ever: the earlier process may have been killed in between.
    last = time.monotonic() + ASKING
    while True:
        others = [
            one for one in case.study.get_trials(deepcopy=False) if one.number != case.trial.number
        ]
        unknown = any(
            one.number < case.trial.number
            and one.state == TrialState.RUNNING
            and len(one.params) < len(case.plan.space.names)
            for one in others
        )
        if not unknown or time.monotonic() > last:
            return others
        time.sleep(0.01)


def _key(parameters: Parameters, names: tuple[str, ...]) -> str:
    return repr([parameters.get(name) for name in names])


def _estimated(case: Case, attempt: int) -> Parameters:
    plan = case.plan
    # A stream for each trial and attempt, whatever others were asked before: a search that goes on
    # after a kill proposes the same.
    state = np.random.SeedSequence((plan.seed, case.number, attempt))
    sampler = TPESampler(
        # A quarter of the trials is drawn at random before anything is concluded from them.
        n_startup_trials=min(10, max(4, plan.wanted // 4)),
        multivariate=True,
        constant_liar=plan.workers > 1,
        seed=int(state.generate_state(1)[0]),
    )
    # Distributions of a single value have nothing to sample; those keep what was drawn.
    free = {name: one for name, one in distributions(plan.space).items() if not one.single()}
    drawn = draw(plan.space, np.random.default_rng(state))
    return drawn | sampler.sample_relative(case.study, case.trial, free)


def _endless(case: Case) -> Iterator[Parameters]:
    """All cells where they are few, and a thousand random ones where they are not."""
    size = case.plan.space.size
    if size is not None and size <= MOST_CELLS:
        yield from _cells(case.plan.space)
    generator = np.random.default_rng((case.plan.seed, case.number, REDRAWS))
    for _ in range(1000):
        yield draw(case.plan.space, generator)


METHODS: Mapping[str, Method] = {
    "grid": Method("every cell, in order", _grid, ahead=_grid_cell),
    "random": Method("cells drawn at random, none twice", _random, ahead=_random_cell),
    "bayes": Method("where the results so far promise most (Parzen estimators)", _bayes),
    "halving": Method(
        "random cells, of which one in three goes on at 1, 3, 9, … epochs", _random, prunes=True
    ),
}


def pruner(plan: Plan) -> BasePruner:
    """What stops hopeless trials: asynchronous successive halving, or nothing.

    Source: L. Li et al., "A system for massively parallel hyperparameter tuning", MLSys (2020).
    """
    if not METHODS[plan.method].prunes:
        return NopPruner()
    return SuccessiveHalvingPruner(
        min_resource=1, reduction_factor=REDUCTION, min_early_stopping_rate=0
    )


class Proposals(BaseSampler):
    """Gives Optuna the parameters that a method proposes for each number."""

    def __init__(self, plan: Plan, number_of: Callable[[FrozenTrial], int]) -> None:
        self._plan = plan
        self._number_of = number_of

    def infer_relative_search_space(
        self,
        study: Study,  # noqa: ARG002 - Optuna's interface
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """All parameters belong together."""
        return distributions(self._plan.space)

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: dict[str, BaseDistribution],  # noqa: ARG002
    ) -> dict[str, Any]:
        """What the method proposes."""
        number = self._number_of(trial)
        return dict(METHODS[self._plan.method].propose(Case(self._plan, study, trial, number)))

    def sample_independent(
        self,
        study: Study,  # noqa: ARG002
        trial: FrozenTrial,  # noqa: ARG002
        param_name: str,
        param_distribution: BaseDistribution,  # noqa: ARG002
    ) -> Any:  # noqa: ANN401 - a parameter's value
        """Never needed: every parameter was proposed."""
        raise AssertionError(f"{param_name} was not proposed")


@lru_cache(maxsize=8)
def _distributions(space: Space) -> tuple[tuple[str, BaseDistribution], ...]:
    return tuple((one.name, _distribution(one)) for one in space.dimensions)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The space in Optuna's words."""
    return dict(_distributions(space))


def _distribution(one: Dimension) -> BaseDistribution:
    if one.choices:
        return CategoricalDistribution(one.choices)
    assert one.low is not None
    assert one.high is not None
    if one.kind == "whole":
        step = int(one.step or 1)
        high = int(one.low) + (int(one.high) - int(one.low)) // step * step
        return IntDistribution(int(one.low), high, log=one.log, step=step)
    if one.step is None:
        return FloatDistribution(float(one.low), float(one.high), log=one.log)
    return FloatDistribution(float(one.low), float(one.values[-1] or 0), step=float(one.step))
