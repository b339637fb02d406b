"""Loading and dividing: a source goes in, an image set or a split comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag import atomic, settings
from hangtag.errors import OptionError
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Source, Split
from hangtag.rooms import load as room

if TYPE_CHECKING:
    from hangtag.rooms.load import KnownSet


def load(
    source: str | Path | Source,
    *,
    limit: int | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> ImageSet:
    """Read labelled pictures: a known set's name, or a path in any known format.

    Args:
        source: Such as ``fashion-mnist``, or a file or folder; as a :class:`Source` it says how
            to read it, where looking is not enough.
        limit: Images per part at most, spread evenly; None for all.
        progress: Told how far it is.
        **said: Fields of :class:`LoadOptions` by name, such as ``size=28`` or ``label="kind"``.

    Raises:
        SourceError: Nothing is there, and what is known cannot be fetched.
        FormatError: What is there is damaged or of no known format.
        AmbiguousError: There are two ways to read it; the hint names the options that choose.
        OptionError: An option has a value it cannot have.

    Example:
        >>> images = hangtag.load("digits")
    """
    known = Source.of(source)
    place = source if isinstance(source, Path) else known.place
    return room.load(place, limit=limit, options=known.options, progress=progress, **said)


def from_arrays(
    images: ArrayLike | Mapping[str, ArrayLike],
    labels: ArrayLike | Mapping[str, ArrayLike] | None = None,
    *,
    class_names: Sequence[str] | None = None,
    name: str = "arrays",
) -> ImageSet:
    """Make an image set of arrays.

    Args:
        images: ``(n, height, width)`` and the like; or one such array for each part, such as
            ``{"train": …, "test": …}``.
        labels: ``(n,)`` numbers or text, or a mapping with the same parts; None without labels.
        class_names: Name of each class in the order of the sorted labels; None for the labels.
        name: Short name of the set.

    Raises:
        FormatError: Shapes, values or lengths do not fit.
        OptionError: Parts of images and labels differ, or the number of names is wrong.

    Example:
        >>> images = hangtag.from_arrays(np.zeros((3, 28, 28), np.uint8), [4, 7, 4])
    """
    return room.from_arrays(images, labels, class_names=class_names, name=name)


def split(
    images: ImageSet,
    recipe: str = "auto",
    *,
    seed: int | None = None,
    groups: NDArray[Any] | None = None,
) -> Split:
    """Say which images train, which choose, and which wait for the test.

    Args:
        images: The set to divide.
        recipe: Such as ``last:12000`` or ``stratified:0.2``; the guide has them all.
        seed: Of a random recipe; None takes HANGTAG_SEED, or 0.
        groups: ``(len(images),)`` for ``grouped``: images of one group are never divided.

    Raises:
        SplitError: The recipe is unknown or asks for more than there is.

    Example:
        >>> division = hangtag.split(images, "stratified:0.2", seed=22)
    """
    chosen = settings.default_seed() if seed is None else seed
    return room.split(images, recipe, seed=chosen, groups=groups)


def save_split(division: Split, out: Path) -> Path:
    """Write which images do what, all of it or nothing.

    Args:
        division: What to write.
        out: A name that ends in ``.npz``, which every ``--split saved:FILE`` takes; or in
            ``.json``, for other programs.

    Raises:
        OptionError: The name ends in neither.

    Example:
        >>> hangtag.save_split(hangtag.split(images, "stratified:0.2"), Path("split.npz"))
    """
    if out.suffix == ".npz":
        return room.save_split(division, out)
    if out.suffix != ".json":
        raise OptionError(
            f"a split cannot be written to {out.name}", "end its name in .npz or .json"
        )
    return atomic.write_json(out, division_facts(division))


def division_facts(division: Split) -> dict[str, Any]:
    """A split as JSON-ready facts, every index in it."""
    return {
        "recipe": division.recipe,
        "seed": division.seed,
        "fingerprint": division.fingerprint,
        "training": division.train.tolist(),
        "validation": division.validation.tolist(),
        "test": division.test.tolist(),
    }


def split_counts(images: ImageSet, division: Split) -> dict[str, dict[str, int]]:
    """Images of every class in training, validation and test."""
    parts = {"training": division.train, "validation": division.validation, "test": division.test}
    counted = {
        part: np.bincount(
            images.labels[where][images.labels[where] >= 0], minlength=images.n_classes
        )
        for part, where in parts.items()
    }
    return {
        part: dict(zip(images.class_names, counts.tolist(), strict=True))
        for part, counts in counted.items()
    }


def info(
    source: str | Path | Source | ImageSet,
    *,
    limit: int | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> dict[str, Any]:
    """What is in a source, as JSON-ready facts.

    Args:
        source: As for :func:`load`, and likewise all that follow; or a set that is loaded.
        limit: Images per part at most, spread evenly; None for all.
        progress: Told how far it is.
        **said: Fields of :class:`LoadOptions` by name.

    Raises:
        UsageError: As :func:`load`.
    """
    if isinstance(source, ImageSet):
        return room.info(source)
    return room.info(load(source, limit=limit, progress=progress, **said))


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
