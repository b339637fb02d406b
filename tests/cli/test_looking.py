"""Looking at a set from the command line: explore, audit, reduce, each with its page."""

from __future__ import annotations

import json

import numpy as np
import pytest


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """300 digits in two parts: a test image is a copy, and two equal ones differ in label."""
    from sklearn.datasets import load_digits

    values, labels = load_digits(return_X_y=True)
    images, labels = (values[:300] * 15.9).astype(np.uint8).reshape(-1, 8, 8), labels[:300].copy()
    images[240] = images[3]
    images[11], labels[11] = images[10], (labels[10] + 1) % 10
    place = tmp_path_factory.mktemp("set") / "digits.npz"
    np.savez(
        place,
        x_train=images[:220],
        y_train=labels[:220],
        x_test=images[220:],
        y_test=labels[220:],
    )
    return place


def test_explore_prints_classes_range_and_components(hangtag_command, source, tmp_path):
    done = hangtag_command("explore", source, "--out", tmp_path / "look.html")
    assert done.code == 0
    assert done.out.startswith("class")
    assert "all" in done.out
    assert "recommended" in done.out
    assert (tmp_path / "look.html").read_text().startswith("<!doctype html>")
    assert f"next: hangtag audit {source}" in done.err


def test_explore_answers_machines_with_the_same_numbers(hangtag_command, source):
    found = hangtag_command("explore", source, "--split", "last:20", "--json").json
    assert [row["part"] for row in found["classes"]] == ["training", "validation", "test"]
    assert [row["total"] for row in found["classes"]] == [200, 20, 80]
    assert found["variance"]["marks"]["0.95"] > found["variance"]["marks"]["0.7"]


def test_an_audit_writes_a_page_all_findings_and_a_clean_split(hangtag_command, source, tmp_path):
    words = ("--checks", "leaks,duplicates", "--out", tmp_path / "page.html")
    done = hangtag_command("audit", source, *words, "--write-split", tmp_path / "clean.npz")
    assert done.code == 0
    assert "train to test: 1 copies" in done.out
    assert "caution: " in done.out
    found = json.loads((tmp_path / "page.findings.json").read_text())
    assert {"leaks", "duplicates"} == set(found["checks"])
    page = (tmp_path / "page.html").read_text()
    assert "page.findings.json" in page
    assert len(found["findings"]) == page.count('<li>\n      <p class="line">')
    assert f"next: hangtag train {source} --split saved:{tmp_path / 'clean.npz'}" in done.err


def test_a_clean_split_trains_without_the_leak(hangtag_command, source, tmp_path):
    import hangtag

    hangtag_command(
        "audit", source, "--checks", "leaks", "--quiet", "--write-split", tmp_path / "clean.npz"
    )
    images = hangtag.load(source)
    split = hangtag.split(images, f"saved:{tmp_path / 'clean.npz'}")
    assert 3 not in split.train
    assert 240 - 220 + images.parts["test"].start in split.test


def test_reduce_writes_a_page_with_every_map_and_figures(hangtag_command, source, tmp_path):
    words = ("--method", "pca,mds", "--sample", 120, "--seed", 4, "--out", tmp_path / "map.html")
    done = hangtag_command("reduce", source, *words, "--figures", tmp_path / "figures")
    assert done.code == 0
    assert "pca      120 of 300 images, seed 4: trustworthiness 0." in done.out
    page = (tmp_path / "map.html").read_text()
    assert page.count('<div class="plot"') == 2
    assert "120 of 300 images, seed 4" in page
    assert "hangtag reduce" in page
    names = {path.name for path in (tmp_path / "figures").iterdir()}
    assert names == {"pca.svg", "pca-pictures.png", "mds.svg", "mds-pictures.png"}


def test_the_same_seed_maps_the_same_images_to_the_same_places(hangtag_command, source):
    words = ("reduce", source, "--sample", 60, "--part", "train", "--json", "--seed")
    first, again, other = (hangtag_command(*words, seed).json for seed in (1, 1, 2))
    assert first == again
    assert first["maps"][0]["indices"] != other["maps"][0]["indices"]
    assert max(first["maps"][0]["indices"]) < 220
    assert len(first["maps"][0]["points"]) == 60


@pytest.mark.parametrize("command", ["explore", "audit", "reduce"])
def test_quiet_gives_results_and_no_advice(hangtag_command, source, command):
    more = ("--checks", "blanks") if command == "audit" else ()
    done = hangtag_command(command, source, "--quiet", *more)
    assert done.code == 0
    assert done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["audit", "--checks", "leeks"], "leeks"),
        (["audit", "--write-split", "X", "--checks", "blanks"], "did not look for copies"),
        (["audit", "--write-split", "X", "--because", "taste"], "taste"),
        (["explore", "--split", "lst:5"], "lst"),
        (["reduce", "--method", "tnse"], "tnse"),
        (["reduce", "--method", ","], "--method cannot be"),
        (["reduce", "--part", "tset"], "tset"),
        (["reduce", "--method", "tsne", "--sample", "20"], "perplexity"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence_a_hint_and_nothing_written(
    hangtag_command, source, tmp_path, words, said
):
    words = [str(tmp_path / "x.npz") if word == "X" else word for word in words]
    done = hangtag_command(words[0], source, *words[1:], "--out", tmp_path / "page.html")
    assert done.code == 2
    assert [line.split(":")[0] for line in done.err.strip().splitlines()] == ["error", "hint"]
    assert said in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_map_is_coloured_by_what_a_run_answered(hangtag_command, digit_runs, tmp_path):
    run = digit_runs["s2-mlp-0"]
    words = ("reduce", "digits", "--run", run)
    done = hangtag_command(*words)
    assert done.code == 2
    assert "--out" in done.err
    page = tmp_path / "map.html"
    done = hangtag_command(*words, "--out", page)
    assert done.code == 0, done.err
    assert "right or wrong" in page.read_text()
    assert "--run" in page.read_text()
    done = hangtag_command("reduce", "digits", "--limit", "100", "--run", run, "--out", page)
    assert done.code == 2
    assert "other images" in done.err
