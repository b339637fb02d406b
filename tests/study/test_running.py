import csv
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

import hangtag
from hangtag import study
from hangtag.errors import RunError
from hangtag.study.steps import STEPS


def test_every_verb_has_a_step_in_the_study_that_is_tested(done):
    found, _ = done
    files = {type(step).__module__ for step in found.recipe.steps.values()}
    assert files == {step.__module__ for step in STEPS.values()}
    assert [one.verb for one in found.outcomes.values()] == [
        step.verb for step in found.recipe.steps.values()
    ]


def test_every_step_says_something_and_how_to_do_it_by_hand(done):
    found, _ = done
    for one in found.outcomes.values():
        assert one.title, one.name
        assert one.words, one.name
        assert all(text.strip() for text in one.words), one.name
        assert all(command.startswith("hangtag ") for command in one.commands), one.name
        assert one.commands, one.name


def test_every_figure_and_table_is_a_file(done):
    found, _ = done
    for one in found.outcomes.values():
        place = found.folder / "steps" / one.name
        for figure in one.figures:
            start = (place / figure.file).read_bytes()[:200]
            assert start.startswith(b"\x89PNG") or b"<?xml" in start or b"<svg" in start, figure
        for table in one.tables:
            lines = (place / f"{table.name}.csv").read_text().splitlines()
            rows = list(csv.reader(lines))
            assert rows[0] == list(table.header)
            assert len(rows) == len(table.rows) + 1


def test_the_comparison_is_a_list_of_figure_reported_ours_inside(done):
    found, _ = done
    rows = json.loads((found.folder / "comparison.json").read_text())
    assert [list(row)[:4] for row in rows] == [["figure", "reported", "ours", "inside"]] * 4
    assert rows[0]["ours"] == 1797
    assert rows[0]["inside"] is True
    assert len(rows[1]["ours"]) == 2  # one per seed
    assert rows[2]["inside"] is True  # on its better side


def test_the_report_is_one_file_that_has_every_step(done):
    found, _ = done
    page = found.report.read_text()
    assert len(page) < 10_000_000
    for one in found.outcomes.values():
        assert one.title in page.replace("&#39;", "'"), one.name


def test_values_are_one_number_per_seed(done):
    found, _ = done
    values = found.outcomes["nets"].values
    assert len(values["wide.accuracy"]) == 2
    assert values["wide.parameters"] > values["narrow.parameters"]
    assert values["top.parameters"] < values["wide.parameters"]
    tests = found.outcomes["nets-test"].values
    assert len(tests["wide.accuracy"]) == 2


def test_seeds_differ_while_the_split_stays(done):
    found, _ = done
    runs = [hangtag.open_run(found.folder / one) for one in found.outcomes["nets"].runs.values()]
    assert len({tuple(run.split().train.tolist()) for run in runs}) == 1
    assert {run.config.training.seed for run in runs} == {0, 1}


def test_half_images_start_from_the_same_weights_when_their_form_is_the_same(done):
    found, _ = done
    top = hangtag.open_run(found.folder / found.outcomes["nets"].runs["top-seed0"])
    assert top.config.preprocessing.rows == (0, 4)


def test_the_test_split_was_opened_once_for_each_run(done):
    found, _ = done
    for name in ("nets-test", "forest-test"):
        for place in found.outcomes[name].runs.values():
            assert len(hangtag.open_run(found.folder / place).evaluations) == 1


def test_the_best_of_a_search_is_what_is_trained_again(done):
    found, _ = done
    best = found.outcomes["search"].values["best_parameters"]
    for place in found.outcomes["best"].runs.values():
        training = hangtag.open_run(found.folder / place).config.training
        assert training.batch_size == best["batch_size"]
        assert training.epochs == 1


def test_cautions_are_of_what_was_done(done):
    found, _ = done
    said = " ".join(found.cautions)
    assert "training accuracy: measured on images the model was trained on" in said
    assert "chosen by validation accuracy" in said


def test_a_second_time_nothing_is_done_and_the_report_is_the_same(done):
    found, told = done
    assert all(now for _, now in told)
    before = found.report.read_bytes()
    stamp = found.report.stat().st_mtime_ns
    again = study.run(found.recipe, out=found.folder)
    assert again.done == ()
    assert again.outcomes == found.outcomes
    assert found.report.read_bytes() == before
    assert found.report.stat().st_mtime_ns == stamp


def test_a_lost_report_is_made_again_to_the_byte(done):
    found, _ = done
    before = found.report.read_bytes()
    found.report.unlink()
    study.run(found.recipe, out=found.folder)
    assert found.report.read_bytes() == before


def test_a_step_whose_options_change_is_done_again_and_no_other(small, tmp_path):
    _, opened = small
    study.run(opened(), out=tmp_path / "s")
    again = study.run(opened(changes=["steps.clusters.k=5"]), out=tmp_path / "s")
    assert again.done == ("clusters",)


def test_steps_that_use_a_changed_step_are_done_again_too(small, tmp_path):
    values, opened = small
    values["seeds"] = [0]
    values["steps"] = {
        "net": {"verb": "train", "network": "s2-mlp", "options": {"epochs": 1}},
        "test": {"verb": "evaluate", "of": "net", "show": []},
        "look": {"verb": "explore", "show": []},
    }
    study.run(opened(), out=tmp_path / "s")
    again = study.run(opened(changes=["steps.net.options.epochs=2"]), out=tmp_path / "s")
    assert again.done == ("net", "test")


def test_another_title_is_written_without_training_again(small, tmp_path):
    values, opened = small
    values["seeds"] = [0]
    values["steps"] = {"net": {"verb": "train", "network": "s2-mlp", "options": {"epochs": 1}}}
    first = study.run(opened(), out=tmp_path / "s")
    run = first.folder / first.outcomes["net"].runs["net-seed0"] / "history.json"
    stamp = run.stat().st_mtime_ns
    again = study.run(opened(changes=["steps.net.title=Another"]), out=tmp_path / "s")
    assert again.outcomes["net"].title == "Another"
    assert run.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("spoiled", ["", "{", '{"key": "x"}', "[]"])
def test_a_damaged_outcome_is_made_again(small, tmp_path, spoiled):
    _, opened = small
    found = study.run(opened(), out=tmp_path / "s")
    (found.folder / "steps" / "clusters" / "outcome.json").write_text(spoiled)
    again = study.run(opened(), out=tmp_path / "s")
    assert again.done == ("clusters",)
    first, second = found.outcomes["clusters"].values, again.outcomes["clusters"].values
    assert second["sizes"] == first["sizes"]
    assert second["ari"] == first["ari"]


def test_a_folder_that_is_no_study_is_left_alone(small, tmp_path):
    _, opened = small
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="is no study"):
        study.run(opened(), out=tmp_path / "mine")
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_killed_study_goes_on_and_keeps_the_trainings_that_were_done(small, tmp_path):
    values, opened = small
    values["seeds"] = [0, 1]
    values["steps"] = {"net": {"verb": "train", "network": "s2-mlp", "options": {"epochs": 40}}}
    opened()
    place = tmp_path / "s"
    command = [sys.executable, "-m", "hangtag", "study", "run", str(tmp_path / "small.yaml")]
    process = subprocess.Popen(
        [*command, "--out", str(place), "--quiet"], stderr=subprocess.DEVNULL, env=os.environ
    )
    first = place / "steps" / "net" / "runs" / "net-seed0"
    waited = time.monotonic() + 120
    while not (first / "bundle" / "manifest.json").is_file() and time.monotonic() < waited:
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (first / "history.json").is_file()
    before = (first / "history.json").read_bytes()
    found = study.run(opened(), out=place)
    assert found.done == ("net",)
    assert (first / "history.json").read_bytes() == before
    assert len(found.outcomes["net"].values["accuracy"]) == 2


def test_ones_own_folder_of_images_goes_through_a_copied_recipe(tmp_path, digits):
    draw = np.random.default_rng(0)
    for label in range(3):
        (tmp_path / "pictures" / f"class-{label}").mkdir(parents=True)
        for number, index in enumerate(np.flatnonzero(digits.labels == label)[:40]):
            pixels = np.kron(digits.images[index, :, :, 0], np.ones((3, 3), np.uint8))
            pixels = np.clip(pixels.astype(int) + draw.integers(0, 9, pixels.shape), 0, 255)
            file = tmp_path / "pictures" / f"class-{label}" / f"{number}.png"
            Image.fromarray(pixels.astype(np.uint8)).save(file)
    recipe = study.open_recipe(
        "fashion-first-look", quick=True, changes=[f"source={tmp_path / 'pictures'}"]
    )
    found = study.run(recipe, out=tmp_path / "study")
    assert found.compared == ()  # the figures are those of another set
    assert found.outcomes["look"].values["test"] == 24
    assert found.report.is_file()


def test_the_first_answers_of_two_models_and_where_only_one_is_right_are_listed(done):
    found, _ = done
    tables = {one.name: one for one in found.outcomes["sides"].tables}
    runs = [found.outcomes["nets"].runs[f"{name}-seed0"] for name in ("wide", "narrow")]
    wide, narrow = (hangtag.open_run(found.folder / one).predictions() for one in runs)
    right = [(one.predicted == one.labels) for one in (wide, narrow)]
    only = np.flatnonzero(right[0] & ~right[1])
    assert len(tables["answers"].rows) == 10
    for at, row in enumerate(tables["answers"].rows):
        names = [wide.class_names[int(one[at])] for one in (wide.labels, wide.predicted)]
        assert row[:3] == (at, *names)
        assert row[4:] == (
            right[0][at],
            right[1][at],
            at in only,
            bool(right[1][at] > right[0][at]),
        )
    first = ", ".join(map(str, only[:10].tolist()))
    assert tables["indices"].rows[0] == ("wide", len(only), first)
