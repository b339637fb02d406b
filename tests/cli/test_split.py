"""``hangtag split`` and ``hangtag info`` as a person types them, on the digits."""

from __future__ import annotations

import json

import numpy as np
import pytest

import hangtag


def test_counts_every_class_in_every_part(hangtag_command, digits):
    words = ["--recipe", "stratified:0.2+test:0.1", "--seed", 3]
    found = hangtag_command("split", "digits", *words, "--json").json
    split = hangtag.split(digits, "stratified:0.2+test:0.1", seed=3)
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    for part, where in parts.items():
        counts = np.bincount(digits.labels[where], minlength=10)
        assert list(found["per_class"][part].values()) == counts.tolist()
    assert (found["seed"], found["file"]) == (3, None)
    told = hangtag_command("split", "digits", *words).out
    assert "in all" in told
    assert f"{len(split.train)}" in told


def test_a_split_that_was_kept_is_that_of_every_run(hangtag_command, digits, tmp_path):
    done = hangtag_command("split", "digits", "--seed", 5, "--out", tmp_path / "split.npz")
    assert f"--split saved:{tmp_path / 'split.npz'}" in done.err
    kept = hangtag.split(digits, f"saved:{tmp_path / 'split.npz'}")
    made = hangtag.split(digits, "auto", seed=5)
    for part in ("train", "validation", "test"):
        assert np.array_equal(getattr(kept, part), getattr(made, part))


def test_a_split_for_other_programs_names_every_image_once(hangtag_command, digits, tmp_path):
    hangtag_command("split", "digits", "--seed", 5, "--out", tmp_path / "split.json")
    facts = json.loads((tmp_path / "split.json").read_text())
    every = [*facts["training"], *facts["validation"], *facts["test"]]
    assert sorted(every) == list(range(len(digits)))
    assert facts["fingerprint"] == digits.fingerprint


def test_parts_without_images_are_told(hangtag_command):
    done = hangtag_command("split", "digits", "--recipe", "fraction:0.5")
    assert "caution: no images for test" in done.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--recipe", "half"], "half"),
        (["--out", "split.txt"], "cannot be written to split.txt"),
        (["--size", "large"], "--size cannot be 'large'"),
    ],
)
def test_wrong_use_is_one_sentence(hangtag_command, tmp_path, monkeypatch, words, sentence):
    monkeypatch.chdir(tmp_path)
    done = hangtag_command("split", "digits", *words)
    assert done.code == 2
    assert sentence in done.err
    assert not list(tmp_path.iterdir())


def test_images_without_a_label_are_in_no_part(tmp_path):
    images = hangtag.from_arrays(np.zeros((4, 8, 8), np.uint8), ["a", "b", "a", "b"])
    split = hangtag.split(images, "last:2")
    counts = hangtag.split_counts(images, split)
    assert counts["training"] == {"a": 1, "b": 1}
    assert sum(counts["test"].values()) == 0


def test_info_takes_size_and_colour_and_lists_classes_in_a_table(hangtag_command):
    done = hangtag_command("info", "digits", "--size", "12x10", "--colour")
    assert "shape          12, 10, 3" in done.out
    assert "{" not in done.out
    rows = {line.split()[0]: line.split()[-1] for line in done.out.splitlines() if line.split()}
    assert (rows["0"], rows["in"]) == ("178", "1797")
    facts = hangtag_command("info", "digits", "--size", "12", "--json").json
    assert facts["shape"] == [12, 12, 1]
    assert facts["per_class"]["all"]["0"] == 178


def test_info_takes_the_column_with_the_labels(hangtag_command, tmp_path):
    rows = ["kind,pixel0,pixel1,pixel2,pixel3"]
    rows += [f"{n % 2},{51 * n},{n},{n},{n}" for n in range(6)]
    (tmp_path / "set.csv").write_text("\n".join(rows) + "\n")
    done = hangtag_command("info", tmp_path / "set.csv", "--label", "kind", "--json")
    assert done.code == 0, done.err
    assert list(done.json["per_class"]["all"].values()) == [3, 3]
