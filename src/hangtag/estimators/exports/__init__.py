"""A bundle goes in, a file comes out that other programs open without Hangtag.

Classes, preprocessing and thresholds are inside the file. To add a format: a file here with a
``METHOD``, and one line in ``families.EXPORTS``.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from hangtag import atomic
from hangtag.errors import OptionError
from hangtag.estimators.exports.base import Export, Exported
from hangtag.families import EXPORTS, Family
from hangtag.rooms.models import Bundle


def _load(name: str) -> Export:
    method: Export = import_module(f"hangtag.estimators.exports.{name}").METHOD
    return method


METHODS = Family(EXPORTS, _load, "format")
OTHERS = {
    "savedmodel": "write it with --to keras; where TensorFlow is installed, "
    "keras.saving.load_model('model.keras').export('model') makes a SavedModel of that",
}
"""Formats that people ask for and only other programs can write: how they do."""


def check(to: str, out: Path | None) -> Export:
    """The format of that name, once the file's name fits it.

    Raises:
        OptionError: There is no such format, or the name ends otherwise.
    """
    if to in OTHERS:
        raise OptionError(f"{to} is written by TensorFlow alone", OTHERS[to])
    method = METHODS.called(to)
    if out is not None and out.suffix != method.suffix:
        raise OptionError(
            f"{method.title} opens no file called {out.name}", f"end its name in {method.suffix}"
        )
    return method


def export(bundle: Bundle, to: str, out: Path | None = None) -> Exported:
    """Write the model of a bundle in another program's format.

    Args:
        bundle: The model.
        to: A name in ``families.EXPORTS``.
        out: The file to write; None takes the model's id in the current folder.

    Returns:
        Where it is, how it compares with the bundle, and the lines of Python that open it.

    Raises:
        OptionError: There is no such format, or it has no such models.
        FailedError: The file would answer differently; nothing is written then.
    """
    method = check(to, out)
    data, difference = method.write(bundle)
    place = atomic.write_bytes(out or Path(f"{bundle.model_id}{method.suffix}"), data)
    shape = ", ".join(map(str, bundle.preprocessing.picture_shape))
    lines = method.opening.format(file=str(place), shape=shape)
    return Exported(place, to, len(data), difference, tuple(lines.splitlines()))
