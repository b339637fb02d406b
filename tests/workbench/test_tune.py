"""Tuning a network: on validation images only, kept in a folder, shorter trainings for nothing."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError, RunError, SpecError, SplitError
from hangtag.estimators.network_search import NetworkObjective
from hangtag.estimators.searched import searched as searched_kind
from hangtag.estimators.trial_training import training_data
from hangtag.requests import Source

SPACE = "dense.units=8;learning_rate=0.001,0.01,0.1"


def never(value):
    return False


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    place = tmp_path_factory.mktemp("tune") / "search"
    told = []
    found = hangtag.tune(
        "digits", network="s2-mlp", space=SPACE, method="grid", epochs=1, out=place,
        on_trial=told.append,
    )  # fmt: skip
    return found, place, told


def test_a_search_leaves_table_figures_and_a_journal(searched):
    found, place, told = searched
    assert len(found.finished) == len(told) == 3
    with (place / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["validation accuracy"]) for row in rows] == [
        one.value for one in found.trials
    ]
    names = {path.name for path in place.iterdir()}
    assert names >= {"search.html", "trials.json", "history.svg", "parallel.svg", "search.journal"}
    assert next(iter(hangtag.importance(found).values())) >= 0


@pytest.mark.parametrize(
    ("model", "space", "what"),
    [
        ("linear", "c=0.01,0.1", "hangtag linear"),
        ("forest", "n_estimators=4,8", "hangtag forest"),
        ("mixture", "k=2,3", "hangtag cluster"),
    ],
)
def test_every_trial_sees_the_features_that_were_asked_for(model, space, what, tmp_path):
    asked = {"model": model, "space": space, "method": "grid", "limit": 200}
    place = tmp_path / "search"
    found = hangtag.tune("digits", features="pca:6", out=place, **asked)
    pixels = hangtag.tune("digits", **{**asked, "space": f"{space};pca=6"})
    assert [one.value for one in found.trials] == pytest.approx(
        [one.value for one in pixels.trials]
    )
    command = searched_kind(model).again(found, Source.of("digits"))
    assert command.startswith(what)
    assert "--features pca:6" in command
    with pytest.raises(RunError, match="another features"):
        hangtag.tune("digits", out=place, resume=True, **asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"space": "dropout=0.1,0.2"}, "a network sees pixels"),
        ({"space": "pca=5,9", "model": "forest"}, "the space varies pca"),
        ({"space": "features=pixels,pca:5", "model": "linear"}, "the space varies features"),
        ({"space": "k=3,4", "model": "kmeans", "features": "paint"}, "there are no features"),
    ],
)
def test_features_that_cannot_be_seen_are_refused_before_anything_is_loaded(asked, said):
    with pytest.raises(OptionError, match=said):
        hangtag.tune("nowhere", **{"features": "pca:6", **asked})


def test_a_search_goes_on_and_repeats_nothing(searched):
    found, place, _ = searched
    again = hangtag.tune(
        "digits", network="s2-mlp", space=SPACE, method="grid", epochs=1, out=place, resume=True,
        on_trial=lambda standing: pytest.fail("a trial was run"),
    )  # fmt: skip
    assert again.trials == found.trials
    with pytest.raises(RunError, match="there is a search"):
        hangtag.tune("digits", network="s2-mlp", space=SPACE, method="grid", epochs=1, out=place)
    with pytest.raises(RunError, match="another epochs"):
        hangtag.tune(
            "digits", network="s2-mlp", space=SPACE, method="grid", epochs=2, out=place, resume=True
        )


def test_no_test_image_is_handed_to_a_search(digits):
    split = hangtag.split(digits, "auto", seed=0)
    for folds in (1, 3):
        given = training_data(digits, split, folds=folds)
        kept = np.concatenate([split.train, split.validation])
        assert np.array_equal(given.images, digits.images[kept])
        assert len(given.images) == len(digits) - len(split.test)
        validated = np.concatenate([validate for _, validate in given.folds])
        assert len(np.unique(validated)) == len(validated)
        assert all(not np.intersect1d(*fold).size for fold in given.folds)
    assert len(validated) == len(given.images)
    counts = [np.bincount(given.labels[validate]) for _, validate in given.folds]
    assert np.ptp(counts, axis=0).max() <= 1


def test_fewer_epochs_of_a_grid_are_the_beginning_of_the_longest(digits):
    split = hangtag.split(digits, "auto", seed=0)
    given = training_data(digits, split)
    short = NetworkObjective(given, "s3-full", {})({"epochs": 1}, never)
    grid = NetworkObjective(given, "s3-full", {}, longest=2)
    assert grid({"epochs": 1}, never).value == short.value
    assert grid({"epochs": 2}, never).facts["curves"][0][0] == short.value


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"space": ""}, OptionError, "empty"),
        ({"space": "dens.units=1,2"}, OptionError, "dens.units"),
        ({"space": "dense_9.units=1,2"}, OptionError, "dense_9"),
        ({"space": "s2-gird"}, OptionError, "s2-gird"),
        ({"space": "optimizer=adam,adamant"}, OptionError, "adamant"),
        ({"space": "dense.units=0,4"}, SpecError, "units=0"),
        ({"space": "epochs=1,2", "epochs": 3}, OptionError, "given too"),
        ({"space": "epochs=1,2", "network": "s9"}, SpecError, "s9"),
        ({"space": SPACE, "objective": "test_accuracy"}, OptionError, "test_accuracy"),
        ({"space": SPACE, "method": "halving", "folds": 3}, OptionError, "no cross-validation"),
        ({"space": SPACE, "folds": 2000}, SplitError, "2000 folds"),
        ({"space": SPACE, "storage": "sqlite:///x"}, OptionError, "sqlite"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_is_written(
    tmp_path, options, error, said
):
    with pytest.raises(error, match=said):
        hangtag.tune("digits", out=tmp_path / "search", **options)
    assert not (tmp_path / "search").exists()


def test_the_command_prints_a_line_a_trial_and_how_to_train_the_best(hangtag_command, tmp_path):
    done = hangtag_command(
        "tune", "digits", "--network", "s3-full", "--space", "learning_rate=0.01,1e9",
        "--method", "grid", "--epochs", 1, "--out", tmp_path / "search",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "1/2" in done.err
    assert "2/2" in done.err
    assert "--change learning_rate=0.01" in done.err
    assert "next: hangtag train digits --network s3-full" in done.err
    assert f"folder  {tmp_path / 'search'}" in done.out


def test_the_best_can_be_trained_as_a_run(hangtag_command, tmp_path):
    change = "dense.units=8;dropout=0.1;epochs=1"
    done = hangtag_command(
        "train", "digits", "--network", "s3-full", "--change", change, "--out", tmp_path / "r"
    )
    assert done.code == 0, done.err
    run = hangtag.open_run(tmp_path / "r")
    assert [layer.get("units") for layer in run.config.spec.layers][1::2] == [8, 8, 10]
    assert run.config.options.epochs == 1
    assert "--change 'dense.units=8;dropout=0.1'" in run.config.command


TOGETHER = "learning_rate=0.001,0.003,0.01;dropout=0.1,0.3"


@pytest.fixture
def trained(monkeypatch):
    """How many trainings began together, and how many alone."""
    from hangtag.estimators import trial_training as trials

    counts = {"together": [], "alone": 0}
    many, one = trials.train_together, trials.train_fold

    def together(given, fold, network, several, *, seed):
        counts["together"].append(len(several))
        return many(given, fold, network, several, seed=seed)

    def alone(*given, **options):
        counts["alone"] += 1
        return one(*given, **options)

    monkeypatch.setattr(trials, "train_together", together)
    monkeypatch.setattr(trials, "train_fold", alone)
    return counts


def _searched(place, **options):
    return hangtag.tune(
        "digits",
        **{"network": "s3-full", "space": TOGETHER, "method": "grid", "epochs": 1, "out": place}
        | options,
    )


def test_trials_that_differ_only_in_numbers_train_together_as_if_alone(tmp_path, trained, digits):
    found = _searched(tmp_path / "search")
    assert trained == {"together": [6], "alone": 0}
    assert [one.number for one in found.trials] == [1, 2, 3, 4, 5, 6]
    given = training_data(digits, hangtag.split(digits, "auto", seed=0))
    for one in found.trials[::3]:
        alone = NetworkObjective(given, "s3-full", {"epochs": 1})(one.parameters, never)
        assert (alone.value, alone.facts) == (one.value, one.facts)


def test_random_trials_train_together_and_those_of_other_form_do_not(tmp_path, trained):
    found = _searched(tmp_path / "search", method="random", trials=4)
    assert trained == {"together": [4], "alone": 0}
    assert len(found.finished) == 4
    _searched(tmp_path / "units", space="dense.units=8,16;learning_rate=0.01,0.02")
    assert trained == {"together": [4, 2, 2], "alone": 0}


@pytest.mark.parametrize("method", ["bayes", "halving"])
def test_a_method_that_looks_at_results_asks_for_one_trial_at_a_time(tmp_path, trained, method):
    _searched(tmp_path / "search", method=method, trials=2)
    assert trained == {"together": [], "alone": 2}


def test_networks_with_convolutions_train_alone(tmp_path, trained):
    _searched(tmp_path / "s", network="s0-cnn", space="learning_rate=0.001,0.01", limit=100)
    assert trained == {"together": [], "alone": 2}


def test_one_that_fails_among_others_is_one_row(tmp_path, trained):
    found = _searched(tmp_path / "search", space="learning_rate=0.01,1e30,0.02")
    assert [one.state for one in found.trials] == ["finished", "failed", "finished"]
    assert found.trials[1].reason
    assert trained["together"][0] == 3
    assert trained["alone"] >= 1


def test_what_was_finished_before_is_not_trained_again_beside_others(tmp_path, trained):
    def stop(standing):
        raise KeyboardInterrupt

    with pytest.raises(BaseException):  # noqa: B017 - whatever ends a search
        _searched(tmp_path / "search", on_trial=stop)
    found = _searched(tmp_path / "search", resume=True)
    assert trained["together"] == [6, 5]
    assert len(found.finished) == 6


def test_a_schedule_makes_shorter_trainings_their_own(digits):
    from hangtag.estimators.network_search import longest
    from hangtag.estimators.search import search_request

    options = dict.fromkeys(("model", "trials", "epochs", "folds", "objective", "split"))
    options |= {"network": "s3-full", "method": "grid"}
    assert longest(search_request("epochs=1,2", **options), 1) == 2
    assert longest(search_request("epochs=1,2;schedule=constant,cosine", **options), 1) is None
