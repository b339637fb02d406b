"""``hangtag cluster`` as a person types it, on the digits."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest


def test_tells_every_number_tried_the_choice_and_the_classes(hangtag_command):
    done = hangtag_command("cluster", "digits", "--k", "5..15/5", "--n-init", 3)
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:5]] == ["5", "10", "15"]
    assert "(elbow by greatest distance)" in done.out
    assert "classes ARI 0." in done.out
    asked = "--k 5,10,15 --n-init 3 --seed 0 --out clusters"
    assert f"next: hangtag cluster digits {asked}" in done.err


def test_writes_what_there_is_to_see(hangtag_command, tmp_path):
    place = tmp_path / "seen"
    words = ["--k", 8, "--n-init", 2, "--sample", 500, "--seed", 3, "--out", place]
    assert hangtag_command("cluster", "digits", *words).code == 0
    names = {one.name for one in place.iterdir()}
    assert names == {
        "clusters.json", "clusters.csv", "curves.svg", "map.svg", "gallery.png", "centres.png",
        "classes.svg", "clusters.html",
    }  # fmt: skip
    kept = json.loads((place / "clusters.json").read_text())
    with (place / "clusters.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 500 == kept["images"]
    sizes = np.bincount([int(row["cluster"]) for row in rows], minlength=8)
    assert sizes.tolist() == kept["sizes"]
    assert len({row["index"] for row in rows}) == 500


def test_ids_and_classes_in_the_table_are_those_of_the_set(hangtag_command, tmp_path, digits):
    words = ["--k", 4, "--n-init", 1, "--sample", 50, "--out", tmp_path]
    hangtag_command("cluster", "digits", *words)
    with (tmp_path / "clusters.csv").open() as file:
        for row in csv.DictReader(file):
            index = int(row["index"])
            assert row["id"] == digits.id_of(index)
            assert row["class"] == digits.class_names[digits.labels[index]]


def test_mixtures_draw_new_images(hangtag_command, tmp_path):
    words = ["--method", "mixture", "--k", "2,4", "--covariance", "tied", "--n-init", 1]
    done = hangtag_command("cluster", "digits", *words, "--new", 6, "--out", tmp_path)
    assert done.code == 0
    assert "bic" in done.out
    assert (tmp_path / "new.png").read_bytes().startswith(b"\x89PNG")


def test_answers_machines_in_json(hangtag_command):
    words = ["--k", "3,6,9", "--n-init", 2, "--pca", 5, "--rule", "silhouette", "--json"]
    found = hangtag_command("cluster", "digits", *words).json
    assert [row["k"] for row in found["rows"]] == [3, 6, 9]
    assert found["dimensions"] == 5
    assert found["choice"]["rule"] == "silhouette"
    assert sum(found["sizes"]) == found["images"] == 1797


def test_the_same_seed_gives_the_same_clusters(hangtag_command):
    words = ["--k", 12, "--n-init", 1, "--sample", 300, "--json"]
    first, again, other = (
        hangtag_command("cluster", "digits", *words, "--seed", seed).json["sizes"]
        for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--k", "1798"], "1798 clusters were asked for; there are 1797 images"),
        (["--k", "0"], "0 clusters were asked for"),
        (["--k", "many"], "--k cannot be 'many'"),
        (["--method", "dbscan"], "--method cannot be 'dbscan'"),
        (["--method", "mixture", "--init", "random"], "mixture has no option called 'init'"),
        (["--new", "5"], "kmeans has no option called 'new'"),
        (["--pca", "65"], "pca to 65"),
        (["--pca", "1.5"], "--pca cannot be '1.5'"),
        (["--part", "test"], "digits has no part 'test'"),
        (["--sample", "9999"], "a sample of 9999 images was asked for; there are 1797"),
        (["--rule", "bic"], "no rule 'bic'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_two(hangtag_command, words, sentence):
    done = hangtag_command("cluster", "digits", "--n-init", 1, *words)
    assert done.code == 2
    assert sentence in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_clusters_of_pixels_are_drawn_on_principal_axes_and_equal_images_at_all(
    hangtag_command, tmp_path
):
    done = hangtag_command(
        "cluster", "digits", "--limit", "120", "--k", "3", "--pca", "none", "--out", tmp_path / "c"
    )
    assert done.code == 0, done.err
    assert "PC1 (" in (tmp_path / "c" / "map.svg").read_text()
    np.save(tmp_path / "equal.npy", np.full((12, 6, 6), 40, np.uint8))
    done = hangtag_command(
        "cluster", tmp_path / "equal.npy", "--k", "1", "--pca", "none", "--out", tmp_path / "e"
    )
    assert done.code == 0, done.err
    assert "first number" in (tmp_path / "e" / "map.svg").read_text()
