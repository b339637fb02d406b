"""Loading and dividing: a source goes in, an image set or a split comes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangtag import settings
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Split
from hangtag.rooms import load as room

if TYPE_CHECKING:
    from hangtag.rooms.load import KnownSet


def load(source: str | Path, *, limit: int | None = None, progress: Progress = silent) -> ImageSet:
    """Read labelled pictures: a known set's name, or a path in any known format.

    Args:
        source: Such as ``fashion-mnist``, or a file or folder.
        limit: Images per part at most, spread evenly; None for all.
        progress: Told how far it is.

    Raises:
        SourceError: Nothing is there, and what is known cannot be fetched.
        FormatError: What is there is damaged or of no known format.

    Example:
        >>> images = hangtag.load("digits")
    """
    return room.load(source, limit=limit, progress=progress)


def split(images: ImageSet, recipe: str = "auto", *, seed: int | None = None) -> Split:
    """Say which images train, which choose, and which wait for the test.

    Args:
        images: The set to divide.
        recipe: Such as ``last:12000`` or ``stratified:0.2``; the guide has them all.
        seed: Of a random recipe; None takes HANGTAG_SEED, or 0.

    Raises:
        SplitError: The recipe is unknown or asks for more than there is.

    Example:
        >>> division = hangtag.split(images, "stratified:0.2", seed=22)
    """
    return room.split(images, recipe, seed=settings.default_seed() if seed is None else seed)


def info(
    source: str | Path, *, limit: int | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """What is in a source, as JSON-ready facts.

    Raises:
        SourceError: Nothing is there, and what is known cannot be fetched.
        FormatError: What is there is damaged or of no known format.
    """
    return room.info(load(source, limit=limit, progress=progress))


def known_sets() -> tuple[KnownSet, ...]:
    """The sets that have a name."""
    return room.known_sets()


def find(name: str) -> Path | None:
    """Where a known set is on this machine; None when it is not.

    Raises:
        SourceError: There is no set of that name.
    """
    return room.find(name)


def get(name: str, *, progress: Progress = silent) -> Path:
    """Fetch a known set, unless it is here already, and say where it is.

    Raises:
        SourceError: The set is not known, has no free download, or no way to it worked.
    """
    return room.get(name, progress=progress)
