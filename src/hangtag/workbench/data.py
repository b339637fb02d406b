"""Loading and dividing: a source goes in, an image set or a split comes out.

:func:`as_images` and :func:`as_run` are where every verb turns what it was given into images or
into a run, so that all verbs take the same things and refuse the same things in the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag import atomic, runs, settings
from hangtag.errors import OptionError, RunError, SplitError, nearest
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Source, Split
from hangtag.requests import LoadOptions
from hangtag.requests.everywhere import MadeSplit
from hangtag.rooms import load as room
from hangtag.runs import Run
from hangtag.workbench import kept_images

Images: TypeAlias = ArrayLike | Mapping[str, ArrayLike]
Data: TypeAlias = str | Path | Source | ImageSet | Run | tuple[Images, Images] | NDArray[Any]
"""Whatever a verb takes images from; see :func:`as_images`."""

_ORIGINS: WeakKeyDictionary[ImageSet, tuple[Source, int | None]] = WeakKeyDictionary()
"""Where the sets that were loaded in this process came from, as long as someone has them."""


def as_images(
    data: Data,
    *,
    limit: int | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> ImageSet:
    """Turn whatever a verb was given into images.

    Args:
        data: A known set's name, a path, or a :class:`Source`, which are loaded; an ImageSet;
            ``(images, labels)`` as ``hangtag.from_arrays`` takes them, or images alone; or a run,
            which stands for the images it was trained on.
        limit: Images per part at most, spread evenly; None for all.
        progress: Told how far loading is.
        **said: For what is loaded, fields of :class:`LoadOptions`, such as ``size=28``; for
            arrays, ``class_names`` and ``name``.

    Raises:
        OptionError: It is none of these, or an option does not belong to it.
        UsageError: As :func:`load` and ``hangtag.from_arrays``.

    Example:
        >>> as_images((pixels, ["shirt", "coat", "shirt"]))
    """
    if isinstance(data, str | Path | Source):
        return load(data, limit=limit, progress=progress, **said)
    if isinstance(data, ImageSet | Run):
        if said:
            raise OptionError(
                f"{next(iter(said))} is an option of loading; these images are loaded already",
                "give it to hangtag.load",
            )
        images = data if isinstance(data, ImageSet) else images_of(data, progress)
        return _limited(images, limit)
    # A tuple of two is images and labels; two images in a list are images.
    pair = data if isinstance(data, tuple) and len(data) == 2 else (data, None)
    if not isinstance(pair[0], np.ndarray | list | Mapping) and not hasattr(pair[0], "__array__"):
        raise OptionError(
            f"there are no images in a {type(data).__name__}",
            "give a set's name, a path, an ImageSet, a run, or (images, labels)",
        )
    strange = sorted(said.keys() - {"class_names", "name"})
    if strange:
        raise OptionError(
            f"{strange[0]} is an option of loading files; these images are arrays",
            "arrays take class_names and name",
        )
    return _limited(room.from_arrays(pair[0], pair[1], **said), limit)


def as_run(run: str | Path | Run = runs.LATEST) -> Run:
    """Turn whatever a verb was given into a run, as it is on disk now.

    Args:
        run: Its folder, its name, ``latest``, or a run that a verb returned.

    Raises:
        OptionError: It is none of these.
        RunError: There is no such run, or it is damaged.
    """
    if not isinstance(run, str | Path | Run):
        raise OptionError(
            f"a run was expected; got a {type(run).__name__}",
            "give what hangtag.train returned, the folder of a run, its name, or latest",
        )
    # A run in hand may be older than its folder: it is opened anew, so that a second evaluate()
    # finds the first one's result.
    place = run.folder if isinstance(run, Run) else run
    return runs.open_run(place, runs=settings.runs_folder())


def images_of(run: Run, progress: Progress = silent, images: ImageSet | None = None) -> ImageSet:
    """The images a run is about, loaded again unless they are given, and checked to be the same.

    Raises:
        RunError: The source holds other images than it did.
    """
    if images is None:
        images = kept_images.read(run) or load(
            run.config.origin, limit=run.config.limit, progress=progress
        )
    if images.fingerprint != run.config.data["fingerprint"]:
        raise RunError(
            f"{run.config.source} has changed since run {run.name} was trained on it",
            "bring the old data back, or train a new run",
        )
    return images


def run_images(run: str | Path | Run = runs.LATEST, *, progress: Progress = silent) -> ImageSet:
    """The images a run is about, checked to be those it was trained on.

    Args:
        run: The run, or its folder, its name or ``latest``.
        progress: Told how far loading is.

    Raises:
        RunError: There is no such run, or its source holds other images than it did.
    """
    return images_of(as_run(run), progress)


def origin_of(images: ImageSet) -> tuple[Source, int | None] | None:
    """The source and limit that load these very images again; None for those of arrays."""
    return _ORIGINS.get(images)


def source_of(
    data: Data, images: ImageSet, limit: int | None
) -> tuple[str | Path | Source, int | None]:
    """What loads the images again, and how many of each part; of arrays their set's name.

    Args:
        data: What a verb was given.
        images: What that gave.
        limit: Images per part that were asked for.
    """
    if isinstance(data, str | Path | Source):
        return data, limit
    return origin_of(images) or (images.name, None)


def asked_of(
    data: Data, images: ImageSet, split: Split, limit: int | None, how: str | MadeSplit
) -> dict[str, Any]:
    """What a search or an ablation keeps of the images it is about.

    Of a split the words that give it again: its recipe, or the file that it was saved in.
    """
    saved = isinstance(how, str) and how.startswith(room.SAVED)
    source, loaded = source_of(data, images, limit)
    return {
        **Source.of(source).facts(),
        "fingerprint": images.fingerprint,
        "split": how if saved else split.recipe,
        "limit": limit if loaded is None else loaded,
    }


def _limited(images: ImageSet, limit: int | None) -> ImageSet:
    if limit is None:
        return images
    fewer = room.limited(images, limit)
    if images in _ORIGINS and _ORIGINS[images][1] is None:
        _ORIGINS[fewer] = (_ORIGINS[images][0], limit)
    return fewer


def load(
    source: str | Path | Source,
    *,
    limit: int | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> ImageSet:
    """Read labelled images: a known set's name, or a path in any known format.

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
    images = room.load(place, limit=limit, options=known.options, progress=progress, **said)
    _ORIGINS[images] = (Source(known.place, LoadOptions.of(known.options, **said)), limit)
    return images


def divided(images: ImageSet, how: str | MadeSplit, *, seed: int | None = None) -> Split:
    """A split that was given as it is, or made by its recipe.

    Raises:
        SplitError: The recipe is unknown or asks for more than there is, or the split that was
            given divides other images.
    """
    if not isinstance(how, Split):
        return split(images, str(how), seed=seed)
    if how.fingerprint != images.fingerprint:
        raise SplitError(
            f"the split '{how.recipe}' divides other images than {images.name}: the fingerprints "
            "differ",
            "split the images that are used here",
        )
    return how


def makes_again(images: ImageSet, split: Split) -> bool:
    """Whether its recipe and seed alone give this split, as they do not where groups were given."""
    try:
        made = room.split(images, split.recipe, seed=split.seed or 0)
    except SplitError:
        return False
    sets = ((getattr(one, name) for name in room.SETS) for one in (made, split))
    return all(np.array_equal(*both) for both in zip(*sets, strict=True))


def training_images(
    images: ImageSet, how: str | MadeSplit, *, seed: int, validation: bool = False
) -> NDArray[np.int64]:
    """Positions of the images that a split trains on, rising; its validation images, too, if asked.

    Raises:
        SplitError: The recipe is unknown or asks for more than there is.
    """
    made = divided(images, how, seed=seed)
    return np.sort(np.concatenate([made.train, made.validation]) if validation else made.train)


def part_of(images: ImageSet, name: str) -> NDArray[np.int64]:
    """Positions of the images of a part.

    Raises:
        OptionError: The set has no part of that name.
    """
    if name not in images.parts:
        raise OptionError(f"{images.name} has no part '{name}'", nearest(name, images.parts))
    return np.asarray(images.parts[name])


def seed_of(seed: int | None) -> int:
    """The seed that was asked for, or HANGTAG_SEED, or 0."""
    return settings.default_seed() if seed is None else seed


def split(
    data: Data,
    recipe: str = "auto",
    *,
    seed: int | None = None,
    groups: NDArray[Any] | None = None,
) -> Split:
    """Say which images train, which choose, and which wait for the test.

    Args:
        data: What to divide: an ImageSet, or whatever :func:`as_images` takes.
        recipe: Such as ``last:12000`` or ``stratified:0.2``; the guide has them all.
        seed: Of a random recipe; None takes HANGTAG_SEED, or 0.
        groups: ``(len(images),)`` for ``grouped``: images of one group are never divided.

    Raises:
        SplitError: The recipe is unknown or asks for more than there is.

    Example:
        >>> split = hangtag.split(images, "stratified:0.2", seed=22)
    """
    chosen = settings.default_seed() if seed is None else seed
    return room.split(as_images(data), recipe, seed=chosen, groups=groups)


def save_split(split: Split, out: Path) -> Path:
    """Write which images do what, all of it or nothing.

    Args:
        split: What to write.
        out: A name that ends in ``.npz``, which every ``--split saved:FILE`` takes; or in
            ``.json``, for other programs.

    Raises:
        OptionError: The name ends in neither.

    Example:
        >>> hangtag.save_split(hangtag.split(images, "stratified:0.2"), Path("split.npz"))
    """
    if out.suffix == ".npz":
        return room.save_split(split, out)
    if out.suffix != ".json":
        raise OptionError(
            f"a split cannot be written to {out.name}", "end its name in .npz or .json"
        )
    return atomic.write_json(out, room.split_facts(split))


def info(
    data: Data,
    *,
    limit: int | None = None,
    progress: Progress = silent,
    **said: Any,  # noqa: ANN401 - the fields of LoadOptions
) -> dict[str, Any]:
    """What is in a source, as JSON-ready facts.

    Args:
        data: A name, a path, an ImageSet, ``(images, labels)``, or a run.
        limit: Images per part at most, spread evenly; None for all.
        progress: Told how far it is.
        **said: Fields of :class:`LoadOptions` by name.

    Raises:
        UsageError: As :func:`load`.
    """
    return room.info(as_images(data, limit=limit, progress=progress, **said))
