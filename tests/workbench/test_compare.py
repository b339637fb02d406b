"""Comparing runs: one table from what was measured, tests on each pair, images both ways."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError, RunError, UsageError
from hangtag.runs import open_run


@pytest.fixture(scope="module")
def found(digit_runs):
    return hangtag.compare(list(digit_runs.values()), repeats=True)


def opened(folder):
    return open_run(folder, runs=folder.parent)


def test_the_table_has_what_each_run_kept(digit_runs, found):
    for row, folder in zip(found.rows, digit_runs.values(), strict=True):
        run = opened(folder)
        history = run.history()
        assert row.accuracy == run.evaluation().scores["accuracy"]
        assert row.parameters == hangtag.summary(row.network, shape=(8, 8, 1))["parameters"]
        assert row.training_seconds == pytest.approx(sum(history.seconds))
        assert row.gap == pytest.approx(history.last("accuracy") - history.last("val_accuracy"))
        assert 0 < row.prediction_seconds < 0.1


def test_the_paired_test_counts_the_images_on_which_two_runs_differ(digit_runs, found):
    first, second = (opened(digit_runs[name]).predictions() for name in ("s2-mlp-0", "s3-full-0"))
    right = [one.predicted == one.labels for one in (first, second)]
    difference = next(
        one
        for one in found.comparison.differences
        if (one.first, one.second) == ("s2-mlp-0", "s3-full-0")
    )
    assert np.array_equal(difference.first_only, np.flatnonzero(right[0] & ~right[1]))
    assert difference.p_value < 1e-6
    assert difference.p_adjusted >= difference.p_value


def test_disagreements_are_listed_both_ways_with_truth_and_answers(digit_runs, found):
    for difference, ways in zip(found.comparison.differences, found.disagreements, strict=True):
        for better, listed in enumerate(ways):
            assert len(listed) <= 5
            for one in listed:
                answers = (one.first, one.second)
                assert answers[better] == one.label != answers[1 - better]
                assert one.position in (difference.first_only, difference.second_only)[better]


def test_networks_are_compared_over_the_seeds_they_share(found):
    (repeat,) = found.repeats
    scores = {row.name: row.accuracy.value for row in found.rows}
    gaps = [scores[f"s2-mlp-{seed}"] - scores[f"s3-full-{seed}"] for seed in (0, 1, 2)]
    assert repeat.seeds == (0, 1, 2)
    assert repeat.test.difference.value == pytest.approx(np.mean(gaps))


def test_the_command_prints_one_table_and_marks_the_better_one(hangtag_command, digit_runs):
    done = hangtag_command("compare", digit_runs["s2-mlp-0"], digit_runs["s3-full-0"])
    assert done.code == 0
    assert "s2-mlp-0 is better" in done.out
    classes = done.out.split("\nClass by class")[1].split("\nBy validation accuracy")[0]
    starred = [line for line in classes.splitlines() if "*" in line]
    assert starred
    # Of two runs at most one is better, in each of three measures.
    assert all(1 <= len(re.findall(r"\d\*", line)) <= 3 for line in starred)
    assert all(len(line) <= 80 for line in classes.splitlines())
    assert "only s2-mlp-0 is right, s3-full-0 is wrong: " in done.out
    assert "choose by validation accuracy" in done.err


def test_the_command_answers_machines_in_json(hangtag_command, digit_runs):
    done = hangtag_command(
        "compare", digit_runs["s2-mlp-0"], digit_runs["s3-full-0"], "--json", "--shown", 2
    )
    assert [row["network"] for row in done.json["runs"]] == ["s2-mlp", "s3-full"]
    assert len(done.json["disagreements"][0]["only_first"]) == 2
    assert json.dumps(done.json, allow_nan=False)


def test_the_page_has_every_section_and_an_image_for_each_disagreement(
    hangtag_command, digit_runs, tmp_path
):
    page = tmp_path / "compare.html"
    done = hangtag_command(
        "compare", digit_runs["s2-mlp-0"], digit_runs["s3-full-0"], "--out", page, "--json"
    )
    html = page.read_text()
    for heading in ("Cautions", "The models", "Differences", "side by side", "disagree"):
        assert heading in html
    (one,) = done.json["comparison"]["differences"]
    counts = [len(one["first_only"]), len(one["second_only"])]
    for name, count in zip(("s2-mlp-0", "s3-full-0"), counts, strict=True):
        assert f"Only {name} is right: {count} image" in html
    answers = [opened(digit_runs[name]).predictions() for name in ("s2-mlp-0", "s3-full-0")]
    wrong = [one.predicted != one.labels for one in answers]
    shown = [min(24, count) for count in (*counts, int((wrong[0] & wrong[1]).sum()))]
    assert html.count('alt="An image of') == sum(shown)
    assert "http://" not in re.sub(r'xmlns\S*="[^"]*"', "", html)


def test_runs_on_other_test_images_are_refused(digit_runs, tmp_path):
    other = hangtag.train(
        "digits", network="s3-full", options={"epochs": 1}, seed=9, out=tmp_path / "other"
    )
    hangtag.evaluate(other.folder)
    with pytest.raises(UsageError, match="the same images"):
        hangtag.compare([digit_runs["s2-mlp-0"], other.folder])


def test_runs_on_other_data_or_classes_are_refused(digit_runs, tmp_path):
    draw = np.random.default_rng(0)
    np.savez(
        tmp_path / "set.npz",
        images=draw.integers(0, 255, (60, 8, 8), np.uint8),
        labels=np.arange(60) % 3,
    )
    other = hangtag.train(
        tmp_path / "set.npz", network="s3-full", options={"epochs": 1}, out=tmp_path / "other"
    )
    hangtag.evaluate(other.folder)
    with pytest.raises(UsageError, match="the same classes"):
        hangtag.compare([digit_runs["s2-mlp-0"], other.folder])


def test_a_run_without_answers_is_refused_with_the_command_that_makes_them(digit_runs, tmp_path):
    run = shutil.copytree(digit_runs["s2-mlp-0"], tmp_path / "run")
    replace(hangtag.open_run(run), evaluations=()).at("trained")
    with pytest.raises(RunError) as error:
        hangtag.compare([digit_runs["s3-full-0"], run])
    assert "hangtag evaluate" in error.value.hint


def test_one_run_or_the_same_run_twice_is_refused(digit_runs):
    place = digit_runs["s2-mlp-0"]
    with pytest.raises(OptionError, match="at least two"):
        hangtag.compare([place])
    with pytest.raises(UsageError, match="twice"):
        hangtag.compare([place, place])


def test_two_runs_of_one_name_are_told_apart_by_their_folders(digit_runs, tmp_path):
    copy = shutil.copytree(digit_runs["s2-mlp-0"], tmp_path / "s2-mlp-0")
    found = hangtag.compare([digit_runs["s2-mlp-0"], copy])
    assert found.comparison.names == (str(digit_runs["s2-mlp-0"]), str(copy))
    assert found.comparison.differences[0].p_value == 1


def test_the_5x2cv_test_trains_both_anew_on_halves_without_test_images(
    hangtag_command, tmp_path, monkeypatch
):
    from hangtag.estimators import trial_training as trials

    for rate in (0.01, 1e-5):
        words = ["--network", "s3-full", "--learning-rate", rate, "--epochs", 1]
        hangtag_command("train", "digits", *words, "--out", tmp_path / str(rate))
        hangtag_command("evaluate", tmp_path / str(rate))
    folds, score_again = [], trials.score_again

    def watched(config, images, fold, seed):
        folds.append(fold)
        return score_again(config, images, fold, seed)

    monkeypatch.setattr(trials, "score_again", watched)
    found = hangtag.compare([tmp_path / "0.01", tmp_path / "1e-05"], five_by_two=True)
    (repeat,) = found.repeats
    assert repeat.test.test == "5x2cv t, corrected"
    assert repeat.test.difference.value > 0
    assert len(folds) == 20
    test = opened(tmp_path / "0.01").split().test
    for train, validate in folds:
        assert abs(len(train) - len(validate)) <= 1
        assert not np.intersect1d(train, validate).size
        assert not np.intersect1d(np.concatenate([train, validate]), test).size


def test_comparing_over_seeds_needs_seeds_in_common(digit_runs):
    with pytest.raises(UsageError, match="3 or more seeds in common"):
        hangtag.compare([digit_runs["s2-mlp-0"], digit_runs["s3-full-1"]], repeats=True)
