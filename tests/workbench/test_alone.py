"""Two processes on one run, one search, one study: the second is refused by name."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager

import pytest

import hangtag
from hangtag import locks, study
from hangtag.errors import BusyError, OptionError


def _hold(place, taken, done):
    with locks.held(place, "another's work"):
        taken.set()
        done.wait(60)


@contextmanager
def held_by_another(place):
    """Let another process hold a folder while the block runs."""
    spawned = multiprocessing.get_context("spawn")
    taken, done = spawned.Event(), spawned.Event()
    other = spawned.Process(target=_hold, args=(place, taken, done))
    other.start()
    try:
        assert taken.wait(60)
        yield
    finally:
        done.set()
        other.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(locks.held.__wrapped__, "__kwdefaults__", {"seconds": 0.1})


@pytest.fixture
def run(tmp_path):
    options = {"n_estimators": [3], "max_depths": [3], "limit": 100}
    hangtag.grow_forest("digits", **options, out=tmp_path / "run")
    return tmp_path / "run"


def test_a_run_is_evaluated_by_one_process_and_what_it_found_is_taken(run):
    with held_by_another(run), pytest.raises(BusyError, match="run run is in use by process"):
        hangtag.evaluate(run)
    first = hangtag.evaluate(run)
    assert hangtag.evaluate(run).scores["accuracy"] == first.scores["accuracy"]
    assert len(hangtag.open_run(run).evaluations) == 1


def test_a_search_is_carried_on_by_one_process(tmp_path):
    asked = {"model": "forest", "space": "n_estimators=2,3", "method": "grid", "limit": 100}
    (tmp_path / "search").mkdir()
    refused = pytest.raises(BusyError, match="search search is in use")
    with held_by_another(tmp_path / "search"), refused:
        hangtag.tune("digits", **asked, out=tmp_path / "search")
    assert list((tmp_path / "search").iterdir()) == []


def test_a_search_that_cannot_be_leaves_no_folder(tmp_path):
    asked = {"model": "forest", "space": "n_estimators=2,3", "method": "grid", "trials": 1}
    with pytest.raises(OptionError, match="a grid tries all"):
        hangtag.tune("digits", **asked, out=tmp_path / "search")
    assert not (tmp_path / "search").exists()


def test_a_study_is_run_by_one_process(tmp_path):
    recipe = tmp_path / "small.yaml"
    recipe.write_text(
        "name: small\ntitle: Small\nsource: digits\nsplit: auto\n"
        "steps:\n  look: {verb: explore, show: [samples]}\n"
    )
    (tmp_path / "study").mkdir()
    refused = pytest.raises(BusyError, match="study small is in use")
    with held_by_another(tmp_path / "study"), refused:
        study.run(study.open_recipe(recipe), out=tmp_path / "study")
    assert list((tmp_path / "study").iterdir()) == []
