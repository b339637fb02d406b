"""Several processes share one search: every trial once, and the best of all is the best."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from hangtag.errors import FailedError
from hangtag.rooms.tune import search, space, stamps, tune
from hangtag.rooms.tune.methods import distributions
from hangtag.rooms.tune.plan import Plan
from hangtag.rooms.tune.search import Search


def test_two_workers_share_the_trials_and_run_each_once(objectives, tmp_path, notes):
    told = []
    found = tune(
        objectives.Slow(tmp_path, others=1), space("x=1:12"), method="grid",
        storage=tmp_path / "s.journal", workers=2, on_trial=told.append,
    )  # fmt: skip
    assert sorted(notes(tmp_path, "ended")) == list(range(1, 13))
    pids = {line.split()[1] for line in (tmp_path / "ended").read_text().splitlines()}
    assert len(pids) == 2
    assert found.best.parameters == {"x": 3}
    assert sorted(one.trial.number for one in told) == list(range(1, 13))
    assert told[-1].done == 12


def test_a_killed_parent_takes_its_workers_along_and_the_search_goes_on(
    objectives, search_process, tmp_path, notes
):
    place = tmp_path / "s.journal"
    process = search_process(place, tmp_path, workers=2)
    last = time.monotonic() + 60
    while len(notes(tmp_path, "ended")) < 4:
        assert time.monotonic() < last
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    time.sleep(1.0)
    before = len(notes(tmp_path, "began"))
    time.sleep(0.5)
    assert len(notes(tmp_path, "began")) == before
    found = objectives.search(place, tmp_path, seconds=0.0)
    assert len(found.finished) == 12
    assert len({one.parameters["x"] for one in found.trials}) == 12


@pytest.mark.parametrize("method", ["random", "bayes"])
def test_a_process_that_came_too_late_for_the_last_trial_leaves_a_longer_search_whole(
    objectives, tmp_path, monkeypatch, method
):
    place = tmp_path / "s.journal"
    options = {"method": method, "seed": 2, "storage": place}
    tune(objectives.Slow(tmp_path), space("x=0:5"), trials=4, **options)
    late = Search(Plan(str(place), "search", space("x=0:5"), method, 4, 2, True, "objective"))
    with monkeypatch.context() as patched:  # it looked before the last one was taken
        patched.setattr(Search, "_anything_left", lambda _: True)
        assert not late.measure_next(objectives.Slow(tmp_path))
    late.close()
    longer = tune(objectives.Slow(tmp_path), space("x=0:5"), trials=6, resume=True, **options)
    assert sorted(one.parameters["x"] for one in longer.finished) == list(range(6))


def test_an_objective_that_cannot_be_sent_is_an_error_and_not_endless(tmp_path, monkeypatch, capfd):
    import types

    module = types.ModuleType("gone_tomorrow")

    def gone(parameters, watch):
        return 0.0

    gone.__module__, gone.__qualname__ = "gone_tomorrow", "gone"
    module.gone = gone
    monkeypatch.setitem(__import__("sys").modules, "gone_tomorrow", module)
    with pytest.raises(FailedError, match="before it took a trial"):
        tune(gone, space("x=1,2"), method="grid", storage=tmp_path / "s.journal", workers=2)
    assert capfd.readouterr().err == ""


def test_whatever_an_objective_raises_in_a_worker_is_a_failed_trial(objectives, tmp_path, capfd):
    found = tune(
        objectives.Odd(), space("x=1:3"), method="grid", storage=tmp_path / "s.journal", workers=2
    )
    assert [one.state for one in found.trials] == ["failed", "failed", "finished"]
    assert [one.reason for one in found.trials] == ["KeyError: 'unforeseen'", "SystemExit: 3", ""]
    assert "Traceback" not in capfd.readouterr().err


def test_what_goes_wrong_in_a_worker_outside_a_trial_is_a_sentence(objectives, tmp_path, capfd):
    with pytest.raises(FailedError, match=r"before it took a trial \(ZeroDivisionError"):
        tune(
            objectives.Unopened(),
            space("x=1:3"),
            method="grid",
            storage=tmp_path / "s.journal",
            workers=2,
        )
    assert capfd.readouterr().err == ""


def test_where_one_process_cannot_be_stopped_alone_several_are_refused(tmp_path, monkeypatch):
    from hangtag.rooms.tune import workers

    monkeypatch.setattr(workers, "WINDOWS", True)
    with pytest.raises(FailedError, match="Windows") as error:
        tune(
            lambda parameters, watch: 0.0, space("x=1,2"), method="grid",
            storage=tmp_path / "s.journal", workers=2,
        )  # fmt: skip
    assert "--workers 1" in error.value.hint


@pytest.mark.parametrize("first", [0, 1])
def test_two_processes_that_ask_at_once_are_not_given_the_same(tmp_path, first):
    plan = Plan(str(tmp_path / "s.journal"), "search", space("x=0,1"), "bayes", 2, 3, True, "o")
    searches = earlier, later = Search(plan), Search(plan)
    # It is written, and has no x yet.
    entry = earlier.storage.create_new_trial(earlier.study._study_id)
    with ThreadPoolExecutor() as threads:
        other = threads.submit(later.study.ask, distributions(plan.space))
        time.sleep(0.3)
        earlier.storage.set_trial_param(entry, "x", first, distributions(plan.space)["x"])
        assert other.result().params == {"x": 1 - first}
    for one in searches:
        one.close()


@pytest.fixture
def two(tmp_path):
    """A search as two processes see it."""
    plan = Plan(str(tmp_path / "s.journal"), "search", space("x=1:4"), "grid", 4, 3, True, "o")
    searches = Search(plan), Search(plan)
    yield searches
    for one in searches:
        one.close()


def test_what_a_living_worker_has_just_asked_for_is_not_taken_for_a_dead_ones(two, monkeypatch):
    watching, working = two
    asked, other = Event(), os.getppid()
    # Not this process, in whose name nothing is measured while it mends.
    stamp = stamps.stamp() | {"pid": other, "began": stamps._began(other)}

    def late():
        asked.set()
        time.sleep(0.3)
        return stamp

    monkeypatch.setattr(stamps, "stamp", late)
    with ThreadPoolExecutor() as threads:
        measured = threads.submit(
            working.measure_next, lambda parameters, watch: time.sleep(0.2) or 1.0
        )
        assert asked.wait(60)
        assert not watching.recover_stale(died=0)
        assert measured.result()
    assert [one.state for one in watching.trials()] == ["finished"]


def test_what_a_dead_worker_had_just_asked_for_is_queued_again(two, monkeypatch):
    monkeypatch.setattr(search, "YOUNG", 0.2)
    watching, working = two
    working.study.ask(distributions(working.plan.space))
    assert watching.recover_stale(died=0)
    while working.measure_next(lambda parameters, watch: parameters["x"]):
        pass
    assert [one.parameters["x"] for one in watching.trials()] == [1, 2, 3, 4]


def test_a_worker_whose_trial_was_given_to_another_goes_on_with_the_next(two, monkeypatch):
    watching, working = two
    stamp = stamps.stamp
    monkeypatch.setattr(stamps, "stamp", lambda: (watching.recover_stale(), stamp())[1])
    assert working.measure_next(lambda parameters, watch: 1.0)
    assert [one.state for one in working.trials()] == ["running"]  # queued again
    monkeypatch.setattr(stamps, "stamp", stamp)
    while working.measure_next(lambda parameters, watch: parameters["x"]):
        pass
    assert [one.parameters["x"] for one in watching.trials()] == [1, 2, 3, 4]
    assert {one.state for one in watching.trials()} == {"finished"}


def test_what_two_processes_mended_at_once_is_measured_once(two, monkeypatch):
    one, other = two
    one.study.ask(distributions(one.plan.space))  # by a process that is dead
    monkeypatch.setattr(search, "YOUNG", 0.0)
    # Both look before either has queued anything.
    before = other._all()
    assert one.recover_stale()
    with monkeypatch.context() as patch:
        patch.setattr(other, "_all", lambda: [*before[:-1], one._all()[len(before) - 1]])
        other._queue_abandoned()
    measured = []
    while any(
        each.measure_next(lambda parameters, watch: measured.append(parameters["x"]) or 1.0)
        for each in two
    ):
        pass
    assert sorted(measured) == [1, 2, 3, 4]
    assert [row.parameters["x"] for row in other.trials()] == [1, 2, 3, 4]
