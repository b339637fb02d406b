"""Named sets: where they may already lie, and what to do when they do not.

A name comes in, images (or the folder that holds them) go out. Nothing is fetched unless a
named set was asked for and lies nowhere. To add a named set see `known.py`; to add a place where
people keep sets, one line in :func:`places`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from hangtag import settings
from hangtag.errors import FormatError, SourceError, UsageError, nearest
from hangtag.progress import Progress, silent
from hangtag.rooms.load import digits, downloads, idx
from hangtag.rooms.load.base import LoadRequest
from hangtag.rooms.load.known import DIGITS, FASHION_MNIST, KNOWN, KnownSet, label_digest
from hangtag.rooms.load.raw import Raw

PACKED = ("", ".gz", ".xz", ".zip")
"""Suffixes a file of a named set may have besides its name."""


def find_known(name: str) -> KnownSet | None:
    """The named set called `name`, in any writing of its letters; None when there is none."""
    plain = name.lower().replace("_", "-")
    return next((one for one in KNOWN if plain == one.name), None)


def named(name: str) -> KnownSet:
    """The named set called `name`.

    Raises:
        SourceError: There is none.
    """
    one = find_known(name)
    if one is None:
        hint = nearest(name, (known.name for known in KNOWN))
        raise SourceError(f"there is no named set '{name}'", hint)
    return one


def places(known: KnownSet) -> list[Path]:
    """Where `known` may lie on this machine, in the order in which it is looked for."""
    home = Path.home()
    above = [settings.data_folder(), settings.cache_folder() / "data"]
    found = [one / folder for one in above if one for folder in known.folders]
    found += [one for one in above if one]
    keras = Path(_variable("KERAS_HOME") or home / ".keras") / "datasets"
    found += [keras / folder for folder in known.folders]
    if known is FASHION_MNIST:
        roots = (Path(), Path("data"), home, home / "data", home / ".cache/torchvision")
        found += [(root / "FashionMNIST/raw").absolute() for root in roots]
    if known.kaggle:
        root = Path(_variable("KAGGLEHUB_CACHE") or home / ".cache/kagglehub")
        found += sorted(root.glob(f"datasets/{known.kaggle}/versions/*"), reverse=True)
    if known.debian:
        found.append(Path(known.debian[1]))
    return found


def find(known: KnownSet) -> Path | None:
    """The first place that has every file of `known`, not yet looked into; None if none has."""
    if known is DIGITS:
        return digits.folder()
    return next((place for place in places(known) if has_files(known, place)), None)


def has_files(known: KnownSet, place: Path) -> bool:
    """Whether every file of `known`, packed or not, lies in `place`."""
    try:
        return bool(known.files) and all(
            any((place / f"{name}{suffix}").is_file() for suffix in PACKED) for name in known.files
        )
    except OSError:  # a place that may not be looked into
        return False


def open_named(known: KnownSet, options: LoadRequest) -> tuple[Raw, Path, tuple[str, ...]]:
    """Read a named set from the first place that has it whole, or download it.

    Returns:
        What was read, where from, and a note for each place passed over because its files are
        not the official ones.

    Raises:
        SourceError: It lies nowhere and cannot be downloaded; the hint lists every way.
    """
    passed: list[str] = []
    for place in places(known):
        if not has_files(known, place):
            continue
        try:
            return read_checked(known, place, options), place, tuple(passed)
        except UsageError as error:
            passed.append(f"{place} was passed over: {error.message}")
    target = settings.cache_folder() / "data" / known.name
    place = downloads.fetch(known, target, options.progress, tuple(passed))
    return read_checked(known, place, options), place, tuple(passed)


def get(known: KnownSet, progress: Progress = silent) -> Path:
    """The folder with the checked files of a named set, downloaded if it lies nowhere.

    Raises:
        SourceError: As :func:`open_named`; also for a set that has no files, such as ``digits``.
    """
    if not known.files:
        raise SourceError(f"{known.name} has no files to get: {known.about}", "just load it")
    return open_named(known, LoadRequest(progress=progress))[1]


def read_checked(known: KnownSet, place: Path, options: LoadRequest) -> Raw:
    """Read the files of a named set and compare images and labels with the official ones.

    Raises:
        FormatError: They differ.
    """
    raw = _reader(known)(place, options)
    assert raw.codes is not None
    for part, official in known.labels.items():
        where = raw.parts.get(part, range(0))
        rows = slice(where.start, where.stop)
        pixels = hashlib.sha256(raw.images[rows].data).hexdigest()
        if (pixels, label_digest(raw.codes[rows])) != (known.pixels[part], official):
            raise FormatError(
                f"the {part} images or labels in {place} are not those of {known.title}",
                "fetch the files again, or load the folder by its path if they are meant so",
            )
    return raw


def _reader(known: KnownSet) -> Callable[[Path, LoadRequest], Raw]:
    if known is FASHION_MNIST:
        return idx.read
    from hangtag.rooms.load import csv  # all that is known of tables, which most sets need not

    return csv.read


def _variable(name: str) -> str:
    return os.environ.get(name, "")
