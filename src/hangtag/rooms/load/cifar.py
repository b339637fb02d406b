"""CIFAR-10's and CIFAR-100's binary version: records of one or two labels and 3,072 values.

One ``.bin`` file, or the folder they come in: ``data_batch_1.bin`` … ``test_batch.bin`` with
``batches.meta.txt``, or ``train.bin test.bin`` with ``fine_label_names.txt``. The values are
planar: all red, all green, all blue. Of CIFAR-100's two labels the fine one is taken, unless
``--label coarse`` is said.
Source: the data set's own page, https://www.cs.toronto.edu/~kriz/cifar.html, "binary version".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hangtag.errors import FormatError, OptionError
from hangtag.records import LoadOptions
from hangtag.rooms.load.base import Claim, Evidence, LoadRequest, Method
from hangtag.rooms.load.parts import ranges
from hangtag.rooms.load.raw import Raw, check_memory

SIDE = 32
VALUES = 3 * SIDE * SIDE


@dataclass(frozen=True)
class _Kind:
    """One of the two sets: its labels in a record, their files of names, its files by part."""

    title: str
    labels: tuple[str, ...]
    n_classes: tuple[int, ...]
    names: tuple[str, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def record(self) -> int:
        """Bytes of one record."""
        return len(self.labels) + VALUES


_KINDS = (
    _Kind(
        "CIFAR-10",
        ("label",),
        (10,),
        ("batches.meta.txt",),
        (*((f"data_batch_{n}.bin", "train") for n in range(1, 6)), ("test_batch.bin", "test")),
    ),
    _Kind(
        "CIFAR-100",
        ("coarse", "fine"),
        (20, 100),
        ("coarse_label_names.txt", "fine_label_names.txt"),
        (("train.bin", "train"), ("test.bin", "test")),
    ),
)


def look(path: Path, options: LoadOptions) -> Claim | None:  # noqa: ARG001
    """Say why `path` is CIFAR's binary version, or None when it is not."""
    if path.is_dir():
        kind = _kind_of(path)
        return (
            Claim(f"the folder holds the files of {kind.title}'s binary version") if kind else None
        )
    if path.suffix != ".bin":
        return None
    named = any(path.name == name for kind in _KINDS for name, _ in kind.files)
    # A length that is whole records of one set is hardly ever that of the other: 3,073 and 3,074
    # have no common factor.
    whole = [kind for kind in _KINDS if _is_whole(path, kind)]
    if not whole:
        return None
    evidence = Evidence.NAMES if named else Evidence.CONTENT
    return Claim(f"it is a .bin of whole records of {whole[0].title}", evidence)


def read(path: Path, options: LoadRequest) -> Raw:
    """Read images and labels.

    Raises:
        FormatError: A file is cut off, or has labels that the set has not.
        OptionError: There is no such label as was asked for.
    """
    if path.is_dir():
        kind = _kind_of(path)
        assert kind is not None
        files = [(path / name, part) for name, part in kind.files if (path / name).is_file()]
    else:
        kind = next(one for one in _KINDS if _is_whole(path, one))
        files = [(path, "train" if (path.name, "train") in kind.files else "all")]
    which = _which_label(kind, options)
    # The records are read once and the images copied out of them, so the files' size is the least
    # that is needed.
    check_memory(sum(file.stat().st_size for file, _ in files), str(path))
    records = [_records(file, kind) for file, _ in files]
    sizes: dict[str, int] = {}
    for (_, part), some in zip(files, records, strict=True):
        sizes[part] = sizes.get(part, 0) + len(some)
    every = records[0] if len(records) == 1 else np.concatenate(records)
    codes = every[:, which].astype(np.int64)
    planes = every[:, len(kind.labels) :].reshape(-1, 3, SIDE, SIDE)
    names = _names(files[0][0].parent / kind.names[which])
    several = len(kind.labels) > 1
    return Raw(
        images=np.ascontiguousarray(planes.transpose(0, 2, 3, 1)),
        codes=codes,
        parts=ranges(sizes),
        class_names=dict(enumerate(names)),
        notes=(f"of two labels the {kind.labels[which]} one was taken (--label)",) * several,
    )


def _kind_of(folder: Path) -> _Kind | None:
    """Which set a folder holds: by the names of its files, and records or names of classes."""
    for kind in _KINDS:
        there = [folder / name for name, _ in kind.files if (folder / name).is_file()]
        named = (folder / kind.names[-1]).is_file()
        if there and (named or any(_is_whole(file, kind) for file in there)):
            return kind
    return None


def _is_whole(path: Path, kind: _Kind) -> bool:
    """Whether a file holds records of a kind, by its length and by the labels of all of them."""
    size = path.stat().st_size
    if not size or size % kind.record:
        return False
    # Mapped and not read: of 150 MB only one byte a record is looked at.
    labels = np.memmap(path, np.uint8, "r").reshape(-1, kind.record)[:, : len(kind.labels)]
    return bool((labels < kind.n_classes).all())


def _records(file: Path, kind: _Kind) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    if not _is_whole(file, kind):
        raise FormatError(
            f"{file.name} does not hold whole records of {kind.title}: {kind.record} bytes each,"
            f" labels below {kind.n_classes[-1]}",
            "fetch the file again; it is cut off or damaged",
        )
    return np.fromfile(file, np.uint8).reshape(-1, kind.record)


def _which_label(kind: _Kind, options: LoadOptions) -> int:
    asked = (options.label or kind.labels[-1]).removesuffix("_label").removesuffix("_labels")
    if asked not in kind.labels:
        raise OptionError(
            f"{kind.title} has no label '{options.label}'", f"it has {' and '.join(kind.labels)}"
        )
    return kind.labels.index(asked)


def _names(file: Path) -> list[str]:
    """Names of classes, one a line; none where the file does not lie there."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [line.strip() for line in lines if line.strip()]


METHOD = Method("cifar", look, read)
