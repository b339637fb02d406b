"""Trees go in, a file of named arrays comes out, and back: what is opened is checked first.

A file is a zip of ``.npy`` arrays, one of them the text of a JSON object; nothing in it can run.
Sizes are compared with the bytes that are there before anything is allocated.
"""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import FormatError
from hangtag.records import Trees
from hangtag.records.forest import LEAF

_ARRAYS = {
    "starts": np.int64,
    "features": np.int32,
    "thresholds": np.float32,
    "lefts": np.int32,
    "rights": np.int32,
    "shares_at": np.int64,
    "classes": np.int32,
    "shares": np.float64,
}
# Files and bundles keep the names that they have always had.
_FIELDS = {"starts": "tree_offsets", "lefts": "left_children", "rights": "right_children"}


_MOST_TIMES = 100  # larger than the file its arrays cannot be: trees shrink to a fifth or so
_MOST_SMALL = 1_000_000
_FACTS = "facts"
# What zipfile and NumPy raise for a file that is not whole or not ours.
_BROKEN = (
    OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
    struct.error,
)  # fmt: skip


def write_arrays(place: Path, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write a JSON object and arrays as one file, all of it or nothing."""
    buffer = BytesIO()
    text = np.frombuffer(json.dumps(facts, allow_nan=False).encode(), np.uint8)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, array in {_FACTS: text, **arrays}.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
    return atomic.write_bytes(place, buffer.getvalue())


def read_arrays(place: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What :func:`write_arrays` wrote.

    Raises:
        FormatError: The file is absent or damaged.
    """
    try:
        with zipfile.ZipFile(place) as archive:
            whole = sum(one.file_size for one in archive.infolist())
            if whole > max(_MOST_SMALL, _MOST_TIMES * place.stat().st_size):
                raise _damaged(place)
            arrays = {
                one.filename.removesuffix(".npy"): _array(archive, one)
                for one in archive.infolist()
            }
        facts = json.loads(arrays.pop(_FACTS).tobytes())
    except _BROKEN as error:
        raise _damaged(place) from error
    if not isinstance(facts, dict):
        raise _damaged(place)
    return facts, arrays


def _array(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> NDArray[Any]:
    if one.compress_type != zipfile.ZIP_DEFLATED:
        raise ValueError("compression")
    with archive.open(one) as member:
        data = member.read()  # to the end, where the checksum is compared
    file = BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError("version")
    shape, _, kind = np.lib.format.read_array_header_1_0(file)
    if kind.hasobject or kind.itemsize * int(np.prod(shape)) != len(data) - file.tell():
        raise ValueError("size")
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape)


def _damaged(place: Path) -> FormatError:
    return FormatError(
        f"{place} is no forest, or damaged", "grow the forest again, or restore the file"
    )


def trees_to_arrays(trees: Trees) -> dict[str, NDArray[Any]]:
    """Everything trees are, by name."""
    arrays = {name: getattr(trees, _FIELDS.get(name, name)) for name in _ARRAYS}
    return {**arrays, "sizes": np.array([trees.n_classes, trees.n_features])}


def trees_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> Trees:
    """The trees again.

    Raises:
        FormatError: The arrays are not those of trees: a number points to nothing, or a tree has
            no way to an answer.
    """
    try:
        sizes = arrays["sizes"]
        if sizes.shape != (2,) or sizes.dtype != np.int64:
            raise _wrong("sizes")
        for name, kind in _ARRAYS.items():
            if arrays[name].ndim != 1 or arrays[name].dtype != kind:
                raise _wrong(name)
    except KeyError as error:
        raise _wrong(str(error.args[0])) from None
    values: dict[str, Any] = {_FIELDS.get(name, name): arrays[name] for name in _ARRAYS}
    trees = Trees(**values, n_classes=int(sizes[0]), n_features=int(sizes[1]))
    for wrong, name in _checks(trees):
        if wrong:
            raise _wrong(name)
    return trees


def _checks(trees: Trees) -> list[tuple[bool, str]]:
    nodes, entries = len(trees.features), len(trees.shares)
    same = len(trees.thresholds) == len(trees.left_children) == len(trees.right_children) == nodes
    if not same or len(trees.shares_at) != nodes + 1 or len(trees.classes) != entries:
        return [(True, "lengths")]
    if not _rising(trees.tree_offsets, nodes, strictly=True):
        return [(True, "starts")]
    asks = np.flatnonzero(trees.features != LEAF)
    tree = np.searchsorted(trees.tree_offsets, asks, side="right") - 1
    own, size = asks - trees.tree_offsets[tree], np.diff(trees.tree_offsets)[tree]
    features, classes = trees.features[asks], trees.classes
    answers = np.diff(trees.shares_at)
    return [
        (trees.n_classes < 1 or trees.n_features < 1, "sizes"),
        (not _within(features, trees.n_features), "features"),
        (not _within(classes, trees.n_classes), "classes"),
        (not _rising(trees.shares_at, entries, strictly=False), "shares_at"),
        # Children come after their parents, so that every way through a tree ends.
        (
            bool(((trees.left_children[asks] <= own) | (trees.left_children[asks] >= size)).any()),
            "lefts",
        ),
        (
            bool(
                ((trees.right_children[asks] <= own) | (trees.right_children[asks] >= size)).any()
            ),
            "rights",
        ),
        (bool((answers[trees.features == LEAF] < 1).any()), "leaves"),
        (not np.isfinite(trees.thresholds).all(), "thresholds"),
        (not bool(((trees.shares > 0) & (trees.shares <= 1)).all()), "shares"),
    ]


def _rising(values: NDArray[np.int64], last: int, *, strictly: bool) -> bool:
    if len(values) < 2 or values[0] != 0 or values[-1] != last:
        return False
    return bool((np.diff(values) >= int(strictly)).all())


def _within(values: NDArray[np.int32], limit: int) -> bool:
    return bool(((values >= 0) & (values < limit)).all())


def _wrong(name: str) -> FormatError:
    return FormatError(
        f"the trees are damaged: their {name} cannot be", "grow the forest again, or restore it"
    )
