"""Weights out of a PyTorch checkpoint, as data: bytes go in, arrays by name come out, nothing runs.

Such a file is a program for Python's pickle machine, which can call any function there is. Here its
instructions are read one by one and only those are carried out that a table of tensors needs; the
four names that it may ask for stand for inert values. What else it holds ends in an error.

The older of the two formats, that of 2020, is read: five pickles one after another (a magic number,
a version, facts of the machine, the table, the order of the storages), then each storage as its
number of elements, int64, and its elements.
"""

from __future__ import annotations

import math
import pickletools  # tells what a pickle would do, and does nothing of it
import warnings
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import FormatError

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
DTYPES: dict[str, np.dtype[Any]] = {
    "torch FloatStorage": np.dtype("<f4"),
    "torch LongStorage": np.dtype("<i8"),
}
TABLE = "collections OrderedDict"
REBUILD = "torch._utils _rebuild_tensor_v2"
NAMES = frozenset({TABLE, REBUILD, *DTYPES})
"""The only names that a table of tensors needs."""

_MARK = object()


def arrays(data: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a checkpoint by their names.

    Args:
        data: The whole file.

    Returns:
        float32 or int64 arrays, in the order of the file.

    Raises:
        FormatError: It is no such checkpoint, is cut off, or holds more than tensors.
    """
    file = BytesIO(data)
    try:
        with warnings.catch_warnings():
            # Texts with odd escapes, which no table of tensors has, are refused and not warned of.
            warnings.simplefilter("ignore", DeprecationWarning)
            # A machine each: a pickle's memo must not name what another pickle has left.
            magic, version, _, table, order = (_Machine().run(file) for _ in range(5))
        if magic != MAGIC or version != VERSION or not isinstance(table, dict):
            raise FormatError("is no checkpoint of tensors")
        storages = _storages(file, order, table)
        return {str(name): _array(one, storages) for name, one in table.items()}
    except FormatError:
        raise
    # What is damaged fails in any of these ways; none of them has done anything.
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise FormatError(f"is a damaged checkpoint ({type(error).__name__})") from None


class _Tensor:
    """What a table says of one tensor: its storage, and where in it, in elements."""

    def __init__(self, storage: tuple[Any, ...], offset: int, shape: Any, strides: Any) -> None:  # noqa: ANN401
        _, self.kind, self.key, *_ = storage
        self.offset, self.shape, self.strides = offset, tuple(shape), tuple(strides)


def _storages(file: BytesIO, order: Any, table: Any) -> dict[str, NDArray[Any]]:  # noqa: ANN401
    # A storage's type stands in the tensors that use it; storages that no tensor uses are not read,
    # and end in a KeyError.
    kinds = {one.key: DTYPES[one.kind] for one in table.values()}
    found = {}
    for key in order:
        # The length is the file's own claim: what is read is compared with it, and nothing is
        # allocated by it alone.
        length = int.from_bytes(file.read(8), "little", signed=True)
        size = length * kinds[key].itemsize
        values = file.read(max(size, 0))
        if len(values) != size:  # of less than nothing, too
            raise FormatError("is a checkpoint that is cut off")
        found[key] = np.frombuffer(values, kinds[key])
    return found


def _array(one: _Tensor, storages: dict[str, NDArray[Any]]) -> NDArray[Any]:
    storage = storages[one.key]
    # The last element that the shape reaches must lie in the storage: as_strided would read beyond.
    last = one.offset + sum((n - 1) * s for n, s in zip(one.shape, one.strides, strict=True))
    beyond = last >= len(storage) or math.prod(one.shape) > len(storage)
    if min((one.offset, *one.shape, *one.strides)) < 0 or beyond:
        raise FormatError("is a checkpoint whose tensors reach beyond its data")
    strides = tuple(step * storage.itemsize for step in one.strides)
    view = np.lib.stride_tricks.as_strided(storage[one.offset :], one.shape, strides)
    return np.array(view)


class _Machine:
    """The part of the pickle machine that builds dictionaries, tuples, numbers and texts."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, file: BytesIO) -> Any:  # noqa: ANN401 - whatever the pickle holds
        """Carry out one pickle and give what it leaves."""
        for opcode, argument, _ in pickletools.genops(file):
            if opcode.name == "STOP":
                return self._stack.pop()
            if opcode.name in _VALUES:
                self._stack.append(_VALUES[opcode.name](argument))
            # A table of what is allowed and no list of what is not: an instruction that nobody
            # thought of is refused.
            elif opcode.name in _STEPS:
                _STEPS[opcode.name](self, argument)
            else:
                raise FormatError(f"holds more than tensors ({opcode.name})")
        raise FormatError("is a checkpoint that is cut off")

    def name(self, argument: str) -> None:
        if argument not in NAMES:
            raise FormatError(f"holds more than tensors ({argument.replace(' ', '.')})")
        self._stack.append(argument)

    def call(self, _: object) -> None:
        """Stand for a call of one of the two names that are called."""
        given, called = self._stack.pop(), self._stack.pop()
        if called == TABLE and given == ():
            self._stack.append({})
        elif called == REBUILD:
            # The rest says whether gradients are wanted and which hooks run; nothing is computed
            # here.
            storage, offset, shape, strides, *_rest = given
            self._stack.append(_Tensor(storage, offset, shape, strides))
        else:
            raise FormatError("holds more than tensors (a call)")

    def storage(self, _: object) -> None:
        """A storage is named by its kind and key; the tuple is all there is to it."""
        if not isinstance(self._stack[-1], tuple) or self._stack[-1][0] != "storage":
            raise FormatError("holds more than tensors (a reference)")

    def attributes(self, _: object) -> None:
        """Attributes of the table say which version wrote it; nothing depends on them."""
        self._stack.pop()

    def keep(self, number: int) -> None:
        self._memo[number] = self._stack[-1]

    def recall(self, number: int) -> None:
        self._stack.append(self._memo[number])

    def mark(self, _: object) -> None:
        self._stack.append(_MARK)

    def since_mark(self) -> list[Any]:
        # By identity: a value in the file can equal anything, and only our own object is a mark.
        at = max(place for place, one in enumerate(self._stack) if one is _MARK)
        found = self._stack[at + 1 :]
        del self._stack[at:]
        return found

    def several(self, _: object) -> None:
        self._stack.append(tuple(self.since_mark()))

    def pair(self, _: object) -> None:
        second, first = self._stack.pop(), self._stack.pop()
        self._stack.append((first, second))

    def single(self, _: object) -> None:
        self._stack.append((self._stack.pop(),))

    def append(self, _: object) -> None:
        found = self.since_mark()
        self._stack[-1].extend(found)

    def item(self, _: object) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._stack[-1][key] = value

    def items(self, _: object) -> None:
        found = self.since_mark()
        self._stack[-1].update(zip(found[::2], found[1::2], strict=True))


_VALUES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"), lambda argument: argument
    ),
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_TUPLE": lambda _: (),
    "EMPTY_LIST": lambda _: [],
    "EMPTY_DICT": lambda _: {},
}
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda _, __: None,
    "GLOBAL": _Machine.name,
    "REDUCE": _Machine.call,
    "BINPERSID": _Machine.storage,
    "BUILD": _Machine.attributes,
    "BINPUT": _Machine.keep,
    "LONG_BINPUT": _Machine.keep,
    "BINGET": _Machine.recall,
    "LONG_BINGET": _Machine.recall,
    "MARK": _Machine.mark,
    "TUPLE": _Machine.several,
    "TUPLE1": _Machine.single,
    "TUPLE2": _Machine.pair,
    "APPENDS": _Machine.append,
    "SETITEM": _Machine.item,
    "SETITEMS": _Machine.items,
}
