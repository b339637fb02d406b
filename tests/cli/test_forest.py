"""``hangtag forest`` as a person types it, on the digits."""

from __future__ import annotations

import json

import numpy as np
import pytest

SMALL = ["--n-estimators", "3..9/3", "--max-depth", "4,12", "--seed", 2]


def test_tells_the_grid_the_best_and_what_comes_next(hangtag_command):
    done = hangtag_command("forest", "digits", *SMALL, "--no-cache")
    assert done.code == 0
    rows = done.out.splitlines()
    assert [line.split()[0] for line in rows[2:4]] == ["4", "12"]
    assert "trees    " in done.out
    assert "where 36 were asked for" in done.out
    assert "next: hangtag evaluate " in done.err
    assert "test " not in done.out


def test_a_second_run_reads_the_cache(hangtag_command):
    first = hangtag_command("forest", "digits", *SMALL, "--json").json
    again = hangtag_command("forest", "digits", *SMALL, "--json").json
    assert again["facts"]["cached"]
    assert again["rows"] == first["rows"]
    assert again["model"] == first["model"]


def test_the_test_split_is_opened_only_when_asked_for(hangtag_command):
    found = hangtag_command("forest", "digits", *SMALL, "--test", "--json").json
    assert 0.8 < found["test"]["scores"]["accuracy"]["value"] < 1
    done = hangtag_command("forest", "digits", *SMALL, "--test")
    assert "test accuracy 0." in done.out


@pytest.mark.parametrize("pca", ["none", "0.9"])
def test_what_is_written_answers_as_the_forest_did(hangtag_command, tmp_path, digits, pca):
    import hangtag

    place = tmp_path / "forest"
    done = hangtag_command("forest", "digits", *SMALL, "--pca", pca, "--out", place)
    assert done.code == 0
    names = {one.name for one in place.iterdir()}
    assert names == {
        "run.json", "split.npz", "bundle", "candidates.json", "training.svg", "validation.svg"
    }  # fmt: skip
    trees, bundle = hangtag.open_forest(place), hangtag.open_bundle(place)
    answers = bundle.probabilities(digits.images)
    assert np.abs(answers - trees.probabilities(digits.images)).max() <= 1e-5
    best = json.loads((place / "candidates.json").read_text())
    assert bundle.facts["n_estimators"] == best["rows"][best["best"]]["parameters"]["n_estimators"]


def test_the_command_in_the_run_gives_the_same_model(hangtag_command, tmp_path):
    import shlex

    import hangtag

    words = ["--pca", "0.9", "--criterion", "entropy", "--max-features", "0.5", "--limit", 900]
    more = ["--min-samples-leaf", 2, "--kind", "extra-trees"]
    hangtag_command("forest", "digits", *SMALL, *words, *more, "--out", tmp_path / "one")
    command = shlex.split(hangtag.open_run(tmp_path / "one").config.command)
    done = hangtag_command(*command[1:], "--out", tmp_path / "two")
    assert done.code == 0, done.err
    ids = [hangtag.open_bundle(tmp_path / name).model_id for name in ("one", "two")]
    assert ids[0] == ids[1]


def test_a_forest_tags_a_folder_as_a_network_does(hangtag_command, tmp_path, digits):
    from PIL import Image

    hangtag_command("forest", "digits", *SMALL, "--out", tmp_path / "forest")
    (tmp_path / "pictures").mkdir()
    for number in range(4):
        image = Image.fromarray(digits.images[number, :, :, 0])
        image.save(tmp_path / "pictures" / f"{number}.png")
    tagged = hangtag_command("tag", tmp_path / "forest", tmp_path / "pictures", "--json").json
    assert tagged["model"].startswith("random-forest-")
    assert [one["id"] for one in tagged["tags"]] == [f"{number}.png" for number in range(4)]
    right = [digits.class_names[digits.labels[number]] for number in range(4)]
    labels = [one["label"] for one in tagged["tags"]]
    assert sum(one in {name, "unknown"} for one, name in zip(labels, right, strict=True)) >= 3


def test_a_folder_that_is_taken_is_refused_before_anything_is_grown(hangtag_command, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("hello")
    done = hangtag_command("forest", "digits", *SMALL, "--out", tmp_path / "mine")
    assert done.code == 2
    assert "is there already" in done.err


def test_cut_cells_are_marked(hangtag_command):
    done = hangtag_command("forest", "digits", *SMALL, "--depths", "cut", "--no-cache")
    assert "~ cut from deeper trees" in done.out
    assert "cells are cut from deeper trees" in done.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--n-estimators", "some"], "--n-estimators cannot be 'some'"),
        (["--max-depth", "0"], "max_depth is 0"),
        (["--kind", "oak"], "no forest of kind 'oak'"),
        (["--depths", "pruned"], "depths cannot be 'pruned'"),
        (["--pca", "100"], "pca to 100"),
        (["--criterion", "ginny"], "no criterion 'ginny'"),
        (["--max-features", "some"], "max_features is 'some'"),
        (["--max-features", "1.5"], "max_features is 1.5"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(hangtag_command, tmp_path, words, sentence):
    place = tmp_path / "nothing"
    done = hangtag_command("forest", "digits", *SMALL, *words, "--out", place)
    assert done.code == 2
    assert sentence in done.err
    assert not place.exists()
