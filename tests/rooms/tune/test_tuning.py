"""Searching: every method finds, nothing is tried twice, a failed trial is a row."""

import math

import numpy as np
import pytest

from hangtag.errors import DivergedError, FailedError, OptionError, RunError, StoppedError
from hangtag.records import Measurement, Trials
from hangtag.rooms.tune import METHODS, space, tune

HILL = "x=0:10;y=0.0:1.0:0.125;k=a,b"


def hill(parameters, watch):
    return -((parameters["x"] - 3) ** 2) - parameters["y"] - (parameters["k"] == "b")


def tried(found: Trials) -> list[tuple]:
    return [tuple(one.parameters.values()) for one in found.trials]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_tries_different_cells_and_ranks_them(method):
    text = "x=0:4;k=a,b" if method == "grid" else HILL
    found = tune(
        lambda p, w: hill({"y": 0, **p}, w), space(text), method=method,
        trials=None if method == "grid" else 25,
    )  # fmt: skip
    assert len(found) == (10 if method == "grid" else 25)
    assert len(set(tried(found))) == len(found)
    assert found.best.value == max(one.value for one in found.finished)
    assert [one.number for one in found.trials] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_tries_the_same_and_another_seed_something_else(method):
    text = "x=0:4;k=a,b" if method == "grid" else HILL
    options = {"method": method, "trials": None if method == "grid" else 15}
    objective = lambda p, w: hill({"y": 0, **p}, w)  # noqa: E731
    first, again = (tune(objective, space(text), seed=1, **options) for _ in range(2))
    assert tried(first) == tried(again)
    if method != "grid":
        assert tried(first) != tried(tune(objective, space(text), seed=2, **options))


def test_bayes_finds_better_cells_than_chance_does():
    made = space("x=-5.0:5.0;y=-5.0:5.0;z=-5.0:5.0")

    def bowl(parameters, watch):
        return sum((value - 1) ** 2 for value in parameters.values())

    best = {
        method: np.median(
            [
                tune(bowl, made, method=method, trials=30, maximise=False, seed=seed).best.value
                for seed in range(5)
            ]
        )
        for method in ("random", "bayes")
    }
    assert best["bayes"] < 0.6 * best["random"]


def test_a_small_space_is_tried_to_its_end_and_no_cell_twice():
    for method in ("random", "bayes", "halving"):
        found = tune(lambda p, w: float(p["x"]), space("x=1,2,3;k=a,b"), method=method, trials=50)
        assert found.wanted == 6
        assert len(set(tried(found))) == 6


def test_halving_gives_long_trainings_only_to_the_promising():
    steps = []

    def curve(parameters, watch):
        for epoch in range(1, 10):
            value = parameters["x"] / 100 + epoch / 1000
            if watch(value):
                break
        steps.append(epoch)
        return value

    found = tune(curve, space("x=0:100"), method="halving", trials=30, seed=0)
    states = [one.state for one in found.trials]
    assert states.count("stopped early") >= 15
    assert sum(steps) < 30 * 9 / 2
    longest = [one.parameters["x"] for one in found.finished]
    assert np.mean(longest) > np.mean([one.parameters["x"] for one in found.trials])
    stopped = next(one for one in found.trials if one.state == "stopped early")
    assert len(stopped.curve) < 9
    assert stopped.value == stopped.curve[-1]
    assert found.best.state == "finished"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DivergedError("the loss is not a number"), "the loss is not a number"),
        (MemoryError(), "out of memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: 9 GB"), "out of memory: RESOURCE_EXHAUSTED: 9 GB"),
        (ZeroDivisionError("by zero\nand more"), "ZeroDivisionError: by zero"),
        (None, "not finite"),
    ],
)
def test_a_failed_trial_is_a_row_and_the_search_goes_on(error, said):
    def objective(parameters, watch):
        if parameters["x"] == 1:
            if error is None:
                return math.nan
            raise error
        return parameters["x"]

    found = tune(objective, space("x=0,1,2"), method="grid")
    assert [one.state for one in found.trials] == ["finished", "failed", "finished"]
    assert said in found.trials[1].reason
    assert found.trials[1].value is None
    assert found.best.number == 3


def test_a_search_in_which_everything_fails_says_why():
    def objective(parameters, watch):
        raise DivergedError("the loss is not a number")

    with pytest.raises(FailedError, match="all 2 trials failed; the first one: the loss is not"):
        tune(objective, space("x=0,1"), method="grid")


def test_one_line_a_trial_tells_the_best_so_far_and_the_time_left():
    told, bars = [], []
    tune(
        hill, space(HILL), method="random", trials=8,
        on_trial=told.append, progress=lambda *words: bars.append(words),
    )  # fmt: skip
    assert [one.done for one in told] == list(range(1, 9))
    assert [one.trial.number for one in told] == list(range(1, 9))
    bests = [one.best.value for one in told]
    assert bests == list(np.maximum.accumulate([one.trial.value for one in told]))
    assert told[-1].seconds_left == 0
    assert told[0].seconds_left > 0
    assert bars[-1][:3] == ("tune", 8, 8)


def test_what_the_objective_says_beside_its_value_is_kept(tmp_path):
    def objective(parameters, watch):
        return Measurement(0.5, (0.4, 0.6), {"parameters": 10})

    found = tune(objective, space("x=1,2"), method="grid", storage=tmp_path / "s.journal")
    assert found.trials[0].values == (0.4, 0.6)
    assert found.trials[0].facts == {"parameters": 10}
    assert Trials.from_dict(found.to_dict()) == found


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "gird"}, "gird"),
        ({"trials": 0}, "0 trials"),
        ({"workers": 0}, "0 workers"),
        ({"seed": -1}, "below 0"),
        ({"name": " "}, "name"),
        ({"storage": "sqlite:///x.db"}, "kept in sqlite"),
        ({"method": "grid", "trials": 3}, "all its 198 cells"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_runs(options, said):
    def never(parameters, watch):
        raise AssertionError("was run")

    with pytest.raises(OptionError, match=said):
        tune(never, space(HILL), **options)


def test_going_on_runs_only_what_is_missing_and_tries_what_it_would_have_tried(tmp_path):
    whole = tune(hill, space(HILL), trials=14, seed=5)
    place, ran = tmp_path / "s.journal", []

    def stopping(parameters, watch):
        ran.append(tuple(parameters.values()))
        if len(ran) == 6:
            raise KeyboardInterrupt
        return hill(parameters, watch)

    with pytest.raises(StoppedError, match="trial 6 of 14"):
        tune(stopping, space(HILL), trials=14, seed=5, storage=place)
    found = tune(stopping, space(HILL), trials=14, seed=5, storage=place, resume=True)
    assert tried(found) == tried(whole)
    assert len(ran) == 15  # the one that was cut off was run again, and no other
    assert len(set(ran)) == 14


def test_a_search_can_be_made_longer(tmp_path):
    place = tmp_path / "s.journal"
    first = tune(hill, space(HILL), method="random", trials=4, storage=place)
    found = tune(hill, space(HILL), method="random", trials=9, storage=place, resume=True)
    assert tried(found)[:4] == tried(first)
    assert len(found) == 9


def test_a_search_is_not_written_over_and_not_mixed_with_another(tmp_path):
    place = tmp_path / "s.journal"
    options = {"method": "random", "trials": 3, "storage": place, "asked": {"network": "a"}}
    tune(hill, space(HILL), **options)
    before = place.read_bytes()
    with pytest.raises(RunError, match="there is a search"):
        tune(hill, space(HILL), **options)
    for change in ({"asked": {"network": "b"}}, {"seed": 1}, {"maximise": False}):
        with pytest.raises(RunError, match=f"another {'network' if 'asked' in change else ''}"):
            tune(hill, space(HILL), **{**options, **change}, resume=True)
    with pytest.raises(RunError, match="another space"):
        tune(hill, space("x=0:10;y=0:1;k=a"), **options, resume=True)
    assert place.read_bytes() == before
