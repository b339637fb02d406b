"""A bundle with one changed byte, or made to harm, is refused with a sentence and never run."""

import json
import os
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hangtag.errors import BundleError
from hangtag.rooms import models
from hangtag.rooms.models.bundle.container import pack
from hangtag.rooms.models.bundle.read import read_bundle


def refusal(path):
    with pytest.raises(BundleError) as caught:
        models.open_bundle(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


def test_every_single_byte_of_a_file_is_watched(tiny, tmp_path):
    path = tiny.write(tmp_path / "pets.hangtag")
    data = path.read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        with pytest.raises(BundleError):
            read_bundle(path)


@pytest.mark.parametrize("part", ["manifest.json", "model.onnx", "weights.safetensors"])
def test_every_single_byte_of_a_folder_is_watched(tiny, tmp_path, part):
    path = tiny.write(tmp_path / "bundle")
    data = (path / part).read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 0x20  # which turns letters into capitals and spaces into nothing
        (path / part).write_bytes(changed)
        with pytest.raises(BundleError):
            read_bundle(path)


@pytest.mark.parametrize("part", ["manifest.json", "model.onnx", "weights.safetensors"])
def test_a_missing_or_cut_part_is_named(tiny, tmp_path, part):
    path = tiny.write(tmp_path / "bundle")
    whole = (path / part).read_bytes()
    (path / part).write_bytes(whole[:-1])
    assert "manifest" in refusal(path).message
    (path / part).unlink()
    assert part in refusal(path).message


@pytest.mark.parametrize("end", [0, 1, 3, 10, 200, -1])
def test_a_cut_file_is_refused(tiny, tmp_path, end):
    path = tiny.write(tmp_path / "pets.hangtag")
    path.write_bytes(path.read_bytes()[:end])
    assert str(path) in refusal(path).message


def test_a_longer_file_is_refused(tiny, tmp_path):
    path = tiny.write(tmp_path / "pets.hangtag")
    path.write_bytes(path.read_bytes() + b"\0")
    assert "holds more than its parts" in refusal(path).message


def test_a_place_without_a_bundle_is_named(tmp_path):
    assert "there is no bundle at" in refusal(tmp_path / "nothing").message
    assert "it has no manifest.json" in refusal(tmp_path).message
    (tmp_path / "notes.txt").write_text("hello")
    assert "it is no zip of a model" in refusal(tmp_path / "notes.txt").message


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/evil", "extra.txt", "model.onnx"])
def test_a_zip_with_anything_else_in_it_is_refused_and_nothing_is_unpacked(tiny, tmp_path, name):
    path = tiny.write(tmp_path / "in" / "pets.hangtag")
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for one, data in [*parts.items(), (name + ("" if "." in name else ".py"), b"print(1)")]:
            archive.writestr(zipfile.ZipInfo(one), data) if one not in archive.namelist() else None
        if name == "model.onnx":
            archive.comment = b"more"
    path.write_bytes(packed.getvalue())
    refusal(path)
    assert [one.name for one in tmp_path.rglob("*")] == ["in", "pets.hangtag"]


def test_a_part_that_is_no_plain_file_is_refused(tiny, tmp_path):
    path = tiny.write(tmp_path / "bundle")
    (path / "model.onnx").unlink()
    os.mkfifo(path / "model.onnx")
    assert "is not a plain file" in refusal(path).message
    (path / "model.onnx").unlink()
    (path / "model.onnx").mkdir()
    assert "is not a plain file" in refusal(path).message


def test_a_size_is_checked_before_the_part_is_read(tiny, tmp_path):
    path = tiny.write(tmp_path / "bundle")
    with (path / "model.onnx").open("r+b") as file:
        file.truncate(1 << 40)  # takes no room on the disk
    assert "1,099,511,627,776 bytes where its manifest says" in refusal(path).message
    with (path / "manifest.json").open("r+b") as file:
        file.truncate(1 << 40)
    assert "more than 4,194,304" in refusal(path).message


def test_a_part_too_large_for_its_network_is_not_read(tiny, tmp_path, reseal):
    path = tiny.write(tmp_path / "bundle")

    def grow(values):
        values["parts"]["weights.safetensors"]["size"] = 900_000_000

    with (path / "weights.safetensors").open("r+b") as file:
        file.truncate(900_000_000)
    reseal(path, grow)
    assert "too many for 59 parameters" in refusal(path).message


def test_a_newer_schema_is_told_apart_from_damage(tiny, tmp_path, reseal):
    path = tiny.write(tmp_path / "bundle")
    reseal(path, lambda values: values.update(schema=6))
    error = refusal(path)
    assert "has schema 6; this Hangtag reads up to 5" in error.message
    assert "pip install --upgrade" in error.hint


@pytest.mark.parametrize("schema", [0, -1, "1", None, True, 1.0])
def test_a_schema_that_never_was_is_refused(tiny, tmp_path, reseal, schema):
    path = tiny.write(tmp_path / "bundle")
    reseal(path, lambda values: values.update(schema=schema))
    refusal(path)


def _set(*keys):
    *way, last = keys[:-1]

    def edit(values):
        for key in way:
            values = values[key]
        values[last] = keys[-1]

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        _set("model_id", "tiny-000000000000"),
        _set("class_names", ["cat"]),
        _set("class_names", ["cat", 3]),
        _set("class_codes", [1]),
        _set("parts", {}),
        _set("parts", "../../etc/passwd", {"size": 1, "sha256": "00"}),
        _set("parts", "model.onnx", "size", -1),
        _set("parts", "model.onnx", "size", 1 << 60),
        _set("parts", "model.onnx", "size", "9"),
        _set("preprocessing", "picture_shape", [4000000, 4000000, 1]),
        _set("preprocessing", "deviation", [0.0]),
        _set("preprocessing", "rows", [0, 99]),
        _set("preprocessing", "more", 1),
        _set("architecture", "layers", []),
        _set("architecture", "layers", 0, "layer", "Lambda"),
        _set("architecture", "layers", 1, "units", 60000),
        _set("architecture", "input_shape", [60000, 60000, 60000]),
        _set("architecture", "name", "../../evil"),
        _set("facts", "threshold", 7),
        _set("facts", None),
        _set("extra", 1),
    ],
)
def test_a_manifest_that_lies_with_all_hashes_right_is_refused(tiny, tmp_path, reseal, edit):
    path = tiny.write(tmp_path / "bundle")
    reseal(path, edit)
    refusal(path)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b'{"schema": NaN}', b"\xff\xfe", b"[" * 100_000, b'"\\ud800"'],
)
def test_a_manifest_that_is_no_manifest_is_refused(tiny, tmp_path, text):
    path = tiny.write(tmp_path / "bundle")
    (path / "manifest.json").write_bytes(text)
    assert "manifest" in refusal(path).message


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@pytest.fixture(scope="session")
def whole_manifest(tiny, tmp_path_factory):
    path = tiny.write(tmp_path_factory.mktemp("lies") / "bundle")
    return path, json.loads((path / "manifest.json").read_text())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_the_manifest_is_refused_or_harmless(data, whole_manifest, reseal):
    path, told = whole_manifest
    (path / "manifest.json").write_text(json.dumps(told))

    def edit(values):
        place = values
        while isinstance(place, dict | list) and len(place):
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
                place[key] = data.draw(json_values)
                return
            place = place[key]

    try:
        reseal(path, edit)
        bundle = models.open_bundle(path)
    except UnicodeEncodeError:
        return
    except BundleError as error:
        assert "\n" not in error.message
        return
    assert bundle.probabilities(np.zeros((2, 4, 4, 1), np.uint8)).shape == (2, 2)


@given(data=st.binary(max_size=300))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_refused(data, tmp_path):
    path = tmp_path / "any.hangtag"
    for head in (b"", b"PK\3\4"):
        path.write_bytes(head + data)
        refusal(path)


def test_any_three_parts_are_refused(tmp_path):
    path = tmp_path / "any.hangtag"
    names = ("manifest.json", "weights.safetensors", "model.onnx")
    path.write_bytes(pack(dict.fromkeys(names, b"{}")))
    assert "manifest" in refusal(path).message
