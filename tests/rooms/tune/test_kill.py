"""Killed at any point a search goes on, repeats no finished trial, and ends as if nothing was."""

import json
import signal
import time

import pytest

from hangtag.errors import FormatError
from hangtag.rooms.tune import space, tune


def wait_until(ready, seconds=60):
    last = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < last, "it never got there"
        time.sleep(0.01)


def test_a_search_killed_twice_repeats_no_finished_trial(
    objectives, search_process, notes, tmp_path
):
    whole = objectives.search(None, tmp_path, seconds=0.0)
    for what in ("began", "ended"):
        (tmp_path / what).unlink()
    place = tmp_path / "search.journal"
    for kill, ends in enumerate((3, 7), start=1):
        process = search_process(place, tmp_path)
        wait_until(lambda ends=ends: len(notes(tmp_path, "ended")) >= ends)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with place.open("ab") as file:  # what a kill in the middle of writing leaves
            file.write(b'{"op_code":6,"worker_id":"' + b"x" * kill)
    process = search_process(place, tmp_path)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    found = objectives.search(place, tmp_path)
    assert [one.parameters for one in found.trials] == [one.parameters for one in whole.trials]
    assert {one.state for one in found.trials} == {"finished"}
    began, ended = notes(tmp_path, "began"), notes(tmp_path, "ended")
    assert len(began) - len(set(began)) <= 2  # only what was running when it was killed
    # A kill between a trial's end and its record costs that one trial; 12 are wanted.
    assert len(set(ended)) == 12
    assert len(ended) <= 14


def test_a_torn_line_is_cut_off_and_the_rest_is_read(tmp_path):
    place, ran = tmp_path / "s.journal", []

    def objective(parameters, watch):
        ran.append(parameters["x"])
        return float(parameters["x"])

    tune(objective, space("x=1:6"), method="grid", storage=place)
    lines = place.read_bytes().splitlines(keepends=True)
    ends = [n for n, line in enumerate(lines) if json.loads(line)["op_code"] == 6]
    place.write_bytes(b"".join(lines[: ends[3]]) + lines[ends[3]][:-9])
    ran.clear()
    found = tune(objective, space("x=1:6"), method="grid", storage=place, resume=True)
    assert ran == [4, 5, 6]
    assert [one.value for one in found.trials] == [1, 2, 3, 4, 5, 6]
    assert all(json.loads(line) for line in place.read_bytes().splitlines())


def test_a_trial_that_kills_its_process_twice_is_a_failed_row(objectives, search_process, tmp_path):
    place = tmp_path / "s.journal"
    objective = objectives.Slow(tmp_path, deadly=2)
    found = tune(objective, space("x=1:4"), method="grid", storage=place, workers=2)
    states = {one.parameters["x"]: one.state for one in found.trials}
    assert states == {1: "finished", 2: "failed", 3: "finished", 4: "finished"}
    assert "was killed 2 times" in found.trials[1].reason


@pytest.mark.parametrize("data", [b"not a journal\n", b"[1]\n", b'{"a": 1}\n', b"\x80\x04pickle"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path, data):
    place = tmp_path / "s.journal"
    place.write_bytes(data)
    with pytest.raises(FormatError, match="no journal"):
        tune(lambda p, w: 0.0, space("x=1,2"), method="grid", storage=place, resume=True)
    assert place.read_bytes() == data


def test_a_damaged_line_in_the_middle_is_said(tmp_path):
    place = tmp_path / "s.journal"
    tune(lambda p, w: 0.0, space("x=1:4"), method="grid", storage=place)
    lines = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(b"".join([*lines[:5], b"{{{\n", *lines[6:]]))
    with pytest.raises(FormatError, match="damaged"):
        tune(lambda p, w: 0.0, space("x=1:4"), method="grid", storage=place, resume=True)


def test_the_code_of_a_state_change_is_optunas():
    from optuna.storages.journal._storage import JournalOperation

    from hangtag.rooms.tune.journal import STATE_CHANGED

    assert JournalOperation.SET_TRIAL_STATE_VALUES == STATE_CHANGED
