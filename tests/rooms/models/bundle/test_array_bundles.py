"""Bundles of models that are no networks: what holds for forests and mixtures alike."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from hangtag.errors import BundleError, SpecError
from hangtag.rooms import models
from hangtag.rooms.models.bundle.read import read_bundle

SHAPES = ("full", "tied", "diagonal", "spherical")


@pytest.fixture(scope="module", params=["forest", "forest on axes", *SHAPES])
def given(request, forests, mixtures, small_forest):
    """A model, and a function that writes it as a bundle."""
    if request.param == "forest":
        return small_forest, forests.write
    if request.param == "forest on axes":
        return forests.grown(axes=forests.axes), forests.write
    return mixtures.fitted(request.param, axes=mixtures.axes), mixtures.write


@pytest.fixture
def place(given, tmp_path):
    """The bundle of the model, a folder."""
    model, write = given
    return write(tmp_path / "bundle", model)


def test_its_arrays_come_back(given, place):
    arrays, own = models.weights_from_bundle(place), given[0].arrays()
    assert arrays.keys() == own.keys()
    for name, array in own.items():
        assert arrays[name].dtype == array.dtype
        assert np.array_equal(arrays[name], array)


def test_facts_can_be_added_and_leave_the_id_alone(given, tmp_path):
    model, write = given
    file = write(tmp_path / "model.hangtag", model)
    before = models.open_bundle(file).model_id
    models.with_facts(file, {"metrics": {"test": 0.5}})
    assert models.open_bundle(file).model_id == before
    assert models.open_bundle(file).facts["metrics"] == {"test": 0.5}


def test_no_network_is_made_of_it(place):
    name = models.open_bundle(place).spec.name
    assert name in {"random-forest", "mixture"}
    with pytest.raises(BundleError, match=f"holds {name}, which is no network"):
        models.network_from_bundle(place)


def test_a_bit_changed_anywhere_in_a_folder_is_noticed(place):
    for part in ("manifest.json", "model.onnx", "weights.safetensors"):
        data = (place / part).read_bytes()
        for at in range(0, len(data), max(1, len(data) // 400)):
            changed = bytearray(data)
            changed[at] ^= 0x20
            (place / part).write_bytes(changed)
            with pytest.raises(BundleError):
                read_bundle(place)
        (place / part).write_bytes(data)
    read_bundle(place)


def test_classes_without_names_are_not_written(given, tmp_path):
    model, write = given
    with pytest.raises(SpecError, match="10 classes and 1 have names"):
        write(tmp_path / "bundle", model, class_names=("one",), class_codes=(1,))
    assert not (tmp_path / "bundle").exists()


def test_a_part_too_large_for_the_model_is_not_read(place, reseal):
    with (place / "model.onnx").open("r+b") as file:
        file.truncate(900_000_000)

    def grow(values):
        values["parts"]["model.onnx"]["size"] = 900_000_000

    reseal(place, grow)
    with pytest.raises(BundleError, match="too many for"):
        models.open_bundle(place)


def test_outside_data_is_refused(place, refusal, tmp_path):
    def edit(model):
        tensor = model.graph.initializer[0]
        onnx.external_data_helper.set_external_data(tensor, str(tmp_path / "secret"))
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL

    assert "takes data from other files" in refusal(place, edit)
