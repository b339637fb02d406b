"""Files whose form is known and that are not read: what each is, and what to do instead.

To add one: a line in :data:`KNOWN`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from hangtag.errors import FormatError

_MOST_FILES = 200


@dataclass(frozen=True)
class _Form:
    """One form of file: whether the first bytes are its, what it is, what to do instead."""

    fits: Callable[[Path, bytes], bool]
    what: str
    instead: str


def _pickle(path: Path, start: bytes) -> bool:
    named = path.suffix in (".pkl", ".pickle", ".p") or path.name.startswith("data_batch_")
    protocol = len(start) > 1 and start[0] == 0x80 and start[1] in (2, 3, 4, 5)
    return protocol or (named and path.suffix != ".bin")


KNOWN: tuple[_Form, ...] = (
    _Form(
        lambda path, start: (
            start.startswith((b"MATLAB 5.0", b"MATLAB 7.3")) or path.suffix == ".mat"
        ),
        "is a MATLAB file, which is not read",
        "convert it once: scipy.io.loadmat, then numpy.savez('set.npz', images=…, labels=…);"
        " SVHN's X is (height, width, channel, n): X.transpose(3, 0, 1, 2)",
    ),
    _Form(
        _pickle,
        "is a Python pickle, and opening one can run code of whoever made it: it is never opened",
        "for CIFAR-10 and CIFAR-100 fetch the binary version instead"
        " (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz); others: save as .npz",
    ),
    _Form(
        lambda _, start: start.startswith(b"\x89HDF\r\n\x1a\n"),
        "is an HDF5 file, which is not read",
        "convert it once with h5py: numpy.savez('set.npz', images=…, labels=…)",
    ),
    _Form(
        lambda path, _: path.suffix in (".tfrecord", ".tfrecords"),
        "is a TFRecord file, which is not read",
        "write its images into a folder for each class, or into a .npz",
    ),
    _Form(
        lambda path, _: path.suffix in (".pt", ".pth"),
        "is a file of PyTorch, which holds a pickle: it is never opened",
        "save as .npz: numpy.savez('set.npz', images=images.numpy(), labels=labels.numpy())",
    ),
    _Form(
        lambda _, start: start.startswith(b"ARROW1"),
        "is an Arrow file, which is not read",
        "write it as Parquet: dataset.to_parquet('set.parquet')",
    ),
)


def check(path: Path) -> None:
    """Refuse a file, or a folder with a file, of a form that is known and not read.

    Raises:
        FormatError: It is one; the hint says what to do instead.
    """
    files = [path] if path.is_file() else sorted(islice(path.iterdir(), _MOST_FILES))
    for file in filter(Path.is_file, files):
        with file.open("rb") as stream:
            start = stream.read(16)
        for form in KNOWN:
            if form.fits(file, start):
                raise FormatError(f"{file.name} {form.what}", form.instead)
