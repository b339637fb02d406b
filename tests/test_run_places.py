"""A run is found by folder, by name, and as the latest, wherever it was written."""

import os

import pytest

from hangtag import run_places
from hangtag.errors import RunError


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Make what looks like a run, each newer than the one before."""
    monkeypatch.setenv("HANGTAG_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("HANGTAG_CACHE", str(tmp_path / "cache"))
    times = iter(range(1_000_000, 2_000_000))

    def make(name):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("{}")
        os.utime(folder / "run.json", (at := next(times), at))
        run_places.remember(folder)
        return folder

    return make


def test_the_latest_is_found_though_it_was_written_elsewhere(made, tmp_path):
    runs = tmp_path / "runs"
    inside = made("runs/one")
    assert run_places.find("latest", runs) == inside
    elsewhere = made("demo/run")
    assert run_places.find("latest", runs) == elsewhere
    newer = made("runs/two")
    assert run_places.find("latest", runs) == newer


def test_where_nothing_else_is_a_run_elsewhere_is_the_latest(made, tmp_path):
    alone = made("demo/run")
    assert run_places.find("latest", tmp_path / "runs") == alone


def test_one_that_was_removed_is_no_latest_any_more(made, tmp_path):
    inside, elsewhere = made("runs/one"), made("demo/run")
    (elsewhere / "run.json").unlink()
    assert run_places.find("latest", tmp_path / "runs") == inside


def test_projects_do_not_mix(made, tmp_path):
    made("demo/run")
    with pytest.raises(RunError, match="no run at latest"):
        run_places.find("latest", tmp_path / "another" / "runs")


def test_a_cache_that_cannot_be_written_is_no_trouble(made, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    inside = made("runs/one")
    made("demo/run")
    assert run_places.find("latest", tmp_path / "runs") == inside
