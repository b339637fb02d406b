"""Searching forests and clusters: scikit-learn's numbers, one sweep for many trials."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from importlib import import_module

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier

import hangtag
from hangtag.errors import OptionError
from hangtag.estimators.cluster_search import ClusterObjective
from hangtag.estimators.forest_search import ForestObjective
from hangtag.estimators.trial_training import training_data
from hangtag.geometry import fit_pca
from hangtag.rooms import tune as room
from hangtag.rooms.tune import BatchObjective


def never(value):
    return False


@pytest.fixture(scope="module")
def split(digits):
    return hangtag.split(digits, "auto", seed=0)


@pytest.fixture(scope="module")
def given(digits, split):
    return training_data(digits, split)


def test_a_trial_is_the_forest_of_scikit_learn(given):
    objective = ForestObjective(given, "accuracy", seed=2)
    found = objective(
        {"n_estimators": 12, "max_depth": 6, "criterion": "entropy", "max_features": 0.3,
         "min_samples_leaf": 3}, never,
    )  # fmt: skip
    train, validate = (given.images[one].reshape(-1, 64).astype(float) for one in given.folds[0])
    theirs = RandomForestClassifier(
        12, max_depth=6, criterion="entropy", max_features=0.3, min_samples_leaf=3, random_state=2
    ).fit(train, given.labels[given.folds[0][0]])
    assert found.value == theirs.score(validate, given.labels[given.folds[0][1]])


def test_trees_without_a_limit_are_those_of_scikit_learn(given):
    found = ForestObjective(given, "accuracy")({"n_estimators": 5}, never)
    train, validate = (given.images[one].reshape(-1, 64).astype(float) for one in given.folds[0])
    theirs = RandomForestClassifier(5, random_state=0).fit(train, given.labels[given.folds[0][0]])
    assert found.value == theirs.score(validate, given.labels[given.folds[0][1]])


def test_sizes_that_are_coming_are_read_off_one_forest(given, monkeypatch):
    from hangtag.rooms import forest as forest_room

    calls, grid = [], forest_room.grid

    def counted(*points, **options):
        calls.append(options["n_estimators"])
        return grid(*points, **options)

    monkeypatch.setattr(forest_room, "grid", counted)
    space = room.space("max_depth=3,5;n_estimators=2,4,6")
    together = room.tune(ForestObjective(given, "accuracy"), space, method="grid")
    assert calls == [[2, 4, 6], [2, 4, 6]]
    for one in together.trials:
        assert one.value == ForestObjective(given, "accuracy")(one.parameters, never).value
    assert all(one.seconds > 0 for one in together.trials)


def test_folds_are_averaged(digits, split):
    given = training_data(digits, split, folds=3)
    found = ForestObjective(given, "f1")({"n_estimators": 4, "pca": 0.9}, never)
    assert len(found.values) == 3
    assert found.value == np.mean(found.values)


@pytest.mark.parametrize("method", ["kmeans", "mixture"])
def test_numbers_of_clusters_that_are_coming_are_one_sweep_and_as_if_alone(
    digits, method, monkeypatch
):
    module = import_module(f"hangtag.rooms.cluster.{method}")
    sweep = module.METHOD.sweep
    asked = []

    @wraps(sweep)
    def counted(points, ks, **options):
        asked.append(list(ks))
        return sweep(points, ks, **options)

    monkeypatch.setattr(module, "METHOD", replace(module.METHOD, sweep=counted))
    measure = {"kmeans": "silhouette", "mixture": "bic"}[method]

    def objective():
        return ClusterObjective(digits.images[:600], method, measure, 3)

    space = room.space("k=3,5,8;n_init=2;pca=5")
    found = room.tune(objective(), space, method="grid", maximise=method == "kmeans")
    assert asked == [[3, 5, 8]]
    for one in found.trials:
        alone = objective()(one.parameters, never).value
        assert one.value == pytest.approx(alone, rel=1e-6)  # sums of float32 in another order


def test_a_trial_is_the_clustering_of_scikit_learn(digits):
    images = digits.images[:600]
    points = fit_pca(images, components=6).transform(images)
    found = ClusterObjective(images, "kmeans", "inertia", 4)(
        {"k": 7, "pca": 6, "n_init": 10, "init": "random"}, never
    )
    theirs = KMeans(7, init="random", n_init=10, random_state=4, tol=1e-4).fit(points)
    assert found.value == pytest.approx(theirs.inertia_, rel=1e-4)


def test_no_test_image_is_clustered(digits, split):
    from hangtag.estimators.search import search_request
    from hangtag.estimators.searched import searched

    options = dict.fromkeys(
        ("network", "method", "trials", "epochs", "folds", "objective", "split")
    )
    wish = search_request("k=3,4", model="kmeans", **options)
    objective = searched("kmeans").objective(wish, digits, split, seed=0, workers=1)
    kept = np.sort(np.concatenate([split.train, split.validation]))
    assert np.array_equal(objective.images, digits.images[kept])
    assert isinstance(objective, BatchObjective)


def test_a_search_of_forests_goes_on_and_repeats_nothing(tmp_path):
    options = {"model": "forest", "space": "n_estimators=2:6:2;max_depth=3,none", "method": "grid"}
    found = hangtag.tune("digits", out=tmp_path / "s", **options)
    assert len(found.finished) == 6
    again = hangtag.tune(
        "digits", out=tmp_path / "s", resume=True, **options,
        on_trial=lambda standing: pytest.fail("a trial was run"),
    )  # fmt: skip
    assert again.trials == found.trials
    assert found.asked["model"] == "forest"


def test_more_clusters_than_images_are_failed_rows(tmp_path):
    found = hangtag.tune(
        "digits", model="kmeans", space="k=3,5000;n_init=1", method="grid", out=tmp_path / "s"
    )
    assert [one.state for one in found.trials] == ["finished", "failed"]
    assert "5000" in found.trials[1].reason


@pytest.mark.parametrize(("name", "cells"), [("s1-forest", 150), ("s1-forest-pca", 70)])
def test_the_grids_of_the_first_study_are_ready(name, cells):
    own = room.ready(name)
    assert own.space.size == cells
    assert (own.model, own.method, own.split) == ("forest", "grid", "stratified:0.2")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "tree", "space": "k=1,2"}, "no kind of model 'tree'"),
        ({"model": "forest", "space": "trees=1,2"}, "no parameter 'trees'"),
        ({"model": "forest", "space": "n_estimators=0,2"}, "n_estimators is 0"),
        ({"model": "forest", "space": "n_estimators=1.5,2"}, "n_estimators is 1.5"),
        ({"model": "forest", "space": "max_depth=0,2"}, "max_depth is 0"),
        ({"model": "forest", "space": "kind=oak"}, "no forest of kind 'oak'"),
        ({"model": "forest", "space": "criterion=gini,ginny"}, "no criterion 'ginny'"),
        ({"model": "forest", "space": "max_features=0.5,1.5"}, "max_features is 1.5"),
        ({"model": "forest", "space": "min_samples_leaf=0,1"}, "min_samples_leaf is 0"),
        ({"model": "forest", "space": "pca=-1,0.5"}, "pca is -1"),
        ({"model": "forest", "space": "pca=0.5", "epochs": 3}, "has no epochs"),
        ({"model": "forest", "space": "pca=0.5", "network": "s2-mlp"}, "has no network"),
        ({"model": "forest", "space": "pca=0.5", "method": "halving"}, "a forest has none"),
        ({"model": "forest", "space": "pca=0.5", "objective": "bic"}, "no objective 'bic'"),
        ({"model": "forest", "space": "s2-grid"}, "is one of networks"),
        ({"model": "kmeans", "space": "k=1,2"}, "k is 1"),
        ({"model": "kmeans", "space": "k=2,3;covariance=full"}, "no parameter 'covariance'"),
        ({"model": "kmeans", "space": "k=2,3;init=lucky"}, "no init 'lucky'"),
        ({"model": "kmeans", "space": "k=2,3", "folds": 3}, "no cross-validation"),
        ({"model": "kmeans", "space": "k=2,3", "objective": "bic"}, "no objective 'bic'"),
        ({"model": "mixture", "space": "k=2,3;pca=0.5,0.9"}, "no criterion compares"),
        ({"model": "mixture", "space": "k=2,3;covariance=round"}, "no covariance 'round'"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_anything_is_written(tmp_path, options, said):
    with pytest.raises(OptionError, match=said) as caught:
        hangtag.tune("digits", out=tmp_path / "search", **options)
    assert not (tmp_path / "search").exists()
    if "no parameter" in said:
        assert "known:" in caught.value.hint


def test_the_next_step_after_a_search_of_forests_makes_the_best_one(hangtag_command, tmp_path):
    import shlex

    space = "n_estimators=3,9;max_depth=3,none;criterion=gini,entropy"
    words = ["--model", "forest", "--space", space, "--trials", 4, "--seed", 1]
    done = hangtag_command("tune", "digits", *words, "--out", tmp_path / "s")
    assert done.code == 0, done.err
    assert "hangtag forest itself" in done.err
    command = next(one for one in done.err.splitlines() if one.startswith("next: "))
    best = max(
        float(line.split()[1]) for line in done.out.splitlines() if line[:5].strip().isdigit()
    )
    made = hangtag_command(*shlex.split(command)[2:], "--out", tmp_path / "forest", "--json").json
    assert made["rows"][0]["validation"]["accuracy"] == pytest.approx(best, abs=1e-4)


def test_the_next_step_after_a_search_of_clusters_shows_them(hangtag_command, tmp_path):
    import shlex

    words = ["--model", "mixture", "--space", "k=2,3;n_init=1;pca=5", "--method", "grid"]
    done = hangtag_command("tune", "digits", *words, "--out", tmp_path / "s")
    assert done.code == 0, done.err
    command = next(one for one in done.err.splitlines() if one.startswith("next: "))
    assert hangtag_command(*shlex.split(command)[2:], "--json").code == 0


def test_mixtures_are_searched_as_classifiers_where_accuracy_is_asked_for(digits, tmp_path):
    found = hangtag.tune(
        digits, model="mixture", space="k=5,20;covariance=tied,diagonal;pca=10", method="grid",
        objective="val_accuracy", out=tmp_path / "s",
    )  # fmt: skip
    assert found.objective == "validation accuracy"
    assert found.asked["source"] == "digits"
    best = found.best
    fitted = hangtag.fit(digits, model="mixture", seed=0, **best.parameters)
    assert best.value == fitted.candidates.chosen.validation.accuracy
    clusters = hangtag.tune(
        digits, model="mixture", space="k=3;n_init=1", method="grid", limit=200, out=tmp_path / "c"
    )
    assert clusters.objective != found.objective
    with pytest.raises(OptionError, match="no objective 'val_f1'"):
        hangtag.tune(digits, model="mixture", space="k=3", objective="val_f1", out=tmp_path / "n")


def test_arrays_and_made_splits_are_searched_like_a_source(digits, split, tmp_path):
    options = {"model": "neighbors", "space": "k=1,5", "method": "grid"}
    named = hangtag.tune("digits", **options, split="stratified:0.2", out=tmp_path / "a")
    made = hangtag.split(digits, "stratified:0.2", seed=0)
    given = hangtag.tune((digits.images, digits.labels), **options, split=made, out=tmp_path / "b")
    assert [one.value for one in named.trials] == [one.value for one in given.trials]
    assert given.asked["source"].endswith("arrays")
