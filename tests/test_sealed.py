"""What was sealed comes back as it was, or not at all."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from hangtag import sealed

VALUES = {"score": 0.5, "name": "é", "rows": [1, 2, {"deep": None}]}
ARRAYS = {"one": np.arange(6).reshape(2, 3), "two": np.array([0.25], np.float32)}


def test_values_come_back_and_are_json_to_anyone():
    data = sealed.to_json(VALUES, "of")
    assert sealed.from_json(data, "of") == VALUES
    assert json.loads(data)["score"] == 0.5


def test_arrays_come_back_and_are_an_npz_to_anyone(tmp_path):
    data = sealed.to_arrays({"a": 1}, ARRAYS, "of")
    facts, arrays = sealed.from_arrays(data, "of")
    assert facts == {"a": 1}
    assert all(np.array_equal(arrays[name], one) for name, one in ARRAYS.items())
    (tmp_path / "x.npz").write_bytes(data)
    with np.load(tmp_path / "x.npz") as archive:
        assert archive["one"].tolist() == ARRAYS["one"].tolist()


@pytest.mark.parametrize("made", ["json", "arrays"])
def test_no_bit_can_flip_unnoticed(made):
    if made == "json":
        data, read = sealed.to_json(VALUES, "of"), sealed.from_json
    else:
        data, read = sealed.to_arrays({"a": 1}, ARRAYS, "of"), sealed.from_arrays
    draw = random.Random(0)
    for place in {*draw.sample(range(len(data)), 60), *range(len(data) - 80, len(data))}:
        changed = bytearray(data)
        changed[place] ^= 1 << draw.randrange(8)
        with pytest.raises(sealed.DamageError):
            read(bytes(changed), "of")


def test_what_belongs_to_something_else_is_refused():
    with pytest.raises(sealed.DamageError, match="checksum"):
        sealed.from_json(sealed.to_json(VALUES, "one run"), "another run")


def test_an_edited_number_is_refused_however_it_is_written():
    data = sealed.to_json(VALUES, "of")
    for edited in (data.replace(b"0.5", b"0.9"), json.dumps(json.loads(data)).encode()):
        for must in (True, False):
            with pytest.raises(sealed.DamageError, match="changed"):
                sealed.from_json(edited, "of", must=must)


def test_without_a_checksum_only_older_files_open():
    data = json.dumps(VALUES).encode()
    assert sealed.from_json(data, "of", must=False) == VALUES
    with pytest.raises(sealed.DamageError, match="lost its checksum"):
        sealed.from_json(data, "of")
