"""A checkpoint is read as data: nothing in it runs, and nothing beyond its bytes is read."""

import pickle
import struct
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hangtag.errors import FormatError
from hangtag.rooms.encode import checkpoint


class Named:
    """Pickled as a global of torch, which is not here."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Tensor:
    def __init__(self, key, offset, shape, strides, kind="FloatStorage", size=None):
        self.given = (key, offset, shape, strides, kind, size)


class Writer(pickle._Pickler):
    """Writes what PyTorch of 2020 wrote, without it; in Python, so that names can be made up."""

    def save(self, obj, *rest, **more):
        if isinstance(obj, Named):
            self.write(b"c" + obj.module.encode() + b"\n" + obj.name.encode() + b"\n")
        elif isinstance(obj, Tensor):
            key, offset, shape, strides, kind, size = obj.given
            self.save(Named("torch._utils", "_rebuild_tensor_v2"))
            self.write(b"(")
            self.save(("storage", Named("torch", kind), key, "cpu", size, None))
            self.write(b"Q")
            for one in (offset, shape, strides, False, OrderedDict()):
                self.save(one)
            self.write(b"tR")
        else:
            super().save(obj, *rest, **more)


def written(table, storages):
    import io

    file = io.BytesIO()
    for value in (
        checkpoint.MAGIC, checkpoint.VERSION, {"little_endian": True}, table, list(storages),
    ):  # fmt: skip
        Writer(file, protocol=2).dump(value)
    for values in storages.values():
        file.write(struct.pack("<q", len(values)) + values.tobytes())
    return file.getvalue()


def plain(table=None):
    storages = {"1": np.arange(6, dtype=np.float32), "2": np.array([7], np.int64)}
    found = table or OrderedDict(
        rows=Tensor("1", 0, (2, 3), (3, 1)),
        columns=Tensor("1", 0, (3, 2), (1, 3)),
        tail=Tensor("1", 4, (2,), (1,)),
        count=Tensor("2", 0, (), (), "LongStorage"),
    )
    return written(found, storages)


def test_tensors_come_out_with_their_shapes_strides_and_types():
    found = checkpoint.arrays(plain())
    assert list(found) == ["rows", "columns", "tail", "count"]
    assert found["rows"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert found["columns"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert found["tail"].tolist() == [4, 5]
    assert found["count"] == 7
    assert found["rows"].dtype == np.float32


@pytest.mark.parametrize(
    "tensor",
    [
        Tensor("1", 5, (2,), (1,)),
        Tensor("1", 0, (7,), (1,)),
        Tensor("1", 0, (2, 3), (4, 1)),
        Tensor("1", -1, (2,), (1,)),
        Tensor("1", 5, (3,), (-1,)),
        Tensor("3", 0, (1,), (1,)),
        Tensor("1", 0, (2**40,), (0,)),
    ],
)
def test_a_tensor_that_reaches_beyond_its_data_is_refused(tensor):
    with pytest.raises(FormatError):
        checkpoint.arrays(plain(OrderedDict(one=tensor)))


class Runs:
    def __reduce__(self):
        return (print, ("it runs",))


@pytest.mark.parametrize("bad", [Runs(), Named("os", "system"), Named("builtins", "eval")])
def test_what_would_run_something_is_refused_and_does_not_run(bad, capsys):
    with pytest.raises(FormatError, match="more than tensors"):
        checkpoint.arrays(plain(OrderedDict(one=Tensor("1", 0, (1,), (1,)), two=bad)))
    assert capsys.readouterr().out == ""


@given(st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_a_damaged_checkpoint_is_a_sentence_or_other_numbers(place, value):
    data = bytearray(plain())
    data[place % len(data)] = value
    try:
        checkpoint.arrays(bytes(data))
    except FormatError as error:
        assert "\n" not in error.message


@given(st.binary(max_size=200))
def test_what_is_no_checkpoint_is_refused(data):
    with pytest.raises(FormatError):
        checkpoint.arrays(data)


def test_a_checkpoint_that_is_cut_off_is_refused():
    data = plain()
    for size in range(0, len(data), 7):
        with pytest.raises(FormatError):
            checkpoint.arrays(data[:size])


def test_a_text_with_an_odd_escape_is_refused_without_a_warning():
    with pytest.raises(FormatError):
        checkpoint.arrays(b"S'\\d'\n.")
