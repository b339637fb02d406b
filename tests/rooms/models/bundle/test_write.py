"""Writing a bundle is all or nothing, refuses what does not belong together, and repeats itself."""

import json
from dataclasses import replace
from zipfile import ZipFile

import numpy as np
import pytest

from hangtag.errors import BundleError, OptionError, SpecError
from hangtag.records import Score
from hangtag.rooms import models

FIXED = {"created": "2026-01-02T03:04:05+00:00"}


def _all(path):
    return {one.name: one.read_bytes() for one in sorted(path.iterdir())}


def test_a_folder_holds_the_three_parts_and_nothing_else(tiny, tmp_path):
    path = tiny.write(tmp_path / "bundle")
    assert path == tmp_path / "bundle"
    assert set(_all(path)) == {"manifest.json", "model.onnx", "weights.safetensors"}


def test_a_file_is_a_zip_that_any_tool_opens(tiny, tmp_path):
    path = tiny.write(tmp_path / "pets.hangtag")
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", "weights.safetensors", "model.onnx"]
        assert json.loads(archive.read("manifest.json"))["class_names"] == ["cat", "dog"]


def test_folder_and_file_hold_the_same_model(tiny, tmp_path):
    folder = tiny.write(tmp_path / "bundle", facts=FIXED)
    file = tiny.write(tmp_path / "bundle.hangtag", facts=FIXED)
    with ZipFile(file) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == _all(folder)
    assert models.open_bundle(folder).model_id == models.open_bundle(file).model_id


def test_the_manifest_says_what_the_model_is(tiny, tmp_path):
    score = Score(0.9, 0.88, 0.92, "Wilson", 1000)
    facts = {
        "data": {"name": "pets", "fingerprint": "f00d"},
        "metrics": {"test": {"accuracy": score}},
        "threshold": np.float32(0.5),
        "seed": np.int64(3),
    }
    path = tiny.write(tmp_path / "bundle", facts=facts)
    told = json.loads((path / "manifest.json").read_text())
    assert told["schema"] == 1
    assert told["architecture"] == tiny.spec.to_dict()
    assert told["preprocessing"]["picture_shape"] == [4, 4, 1]
    assert (told["class_names"], told["class_codes"]) == (["cat", "dog"], [0, 7])
    assert told["facts"]["metrics"]["test"]["accuracy"]["low"] == 0.88
    assert told["facts"]["threshold"] == 0.5
    assert told["facts"]["seed"] == 3
    assert {"keras", "jax", "onnx", "onnxruntime", "hangtag"} <= set(told["libraries"])
    assert told["created"].endswith("+00:00")
    assert told["parts"]["model.onnx"]["size"] == (path / "model.onnx").stat().st_size


def test_writes_the_same_bytes_again_but_for_the_date(tiny, tmp_path):
    one = tiny.write(tmp_path / "one.hangtag", facts=FIXED)
    other = tiny.write(tmp_path / "other.hangtag", facts=FIXED)
    assert one.read_bytes() == other.read_bytes()
    later = tiny.write(tmp_path / "later.hangtag")
    assert models.open_bundle(later).model_id == models.open_bundle(one).model_id


def test_the_id_changes_with_anything_the_answers_depend_on(tiny, tmp_path):
    def identity(network=tiny.network, preprocessing=tiny.preprocessing, names=("cat", "dog")):
        path = models.write_bundle(
            tmp_path / "bundle",
            network,
            tiny.spec,
            preprocessing,
            class_names=names,
            class_codes=(0, 7),
            facts={},
        )
        return models.open_bundle(path).model_id

    names = {
        identity(),
        identity(network=models.build(tiny.spec, seed=2)),
        identity(preprocessing=replace(tiny.preprocessing, scale=1 / 128)),
        identity(names=("cat", "cow")),
    }
    assert len(names) == 4
    assert all(name.startswith("tiny-") for name in names)


def test_replaces_a_bundle_that_is_there(tiny, tmp_path):
    path = tiny.write(tmp_path / "bundle", facts={"seed": 1})
    tiny.write(path, facts={"seed": 2})
    assert models.open_bundle(path).facts["seed"] == 2
    assert [one.name for one in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("name", ["holiday", "holiday.hangtag"])
def test_leaves_a_folder_alone_that_is_not_a_bundle(tiny, tmp_path, name):
    (tmp_path / name).mkdir()
    (tmp_path / name / "beach.jpg").write_bytes(b"sand")
    with pytest.raises(BundleError, match="is there already and is not a bundle"):
        tiny.write(tmp_path / name)
    assert _all(tmp_path / name) == {"beach.jpg": b"sand"}


def test_leaves_a_file_alone_where_a_folder_was_asked_for(tiny, tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(BundleError, match="is there already"):
        tiny.write(tmp_path / "notes")
    assert (tmp_path / "notes").read_text() == "mine"


@pytest.mark.parametrize("name", ["bundle", "bundle.hangtag"])
def test_writes_nothing_when_the_model_would_answer_differently(tiny, tmp_path, name, monkeypatch):
    from hangtag.rooms.models import onnx_writer

    path = tiny.write(tmp_path / name)
    before = models.open_bundle(path).model_id
    honest = onnx_writer.onnx_model

    def wrong(spec, weights, preprocessing):
        return honest(spec, weights, replace(preprocessing, scale=preprocessing.scale * 2))

    monkeypatch.setattr(onnx_writer, "onnx_model", wrong)
    for place in (path, tmp_path / f"new-{name}"):
        with pytest.raises(BundleError, match="answers differently"):
            tiny.write(place)
    assert models.open_bundle(path).model_id == before
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_writes_nothing_when_the_weights_are_not_finite(tiny, tmp_path):
    network = models.build(tiny.spec, seed=0)
    network.layers[1].bias.assign([0, np.nan, 0])
    with pytest.raises(BundleError, match="not finite, in dense_1/bias") as caught:
        models.write_bundle(
            tmp_path / "bundle",
            network,
            tiny.spec,
            tiny.preprocessing,
            class_names=("cat", "dog"),
            class_codes=(0, 7),
            facts={},
        )
    assert "smaller learning rate" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_layer_that_computes_something_else_is_noticed(tmp_path, whole):
    import keras

    class Louder(keras.layers.Dense):
        def call(self, inputs, training=None):
            return super().call(inputs * 2)

    layers = [keras.layers.Flatten(), Louder(4), keras.layers.Dense(2, activation="softmax")]
    network = keras.Sequential([keras.Input((4, 4, 1)), *layers], name="louder")
    with pytest.raises(BundleError, match="answers differently") as caught:
        models.write_bundle(
            tmp_path / "bundle",
            network,
            models.spec_of(network),
            whole(4, 4),
            class_names=("cat", "dog"),
            class_codes=(0, 1),
            facts={},
        )
    assert "a layer with a call of its own" in caught.value.hint


@pytest.mark.parametrize(
    ("names", "codes", "words"),
    [
        (("cat", "dog", "cow"), (0, 1, 2), "ends in 2 classes and the images have 3"),
        (("cat", "cat"), (0, 1), "each one once"),
        (("cat", ""), (0, 1), "must be words"),
        (("cat", "dog"), (0,), "2 class names and 1 class codes"),
        (("cat", "dog"), (0, 1.5), "class codes"),
    ],
)
def test_classes_that_do_not_fit_are_refused(tiny, tmp_path, names, codes, words):
    with pytest.raises(SpecError, match=words):
        tiny.write(tmp_path / "bundle", class_names=names, class_codes=codes)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rows": (0, 3)}, r"takes images of 4×4×1 and the preprocessing gives 3×4×1"),
        ({"rows": (0, 5)}, "cannot be cropped"),
        ({"columns": (4, 0)}, "cannot be cropped"),
        ({"deviation": (0.0,)}, "cannot be scaled"),
        ({"mean": (0.1, 0.2)}, "cannot be scaled"),
    ],
)
def test_preprocessing_that_does_not_fit_is_refused(tiny, tmp_path, change, words):
    with pytest.raises(SpecError, match=words):
        models.write_bundle(
            tmp_path / "bundle",
            tiny.network,
            tiny.spec,
            replace(tiny.preprocessing, **change),
            class_names=("cat", "dog"),
            class_codes=(0, 7),
            facts={},
        )
    assert not list(tmp_path.iterdir())


def test_numbers_of_numpy_are_kept_as_plain_ones(tiny, tmp_path):
    fitted = replace(tiny.preprocessing, rows=(np.int64(0), np.int64(4)), mean=(np.float32(0.25),))
    path = models.write_bundle(
        tmp_path / "bundle",
        tiny.network,
        tiny.spec,
        fitted,
        class_names=("cat", "dog"),
        class_codes=(0, 7),
        facts={"counts": np.arange(3), "classes": {"cat": (1, 2)}},
    )
    bundle = models.open_bundle(path)
    assert bundle.preprocessing == fitted
    assert bundle.facts == {"counts": [0, 1, 2], "classes": {"cat": [1, 2]}}


@pytest.mark.parametrize("fact", [float("nan"), float("inf"), object(), b"bytes", {"a": 1j}])
def test_a_fact_that_json_cannot_hold_is_refused(tiny, tmp_path, fact):
    with pytest.raises(OptionError, match="the fact 'odd"):
        tiny.write(tmp_path / "bundle", facts={"odd": fact})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("threshold", [-0.1, 1.5, "half", True])
def test_a_threshold_that_is_no_probability_is_refused(tiny, tmp_path, threshold):
    with pytest.raises(OptionError, match="the threshold for"):
        tiny.write(tmp_path / "bundle", facts={"threshold": threshold})


@pytest.mark.parametrize("name", ["bundle", "bundle.hangtag"])
def test_facts_are_added_later_without_touching_the_model(tiny, tmp_path, name):
    path = tiny.write(tmp_path / name, facts={"seed": 1, "threshold": None})
    before = models.open_bundle(path)
    models.with_facts(path, {"threshold": 0.75, "metrics": {"accuracy": 0.9}})
    after = models.open_bundle(path)
    assert after.facts == {"seed": 1, "threshold": 0.75, "metrics": {"accuracy": 0.9}}
    assert (before.threshold, after.threshold) == (None, 0.75)
    assert after.model_id == before.model_id
    assert after.manifest.created == before.manifest.created
    with pytest.raises(OptionError):
        models.with_facts(path, {"threshold": 2})
    assert models.open_bundle(path).threshold == 0.75
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_facts_are_not_added_to_a_damaged_bundle(tiny, tmp_path):
    path = tiny.write(tmp_path / "bundle")
    (path / "model.onnx").write_bytes(b"x" * (path / "model.onnx").stat().st_size)
    before = _all(path)
    with pytest.raises(BundleError, match=r"model\.onnx of .* is damaged"):
        models.with_facts(path, {"threshold": 0.5})
    assert _all(path) == before
