"""Ablations: every variant over the same seeds and images, one table, one figure."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError, SpecError

CHANGES = {"faster": {"learning_rate": 0.01}, "slower": {"learning_rate": 1e-5}}


@pytest.fixture(scope="module")
def ablated(tmp_path_factory):
    place = tmp_path_factory.mktemp("ablate") / "out"
    found = hangtag.ablate(
        "digits", network="s3-base", changes=CHANGES, seeds=3, epochs=2, out=place
    )
    return found, place


def test_each_change_is_compared_with_the_base_seed_by_seed(ablated):
    found, _ = ablated
    base, faster, slower = found.variants
    assert (base.name, base.difference, base.p_value) == ("base", None, None)
    for one in (faster, slower):
        gaps = np.subtract(one.scores, base.scores)
        assert one.difference.value == pytest.approx(gaps.mean())
        assert one.difference.low <= gaps.mean() <= one.difference.high
        assert 0 <= one.p_value <= 1
    assert faster.mean.value > base.mean.value > slower.mean.value
    assert all(0 <= one.mean.low <= one.mean.value <= one.mean.high <= 1 for one in found.variants)


def test_without_a_choice_of_epochs_the_scores_are_those_of_the_curves(ablated):
    found, _ = ablated
    for one in found.variants:
        assert list(one.scores) == pytest.approx(
            [each.last("val_accuracy") for each in one.histories]
        )
        assert [len(each) for each in one.histories] == [2, 2, 2]


def test_scored_images_choose_no_epoch(tmp_path, monkeypatch):
    from hangtag.estimators import trial_training as trials

    folds, train_seeds = [], trials.train_seeds

    def watched(given, fold, *rest, **options):
        folds.append((given, fold))
        return train_seeds(given, fold, *rest, **options)

    monkeypatch.setattr(trials, "train_seeds", watched)
    stopping = {"stops": {"early_stopping": 1, "restore_best": True}}
    hangtag.ablate("digits", changes=stopping, seeds=2, epochs=2, out=tmp_path / "a")
    for given, (train, choose) in folds:
        own_train, scored = given.folds[0]
        # The base, which chooses nothing, trains on the same images: only one thing changes.
        assert sorted([*train, *choose]) == sorted(own_train)
        assert len(choose) == pytest.approx(len(own_train) / 10, abs=10)
        assert set(given.labels[choose]) == set(given.labels)
        assert not np.intersect1d(choose, scored).size


def test_two_seeds_are_not_tested_and_say_why(tmp_path, hangtag_command):
    done = hangtag_command(
        "ablate", "digits", "--change", "fast: learning_rate=0.01", "--seeds", 2, "--epochs", 1,
        "--out", tmp_path / "a",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "No intervals, too few to say: 2 seeds; 3 are needed" in " ".join(done.out.split())


def test_table_figure_and_everything_as_json_are_written(ablated):
    _, place = ablated
    with (place / "ablation.csv").open() as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["variant", "base", "faster", "slower"]
    assert rows[2][1] == "learning_rate=0.01"
    assert (place / "ablation.svg").read_bytes().startswith(b"<?xml")
    assert (place / "ablation.json").is_file()
    page = (place / "ablation.html").read_text()
    assert page.startswith("<!doctype html>")
    assert page.count("<figcaption") == 2
    assert "2 changes to s3-base, 3 seeds" in page


def test_training_curves_are_drawn_half_an_epoch_early(ablated, monkeypatch):
    from matplotlib.axes import Axes

    from hangtag.rooms.tune import ablation_figures

    drawn, plot = {}, Axes.plot

    def watched(self, x, y, *rest, label="", **options):
        drawn.setdefault(label, []).append(list(x))
        return plot(self, x, y, *rest, label=label, **options)

    monkeypatch.setattr(Axes, "plot", watched)
    ablation_figures(ablated[0])
    assert drawn["training"] == [[0.5, 1.5]] * 6
    assert drawn["validation"] == [[1, 2]] * 6


def test_the_command_prints_one_table(hangtag_command, tmp_path):
    done = hangtag_command(
        "ablate", "digits", "--change", "fast: learning_rate=0.01", "--seeds", 1, "--epochs", 2,
        "--test", "--out", tmp_path / "a",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "test accuracy" in done.out
    assert "One seed; intervals over images" in done.out
    assert "choose nothing by them" in done.err


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"changes": {}}, OptionError, "at least one change"),
        ({"changes": {"x": {"droput": 0.5}}}, OptionError, "droput"),
        ({"changes": {"x": {"dropout": 1.5}}}, SpecError, "rate"),
        ({"seeds": 0}, OptionError, "seeds cannot be 0"),
        ({"seeds": (1, 1)}, OptionError, r"seeds cannot be .1, 1."),
        ({"network": "s9"}, SpecError, "s9"),
    ],
)
def test_what_cannot_be_ablated_is_refused(tmp_path, options, error, said):
    with pytest.raises(error, match=said):
        hangtag.ablate("digits", out=tmp_path / "a", **options)
    assert not (tmp_path / "a").exists()
