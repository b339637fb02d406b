"""Every kind of model does what every other does: trained, tested, reported, reopened, guarded."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

import hangtag
from hangtag.errors import BundleError, HangtagError, OptionError, SplitError
from hangtag.estimators import ESTIMATORS, estimator_of
from hangtag.framing import seen
from hangtag.onnx_graphs import EMBEDDING, PROBABILITIES
from hangtag.onnx_sessions import answers, open_session
from hangtag.requests import KINDS
from hangtag.requests.kinds import FeaturesRequest
from hangtag.rooms import load
from worker_memory import make_room

ASKED = {
    "network": {"network": "s2-mlp", "epochs": 8},
    "forest": {"n_estimators": [5, 20], "max_depths": 12},
    "mixture": {"k": [8, 20], "covariance": "tied"},
    "boosting": {"rounds": [4, 8], "max_leaf_nodes": 8},
    "finetune": {"input_size": 32, "epochs": 2, "crop": 0.8, "learning_rate": 1e-3},
}
"""What is asked of kinds that take long otherwise; all others are asked nothing."""
FREE = [name for name, asked in KINDS.items() if issubclass(asked, FeaturesRequest)]
"""Kinds that see whatever features there are."""
LEAST = {"finetune": 0.5}
"""Accuracy on digits that a kind reaches at least; 0.8 those that are not named."""
SOME = {"finetune": (450, 150, 200)}
"""Training, validation and test images of kinds that take long otherwise; of all others all."""


def least(run):
    return LEAST.get(run.config.spec.kind, 0.8)


def train(name, out, **more):
    return hangtag.train("digits", model=name, out=out, seed=3, **ASKED.get(name, {}), **more)


@pytest.fixture(scope="module", params=ESTIMATORS)
def run(request, tmp_path_factory, digits):
    """A run of every kind, evaluated."""
    place, name = tmp_path_factory.mktemp("family"), request.param
    more = {}
    if name in SOME:
        make_room()
        whole = load.split(digits, "auto", seed=0)
        parts = zip((whole.train, whole.validation, whole.test), SOME[name], strict=True)
        some = type(whole)("some", 0, *(one[:n] for one, n in parts), digits.fingerprint)
        more["split"] = f"saved:{load.save_split(some, place / 'split.npz')}"
    made = train(name, place / name, **more)
    hangtag.evaluate(made)
    return hangtag.open_run(made)


def test_a_run_is_evaluated_and_reported_and_says_what_it_is(run):
    kind, found = estimator_of(run.config.spec), run.evaluation()
    assert found.scores["accuracy"].value > least(run)
    assert found.threshold is None or 0 <= found.threshold <= 1
    left = kind.fitted(run)
    assert left.validation > least(run)
    assert left.parameters > 0
    assert left.noun == kind.noun
    html = hangtag.report(run).read_text()
    assert left.words in html
    assert run.config.command.partition(" --")[0] in html


def test_what_was_tried_is_kept_and_the_best_is_chosen(run):
    if run.config.is_network or run.config.spec.kind == "finetune":  # it prefers its last epoch
        return
    tried = run.candidates()
    best = max(row.validation.accuracy for row in tried.rows)
    assert tried.chosen.validation.accuracy == best
    first = next(place for place, row in enumerate(tried.rows) if row.validation.accuracy == best)
    assert tried.best == first or run.config.spec.kind == "forest"
    assert tried.options["seed"] == run.config.options.seed == 3


def test_the_bundle_answers_as_the_model_that_is_opened(run, digits):
    bundle = hangtag.open_bundle(run)
    some = seen(digits, run.split().test, bundle.preprocessing)
    assert np.allclose(bundle.probabilities(some).sum(axis=1), 1, atol=1e-5)
    if run.config.is_network:
        return
    model = hangtag.open_model(run)
    assert np.abs(model.probabilities(some) - bundle.probabilities(some)).max() <= 1e-5
    near = np.abs(model.embeddings(some) - bundle.embeddings(some)).max()
    assert near <= 1e-3 * max(1, np.abs(bundle.embeddings(some)).max())
    assert model.threshold == bundle.threshold


def test_the_onnx_model_alone_takes_raw_images(run, digits):
    session = open_session((run.bundle / "model.onnx").read_bytes())
    where = run.split().test
    shown = seen(digits, where, hangtag.open_bundle(run).preprocessing)
    found = answers(session, PROBABILITIES, shown)
    right = np.mean(found.argmax(axis=1) == digits.labels[where])
    assert right == run.evaluation().scores["accuracy"].value
    assert len(answers(session, EMBEDDING, shown)) == len(where)


def test_it_tags(run, digits, tmp_path):
    tags = list(hangtag.tag(run, digits.images[:40], threshold=0))
    labels = [digits.class_names[label] for label in digits.labels[:40]]
    assert np.mean([one.label == label for one, label in zip(tags, labels, strict=True)]) > least(
        run
    )
    assert tags[0].model == hangtag.open_bundle(run).model_id


def test_it_is_fitted_again_on_other_images(run, digits):
    split = run.split()
    fold = (split.train, split.test)
    score = estimator_of(run.config.spec).score_again(run.config, digits, fold, 3)
    accuracy = run.evaluation().scores["accuracy"].value
    assert score == pytest.approx(accuracy, abs=0.05 if run.config.is_network else 1e-9)


def test_its_command_does_the_same_again(run, hangtag_command, tmp_path):
    words = shlex.split(run.config.command)[1:]
    done = hangtag_command(*words, "--out", tmp_path / "again", "-q")
    assert done.code == 0, done.err
    again = hangtag.open_run(tmp_path / "again")
    assert again.config.command == run.config.command
    assert hangtag.open_bundle(again).model_id == hangtag.open_bundle(run).model_id


def test_runs_of_two_kinds_are_compared(run, tmp_path):
    again = shlex.split(run.config.command)
    same = again[again.index("--split") + 1]
    other = hangtag.train(
        "digits", model="linear", pca=10, c=1, seed=3, split=same, out=tmp_path / "other"
    )
    other.evaluate()
    found = run.compare(other)
    assert found.rows[0].validation_accuracy == estimator_of(run.config.spec).fitted(run).validation
    assert 0 < found.rows[0].prediction_seconds < 0.1


def test_a_bundle_whose_manifest_says_something_else_is_refused(run, tmp_path):
    place = Path(shutil.copytree(run.bundle, tmp_path / "bundle"))
    facts = json.loads((place / "manifest.json").read_text())
    facts["architecture"]["name"] = "oracle"
    (place / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(BundleError):
        hangtag.open_bundle(place)


def test_a_bundle_with_the_graph_of_another_kind_is_refused(run, tmp_path, digits):
    from hangtag.rooms import models

    if run.config.is_network:
        return
    bundle = hangtag.open_bundle(run)
    if bundle.spec.kind == "forest":
        strange = hangtag.fit(digits, model="mixture", k=3, pca=5)
    else:
        strange = hangtag.fit(digits, model="forest", n_estimators=2, max_depths=2)
    graph = strange.kind.onnx(strange.model, digits.images[:5])
    with pytest.raises(BundleError):
        models.write_arrays_bundle(
            tmp_path / "bundle", bundle.spec, bundle.preprocessing,
            arrays=hangtag.open_model(run).arrays(), model=graph, class_names=bundle.class_names,
            class_codes=bundle.class_codes, facts=bundle.facts,
        )  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_without_validation_images_there_is_no_run(name, tmp_path, digits):
    split = load.split(digits, "auto", seed=0)
    everything = np.concatenate([split.train, split.validation])
    bare = type(split)("mine", 0, everything, everything[:0], split.test, digits.fingerprint)
    saved = load.save_split(bare, tmp_path / "split.npz")
    with pytest.raises(SplitError, match="no validation images to choose a"):
        train(name, tmp_path / "run", split=f"saved:{saved}")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", KINDS)
def test_images_of_one_class_are_refused(name, digits):
    from dataclasses import replace

    one_class = replace(digits, labels=np.zeros_like(digits.labels))
    with pytest.raises(OptionError, match="at least two classes"):
        hangtag.fit(one_class, model=name, **ASKED.get(name, {}))


SEARCHED = [name for name in KINDS if ESTIMATORS[name].search is not None and name != "mixture"]
"""A mixture is a way to cluster, too, and is searched as one unless accuracy is asked for."""


@pytest.mark.parametrize("name", SEARCHED)
def test_it_is_searched(name, tmp_path):
    spaces = {"forest": "n_estimators=3,5", "linear": "c=0.1,1", "neighbors": "k=1,5",
              "discriminant": "shrinkage=0.1,0.5",
              "boosting": "learning_rate=0.1,0.2;rounds=3"}  # fmt: skip
    found = hangtag.tune(
        "digits", model=name, space=spaces[name], method="grid", out=tmp_path / "s", folds=2
    )
    assert len(found.finished) == 2
    assert all(len(one.values) == 2 and one.value > 0.5 for one in found.finished)
    with pytest.raises(HangtagError):
        hangtag.tune("digits", model=name, space="colour=1,2", out=tmp_path / "t")


def test_a_study_trains_and_tests_it(run, tmp_path):
    from hangtag.study.recipe import open_recipe
    from hangtag.study.running import run as carry_out

    name = run.config.spec.kind
    own = {"network": "s2-mlp", "options": {"epochs": 3}}
    asked = own if name == "network" else {"options": ASKED.get(name, {})}
    limit = sum(SOME[name]) if name in SOME else None
    step = {"verb": "train", "model": name, **asked}
    steps = {"fit": step, "test": {"verb": "evaluate", "of": "fit", "show": []}}
    file = tmp_path / "r.yaml"
    about = {"name": "r", "title": "R", "source": "digits", "split": "stratified:0.2+test:0.2"}
    about["seeds"] = [3]
    file.write_text(json.dumps({**about, "steps": steps}))
    found = carry_out(open_recipe(file), out=tmp_path / "study", limit=limit)
    assert found.outcomes["test"].values["accuracy"][0] > 0.45


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    out = tmp_path_factory.mktemp("seen") / "network"
    return hangtag.train("digits", network="s2-mlp", epochs=3, out=out)


@pytest.mark.parametrize("name", FREE)
def test_it_sees_the_layer_of_a_network_and_its_bundle_needs_no_other(
    name, network, tmp_path, digits
):
    asked = {**ASKED.get(name, {}), "features": f"network:{network.folder}"}
    run = hangtag.train("digits", model=name, seed=3, out=tmp_path / "run", **asked)
    assert run.evaluate().scores["accuracy"].value > least(run)
    assert run.config.spec.features == f"network:{network.folder}"
    kept = Path(shutil.copytree(run.bundle, tmp_path / "elsewhere"))
    bundle, model = hangtag.open_bundle(kept), hangtag.open_model(kept)
    some = digits.images[:60]
    assert np.abs(model.probabilities(some) - bundle.probabilities(some)).max() <= 1e-5
    assert np.allclose(model.embeddings(some), bundle.embeddings(some), atol=1e-5)
    seen = hangtag.open_bundle(network).embeddings(some)
    assert np.array_equal(model.points(some).astype(np.float32), seen)


def test_a_mixture_behind_a_network_is_still_looked_at_step_by_step(network, tmp_path):
    import onnx

    from hangtag.rooms.models.bundle.mixture_check import mixture_is_sound

    run = train("mixture", tmp_path / "run", features=f"network:{network.folder}")
    graph = onnx.load(run.bundle / "model.onnx").graph
    assert mixture_is_sound(graph, run.config.spec)
    graph.node.insert(0, onnx.helper.make_node("Reshape", ["pictures", "rows"], ["elsewhere"]))
    assert not mixture_is_sound(graph, run.config.spec), "no network of ours takes such a step"
    del graph.node[0]
    del graph.node[-2]
    assert not mixture_is_sound(graph, run.config.spec)


@pytest.mark.parametrize("name", FREE)
def test_principal_axes_have_two_names(name, tmp_path):
    one, other = (
        hangtag.train(
            "digits",
            model=name,
            limit=300,
            out=tmp_path / str(number),
            **{**ASKED.get(name, {}), **asked},
        )
        for number, asked in enumerate(({"pca": 9}, {"features": "pca:9"}))
    )
    assert hangtag.open_bundle(one).model_id == hangtag.open_bundle(other).model_id


def test_only_a_network_has_a_layer_to_see(tmp_path):
    forest = hangtag.train(
        "digits", model="forest", n_estimators=2, max_depths=2, limit=100, out=tmp_path / "f"
    )
    with pytest.raises(OptionError, match="is no network"):
        hangtag.train(
            "digits", model="linear", features=f"network:{forest.folder}", out=tmp_path / "run"
        )


def test_every_kind_is_exported_to_onnx_and_answers_as_its_bundle(run, tmp_path):
    found = hangtag.export(run, to="onnx", out=tmp_path / "model.onnx")
    names = {"images": np.zeros((2, *hangtag.open_bundle(run).preprocessing.picture_shape), "u1")}
    exec("\n".join(found.opening), names)
    assert names["about"]["class_names"] == list(hangtag.open_bundle(run).class_names)
    assert np.allclose(names["probabilities"].sum(axis=1), 1, atol=1e-5)
