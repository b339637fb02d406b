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
    assert "next: hangtag forest digits --out forest" in done.err
    assert "test " not in done.out


def test_a_second_run_reads_the_cache(hangtag_command):
    first = hangtag_command("forest", "digits", *SMALL, "--json").json
    again = hangtag_command("forest", "digits", *SMALL, "--json").json
    assert again["cached"]
    assert again["cells"] == first["cells"]
    assert again["model"] == first["model"]


def test_the_test_split_is_opened_only_when_asked_for(hangtag_command):
    found = hangtag_command("forest", "digits", *SMALL, "--test", "--json").json
    assert 0.8 < found["test"]["scores"]["accuracy"]["value"] < 1
    done = hangtag_command("forest", "digits", *SMALL, "--test")
    assert "test accuracy 0." in done.out


@pytest.mark.parametrize("pca", ["none", "0.9"])
def test_what_is_written_tags_as_the_forest_did(hangtag_command, tmp_path, digits, pca):
    import onnxruntime

    import hangtag

    done = hangtag_command("forest", "digits", *SMALL, "--pca", pca, "--out", tmp_path)
    assert done.code == 0
    names = {one.name for one in tmp_path.iterdir()}
    assert names == {"forest.npz", "forest.onnx", "grid.json", "training.svg", "validation.svg"}
    model = hangtag.open_forest(tmp_path)
    session = onnxruntime.InferenceSession(
        tmp_path / "forest.onnx", providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(["probabilities"], {"pictures": digits.images})
    assert np.allclose(found, model.probabilities(digits.images), atol=1e-5)
    best = json.loads((tmp_path / "grid.json").read_text())
    assert model.facts["n_estimators"] == best["cells"][best["best"]]["n_estimators"]


def test_a_written_forest_tags_a_folder(hangtag_command, tmp_path, digits):
    from PIL import Image

    import hangtag

    hangtag_command("forest", "digits", *SMALL, "--out", tmp_path / "forest", "--no-onnx")
    (tmp_path / "pictures").mkdir()
    for number in range(4):
        picture = Image.fromarray(digits.images[number, :, :, 0])
        picture.save(tmp_path / "pictures" / f"{number}.png")
    model = hangtag.open_forest(tmp_path / "forest" / "forest.npz")
    tags = hangtag.tag_folder(model, tmp_path / "pictures")
    assert [one.id for one in tags] == [f"{number}.png" for number in range(4)]
    right = [digits.class_names[digits.labels[number]] for number in range(4)]
    assert sum(one.label in {name, "unknown"} for one, name in zip(tags, right, strict=True)) >= 3


def test_cut_cells_are_marked(hangtag_command):
    done = hangtag_command("forest", "digits", *SMALL, "--depths", "cut", "--no-cache")
    assert "~ cut from deeper trees" in done.out
    assert "cells are cut from deeper trees" in done.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--n-estimators", "some"], "--n-estimators 'some' are no numbers"),
        (["--max-depth", "0"], "max_depth is 0"),
        (["--kind", "oak"], "no forest of kind 'oak'"),
        (["--depths", "pruned"], "depths cannot be 'pruned'"),
        (["--pca", "100"], "pca to 100"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(hangtag_command, tmp_path, words, sentence):
    place = tmp_path / "nothing"
    done = hangtag_command("forest", "digits", *SMALL, *words, "--out", place)
    assert done.code == 2
    assert sentence in done.err
    assert not place.exists()
