"""Which format a source is: every format says whether the source is its own, the surest one reads.

Each look weighs what it finds (:class:`~hangtag.rooms.load.base.Evidence`): names that only one
format has, then content that was read whole, then shape. Two formats that are equally sure of
different things are a question to the person, never a guess. To add a format: its file, and its
``METHOD`` in :data:`METHODS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hangtag.errors import AmbiguousError, OptionError, SourceError, nearest
from hangtag.records import LoadOptions
from hangtag.rooms.load import (
    cifar,
    csv,
    folder,
    idx,
    imagefolder,
    manifest,
    npy,
    npz,
    parquet,
    refused,
    trees,
)
from hangtag.rooms.load.base import Claim, Evidence, Method

METHODS: tuple[Method, ...] = (
    idx.METHOD,
    npz.METHOD,
    npy.METHOD,
    parquet.METHOD,
    imagefolder.METHOD,
    csv.METHOD,
    manifest.METHOD,
    folder.METHOD,
    cifar.METHOD,
)
"""Every format; of two that go by shape alone the first reads, and the other is named."""

DEEPEST = 6
"""Folders that hold nothing but one folder are passed through up to this depth."""


@dataclass(frozen=True)
class Detected:
    """What a path turned out to be.

    Attributes:
        method: Reads it.
        path: Where it really lies: `path` itself, or the one folder inside it.
        why: How it was told, such as ``the folder holds x.idx``.
        others: Other formats whose shape would have fitted as well.
    """

    method: Method
    path: Path
    why: str
    others: tuple[str, ...]


def detect(path: Path, options: LoadOptions) -> Detected:
    """Find the method that reads `path`.

    Raises:
        SourceError: There is nothing, or nothing that any method knows.
        AmbiguousError: Two methods are equally sure that it is theirs.
        OptionError: The format that was asked for does not exist.
    """
    if not path.is_file() and not path.is_dir():
        raise SourceError(f"there is no file or folder {path}", "check the path")
    methods = _asked_for(options)
    place = path
    for _ in range(DEEPEST):
        claims = [(one, claim) for one in methods if (claim := one.look(place, options))]
        if claims:
            return _surest(place, claims)
        inside = trees.subfolders(place) if place.is_dir() else []
        if len(inside) != 1:
            break
        place = inside[0]
    refused.check(place)
    asked = f" as {options.format}" if options.format else " in a form that Hangtag knows"
    raise SourceError(
        f"{path} holds no images{asked}",
        f"it reads {', '.join(method.name for method in METHODS)}; see the guide page on loading",
    )


def _asked_for(options: LoadOptions) -> tuple[Method, ...]:
    if options.format is None:
        return METHODS
    found = tuple(one for one in METHODS if one.name == options.format)
    if not found:
        hint = nearest(options.format, (one.name for one in METHODS))
        raise OptionError(f"there is no format '{options.format}' to read a source as", hint)
    return found


def _surest(place: Path, claims: list[tuple[Method, Claim]]) -> Detected:
    best = max(claim.evidence for _, claim in claims)
    (method, claim), *rivals = [one for one in claims if one[1].evidence == best]
    if rivals and best > Evidence.SHAPE:
        other, its = rivals[0]
        raise AmbiguousError(
            f"{place} can be read as {method.name}, because {claim.why}, and as {other.name},"
            f" because {its.why}",
            f"say which it is: --as {method.name} or --as {other.name}",
        )
    return Detected(method, place, claim.why, tuple(one.name for one, _ in rivals))
