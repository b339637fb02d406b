from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hangtag import runs
from hangtag.errors import RunError
from hangtag.records import (
    History,
    NetworkSpec,
    Predictions,
    Preprocessing,
    Split,
    TrainingOptions,
)


def config() -> runs.Config:
    return runs.Config(
        name="tiny",
        source="digits",
        data={"fingerprint": "f", "images": 4},
        limit=None,
        split="last:1",
        seed=0,
        spec=NetworkSpec("tiny", (8, 8, 1), ({"layer": "Flatten"},)),
        options=TrainingOptions(epochs=2, metrics=("accuracy", "auc")),
        preprocessing=Preprocessing((8, 8, 1), (0, 4), (0, 8), mean=(0.5,)),
        created=runs.now_in_utc(),
        command="hangtag train digits",
        versions={"hangtag": "0"},
    )


@pytest.fixture
def run(tmp_path):
    return runs.create(tmp_path / "one", config())


def test_a_run_opens_as_it_was_written(run):
    assert runs.open_run(run.folder, runs=run.folder.parent) == run


def test_a_run_opens_by_folder_by_name_and_as_the_latest(run):
    parent = run.folder.parent
    for place in (run.folder, "one", "latest"):
        assert runs.open_run(place, runs=parent).folder == run.folder


def test_the_latest_run_is_the_one_written_last(run):
    second = runs.create(run.folder.parent / "a-second", config())
    assert runs.open_run("latest", runs=run.folder.parent).folder == second.folder


def test_a_stage_is_remembered(run):
    run.at("trained").tested()
    opened = runs.open_run(run.folder, runs=run.folder.parent)
    assert (opened.stage, len(opened.evaluations)) == ("evaluated", 1)


def test_split_history_and_predictions_come_back(run):
    split = Split("last:1", 0, np.arange(2), np.array([2]), np.array([3]), "f")
    history = History({"loss": (0.5, 0.25)}, (1.0, 1.0), best_epoch=1, restored=True)
    answers = Predictions(
        np.array([3]), np.array([1]), np.array([[0.25, 0.75]], np.float32), ("a", "b")
    )
    run.write_split(split)
    run.write_history(history)
    run.write_predictions(answers)
    assert run.split().train.tolist() == [0, 1]
    assert (run.split().recipe, run.split().seed) == ("last:1", 0)
    assert run.history() == history
    assert run.predictions().probabilities.tolist() == [[0.25, 0.75]]
    assert run.predictions().class_names == ("a", "b")


def test_a_folder_with_something_in_it_is_not_taken_over(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="is there already"):
        runs.create(tmp_path / "mine", config())
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_what_is_missing_is_said_with_the_command_that_makes_it(run):
    with pytest.raises(RunError, match=r"has no evaluation\.json") as caught:
        run.evaluation()
    assert "hangtag evaluate" in caught.value.hint


def test_an_unknown_run_names_those_there_are(run):
    with pytest.raises(RunError, match="no run at other") as caught:
        runs.open_run("other", runs=run.folder.parent)
    assert "one" in caught.value.hint


def test_no_runs_at_all_says_how_to_make_one(tmp_path):
    with pytest.raises(RunError) as caught:
        runs.open_run("latest", runs=tmp_path)
    assert "hangtag train" in caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", '{"schema": 1}'])
def test_a_damaged_run_is_refused_with_a_sentence(run, text):
    (run.folder / "run.json").write_text(text)
    with pytest.raises(RunError):
        runs.open_run(run.folder, runs=run.folder.parent)


def test_a_run_of_another_schema_is_refused(run):
    file = run.folder / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"schema": 99}))
    with pytest.raises(RunError, match="run schema 99"):
        runs.open_run(run.folder, runs=run.folder.parent)


@pytest.mark.parametrize("keep", [0, 10, 100])
def test_a_torn_array_file_is_refused_with_its_name(run, keep):
    split = Split("last:1", 0, np.arange(2), np.array([2]), np.array([3]), "f")
    run.write_split(split)
    file = run.folder / "split.npz"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(RunError, match=r"split\.npz is damaged"):
        run.split()


def test_an_edited_score_is_refused_with_the_file_and_what_to_do(run):
    run.write_history(History({"loss": (0.5,)}, (1.0,)))
    file = run.folder / "history.json"
    file.write_text(file.read_text().replace("0.5", "0.1"))
    with pytest.raises(RunError, match=r"history\.json is damaged or was changed") as caught:
        run.history()
    assert "hangtag train --resume" in caught.value.hint
    with pytest.raises(RunError) as caught:
        run.at("trained").history()
    assert "hangtag train digits" in caught.value.hint


def test_a_file_of_another_run_is_refused(run):
    other = runs.create(run.folder.parent / "two", replace(config(), seed=1))
    other.write_leaks({"test": 1, "leaked": 0, "why": ""})
    (run.folder / "leaks.json").write_bytes((other.folder / "leaks.json").read_bytes())
    with pytest.raises(RunError, match="changed"):
        run.leaks()


@pytest.mark.parametrize("change", [{"stage": "evaluated"}, {"evaluations": ["now"]}])
def test_an_edited_run_is_refused(run, change):
    file = run.folder / "run.json"
    values = json.loads(file.read_text()) | change
    file.write_text(json.dumps(values, indent=2) + "\n")
    with pytest.raises(RunError, match="changed"):
        runs.open_run(run.folder, runs=run.folder.parent)
    del values["sha256"]
    file.write_text(json.dumps(values, indent=2) + "\n")
    with pytest.raises(RunError, match="lost its checksum"):
        runs.open_run(run.folder, runs=run.folder.parent)


def test_a_run_from_before_there_were_checksums_opens_and_says_so(run):
    values = json.loads((run.folder / "run.json").read_text()) | {"schema": 1}
    del values["sha256"]
    (run.folder / "run.json").write_text(json.dumps(values))
    (run.folder / "leaks.json").write_text('{"test": 3, "leaked": 1, "why": "old"}')
    opened = runs.open_run(run.folder, runs=run.folder.parent)
    assert not opened.sealed
    assert opened.leaks()["test"] == 3
    assert runs.open_run(opened.at("trained").folder, runs=run.folder.parent).stage == "trained"
    (run.folder / "leaks.json").write_text("[]")
    with pytest.raises(RunError, match="damaged"):
        opened.leaks()


def test_a_new_run_is_there_with_all_that_belongs_to_it_or_not_at_all(tmp_path):
    def fill(draft):
        draft.write_leaks({"test": 1, "leaked": 0, "why": ""})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        runs.create(tmp_path / "new", config(), fill)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_in_nobodys_way_and_is_swept(run):
    orphan = run.folder / ".partial-0123abcd-evaluation.json"
    orphan.write_text("{")
    opened = runs.open_run(run.folder, runs=run.folder.parent)
    assert not orphan.exists()
    assert opened == run
    (run.folder.parent / "three").mkdir()
    (run.folder.parent / "three" / ".partial-0123abcd-run.json").touch()
    assert runs.create(run.folder.parent / "three", config()).stage == "training"
