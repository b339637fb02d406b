"""Tagging: a bundle and images go in, tags come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from hangtag import atomic, runs, settings
from hangtag.errors import OptionError, SourceError
from hangtag.progress import Progress, silent
from hangtag.records import Classifier, ImageSet, InputImage, LoadOptions, Source, Tag, Tags
from hangtag.rooms import load as load_room
from hangtag.rooms import models as models_room
from hangtag.rooms import tag as room
from hangtag.runs import Run
from hangtag.targets import is_page
from hangtag.workbench.data import Data, as_images
from hangtag.workbench.data import as_run as open_run

if TYPE_CHECKING:
    from hangtag.rooms.models import Bundle

Model: TypeAlias = str | Path | Run | Classifier


def open_bundle(place: str | Path | Run) -> Bundle:
    """Open a model bundle: a folder, a ``.hangtag`` file, or a run by folder, name or ``latest``.

    Nothing in it is run; every part is checked against its hash first.

    Raises:
        BundleError: It is damaged, incomplete, or of a newer schema.
        RunError: It is that of a run whose training has not ended, or which is damaged.

    Example:
        >>> bundle = hangtag.open_bundle("demo/run/bundle")
    """
    path = place.folder if isinstance(place, Run) else Path(place)
    if not path.exists() and (str(place) == runs.LATEST or _is_run(path)):
        path = open_run(place).folder
    for folder in (path, path.parent):
        if (folder / "run.json").is_file() and path in {folder, folder / "bundle"}:
            run = open_run(folder)
            run.check_trained()
            return models_room.open_bundle(run.bundle)
    inside = path / "bundle"
    return models_room.open_bundle(inside if inside.is_dir() else path)


def read_as(place: str | Path) -> LoadOptions:
    """How the training images of a run were read, for tables that are tagged with its model."""
    if str(place) != runs.LATEST and not _is_run(place) and not (Path(place) / "run.json").exists():
        return LoadOptions()
    said = open_run(place).config.loading
    return LoadOptions.from_dict({name: value for name, value in said.items() if name in OF_PIXELS})


OF_PIXELS = ("header", "order", "value_range", "transpose")
"""What holds of every table with images of one kind, not only of the one that trained."""


def _is_run(name: str | Path) -> bool:
    return (settings.runs_folder() / name / "run.json").is_file()


def tag(
    model: Model,
    pictures: Data | Iterable[InputImage],
    *,
    threshold: float | None = None,
    top: int = 3,
) -> Iterator[Tag]:
    """Give each image its most probable class, or ``unknown``; see ``hangtag.rooms.tag``.

    Args:
        model: What answers: a run, its folder, name or ``latest``, a bundle, or any classifier.
        pictures: A folder, a file, an ImageSet, an array of images, or images that were read.
        threshold: Confidence below which the tag is ``unknown``; None takes the model's own.
        top: Classes listed for each image.

    Raises:
        OptionError: There are no images in what was given, or an option cannot be.

    Example:
        >>> [one.label for one in hangtag.tag("latest", pixels)]
    """
    if isinstance(model, np.ndarray | ImageSet | tuple | list):
        raise OptionError("the model comes first, then what it tags", "hangtag.tag(run, images)")
    classifier = open_bundle(model) if isinstance(model, str | Path | Run) else model
    return room.tag(classifier, _images(pictures, classifier), threshold=threshold, top=top)


def tags(
    model: Model,
    pictures: Data | Iterable[InputImage],
    *,
    threshold: float | None = None,
    top: int = 3,
) -> Tags:
    """The tags of :func:`tag`, all of them, as a list that is a table, too.

    Args:
        model: As for :func:`tag`, and likewise all that follow.
        pictures: What to tag.
        threshold: Confidence below which the tag is ``unknown``; None takes the model's own.
        top: Classes listed for each image.

    Raises:
        OptionError: There are no images in what was given, or an option cannot be.

    Example:
        >>> hangtag.tags("latest", pixels).to_frame()
    """
    return Tags(tag(model, pictures, threshold=threshold, top=top))


def _images(given: Data | Iterable[InputImage], classifier: Classifier) -> Iterable[InputImage]:
    """Images in the classifier's shape, whatever they were given as."""
    if isinstance(given, str | Path | Source):
        source = Source.of(given)
        path = Path(source.place).expanduser()
        return load_room.read_images(path, classifier.preprocessing, source.options)
    if isinstance(given, ImageSet | Run | np.ndarray | tuple):
        return load_room.images_of(as_images(given), classifier.preprocessing)
    return given


def tag_folder(
    model: Model,
    place: str | Path | Source,
    *,
    threshold: float | None = None,
    top: int = 3,
    limit: int | None = None,
    show: str | Path | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Tags:
    """Tag every image of a folder, in a stable order, and write a table or page of the tags.

    Args:
        model: What answers: a run, its folder, name or ``latest``, a bundle, or any classifier.
        place: A folder of images, one image, an archive, or a table of pixels; with what was
            said about how to read a table, if that is needed.
        threshold: Confidence below which the tag is ``unknown``; None takes the model's own.
        top: Classes listed for each image.
        limit: Images at most; None for all.
        show: Folder for images as the model saw them; None keeps none.
        out: What to write, all of it or nothing: a table, or by a name in ``.html`` a page to keep
            and correct the tags on; None writes none.
        progress: Told how far it is.

    Raises:
        SourceError: There is no image at `place`.
        OptionError: `threshold` or `top` cannot be.
    """
    classifier = open_bundle(model) if isinstance(model, str | Path | Run) else model
    source = Source.of(place)
    path = Path(source.place).expanduser()
    images = load_room.read_images(path, classifier.preprocessing, source.options)
    counted = _counted(images, limit, progress)
    counted = counted if show is None else room.shown(counted, Path(show))
    answer = partial(room.tag, classifier, threshold=threshold, top=top)
    page = None
    if out is not None and is_page(out):
        # Whoever trains opens bundles, too, and draws nothing.
        from hangtag.rooms.report.tagged.page import tags_page

        found, page = tags_page(
            counted,
            answer,
            originals=partial(load_room.read_again, path),
            classes=classifier.class_names,
            source=source,
            threshold=classifier.threshold if threshold is None else threshold,
        )
    else:
        found = Tags(answer(counted))
    if not found:
        raise SourceError(
            f"there is no image in {path}", "PNG, JPEG, GIF, BMP, WebP and TIFF are read"
        )
    if out is not None:
        atomic.write_text(out, room.as_csv(found, top) if page is None else page)
    return found


def _counted(
    images: Iterable[InputImage], limit: int | None, progress: Progress
) -> Iterator[InputImage]:
    for number, image in enumerate(images):
        if limit is not None and number >= limit:
            return
        progress("tag", number + 1, 0, image.id)
        yield image
