"""``hangtag mixture`` as a person types it, on the digits."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

SMALL = ["--k", "6,12", "--seed", 2]


def test_tells_all_that_were_tried_the_choice_and_what_comes_next(hangtag_command):
    done = hangtag_command("mixture", "digits", *SMALL)
    assert done.code == 0
    rows = done.out.splitlines()
    assert "full components of all classes together, on 2" in rows[0]
    assert [line.split()[0] for line in rows[2:4]] == ["6", "12"]
    assert "by validation accuracy" in done.out
    assert "next: hangtag evaluate " in done.err
    assert "test accuracy" not in done.out


def test_a_mixture_of_each_class_is_told_apart(hangtag_command):
    words = ["--class-conditional", "--covariance", "diagonal", "--test"]
    done = hangtag_command("mixture", "digits", *words, "--k", 1, "--pca", 9)
    assert "diagonal components for each class, on 9 axes" in done.out
    assert done.out.splitlines()[2].split()[:2] == ["1", "10"]
    assert "test accuracy 0." in done.out
    assert "next: hangtag report " in done.err


def test_quiet_says_the_result_and_nothing_else(hangtag_command):
    done = hangtag_command("mixture", "digits", *SMALL, "--quiet")
    assert done.err == ""
    assert done.out.startswith("mixtures of full components")


def test_answers_machines_in_json(hangtag_command):
    found = hangtag_command("mixture", "digits", *SMALL, "--test", "--json").json
    assert [row["parameters"]["k"] for row in found["rows"]] == [6, 12]
    assert found["options"]["regularisation"] == 100
    assert found["model"].startswith("mixture-")
    assert 0.6 < found["test"]["scores"]["accuracy"]["value"] < 1


def test_singular_covariances_are_said(hangtag_command):
    done = hangtag_command("mixture", "digits", "--k", 50, "--regularisation", "1e-6")
    assert "of 50 covariances are singular but for the regularisation of 1e-06" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--covariance", "tied", "--pseudo-count", "0", "--limit", 900, "--n-init", 2],
        [
            "--class-conditional",
            "--pca",
            "none",
            "--covariance",
            "spherical",
            "--regularisation",
            "5",
        ],
    ],
)
def test_the_command_in_the_run_gives_the_same_model(hangtag_command, tmp_path, words):
    import hangtag

    hangtag_command("mixture", "digits", "--k", "2,3", "--seed", 7, *words, "--out", tmp_path / "a")
    command = shlex.split(hangtag.open_run(tmp_path / "a").config.command)
    done = hangtag_command(*command[1:], "--out", tmp_path / "b")
    assert done.code == 0, done.err
    ids = [hangtag.open_bundle(tmp_path / name).model_id for name in ("a", "b")]
    assert ids[0] == ids[1]


def test_a_run_is_evaluated_compared_with_a_forest_reported_and_tagged_with(
    hangtag_command, tmp_path, digits
):
    from PIL import Image

    mixture, forest = tmp_path / "mixture", tmp_path / "forest"
    trees = ["--n-estimators", 9, "--max-depth", 12]
    hangtag_command("mixture", "digits", "--k", 30, "--seed", 2, "--out", mixture)
    hangtag_command("forest", "digits", *trees, "--seed", 2, "--out", forest)
    for run in (mixture, forest):
        assert hangtag_command("evaluate", run).code == 0
    compared = hangtag_command("compare", mixture, forest, "--out", tmp_path / "page.html")
    assert "on the 360 test images" in " ".join(compared.out.split())
    assert hangtag_command("report", mixture).code == 0
    assert "mixture" in (mixture / "report.html").read_text()

    (tmp_path / "pictures").mkdir()
    for number in range(6):
        image = Image.fromarray(digits.images[number, :, :, 0])
        image.save(tmp_path / "pictures" / f"{number}.png")
    tagged = hangtag_command("tag", mixture, tmp_path / "pictures", "--json").json
    assert tagged["model"].startswith("mixture-")
    labels = [one["label"] for one in tagged["tags"]]
    right = [digits.class_names[digits.labels[number]] for number in range(6)]
    assert sum(one in {name, "unknown"} for one, name in zip(labels, right, strict=True)) >= 4


def test_a_folder_that_is_taken_is_refused_before_anything_is_fitted(hangtag_command, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("hello")
    done = hangtag_command("mixture", "digits", *SMALL, "--out", tmp_path / "mine")
    assert done.code == 2
    assert "is there already" in done.err


def test_images_of_one_class_are_refused(hangtag_command, tmp_path):
    from PIL import Image

    (tmp_path / "set" / "only").mkdir(parents=True)
    for number in range(40):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "set" / "only" / f"{number}.png")
    done = hangtag_command("mixture", tmp_path / "set", "--out", tmp_path / "run")
    assert done.code == 2
    assert "Traceback" not in done.err
    assert "at least two classes" in done.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--k", "some"], "--k cannot be 'some'"),
        (["--k", "0"], "0 components were asked for"),
        (["--k", "5000"], "5000 components were asked for; there are 1077 images"),
        (
            ["--k", "200", "--class-conditional"],
            "200 components were asked for of each class; '0' has",
        ),
        (["--covariance", "round"], "no covariance 'round'"),
        (
            ["--covariance", "tied", "--class-conditional"],
            "no covariance that all components share",
        ),
        (["--pseudo-count", "1", "--class-conditional"], "nothing is to smooth"),
        (["--pseudo-count", "-1"], "the pseudo-count is -1"),
        (["--regularisation", "-1"], "regularisation is -1"),
        (["--pca", "100"], "pca to 100"),
        (["--split", "nothing"], "nothing"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(hangtag_command, tmp_path, words, sentence):
    place = tmp_path / "nothing"
    done = hangtag_command("mixture", "digits", *SMALL, *words, "--out", place)
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err
    assert not place.exists()
