"""From what a person types to an image set: source and options in, ImageSet out.

Decides between a name and a path, asks `detect.py` or `sources.py`, and puts into the notes how
it was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import troubles
from hangtag.errors import SourceError, nearest
from hangtag.progress import CAUTION, Progress
from hangtag.records import ImageSet, LoadOptions
from hangtag.requests import options_of
from hangtag.rooms.load import class_lists, counting, decided, digits, groups, sources, transform
from hangtag.rooms.load.base import LoadRequest
from hangtag.rooms.load.known import DIGITS, KNOWN, KnownSet, on_its_side
from hangtag.rooms.load.raw import Raw, assemble, check_limit


def request(
    options: LoadOptions | None, said: Mapping[str, Any], progress: Progress
) -> LoadRequest:
    """Check what was said about a source: in options, by keyword, or both (the keyword counts).

    Raises:
        OptionError: There is no such option, or it has a value it cannot have.
    """
    asked = LoadOptions.of(options, **said)
    return LoadRequest(
        **{one: getattr(asked, one) for one in options_of(LoadOptions)}, progress=progress
    )


def load(source: str | Path, limit: int | None, asked: LoadRequest) -> ImageSet:
    """Load a named set or a path; see the room's `load` for what it promises."""
    check_limit(limit)
    asked = replace(asked, limit=limit)
    known = sources.find_known(source) if isinstance(source, str) else None
    if known is not None:
        return _decided(_load_named(known, limit, asked), asked)
    try:
        images = _decided(_load_path(source, limit, asked), asked)
    except OSError as error:  # no right to read it, a name too long, a broken disk
        if error.errno in troubles.MACHINE:
            raise
        inside = error.filename if isinstance(error.filename, str) else str(source)
        raise SourceError(
            f"{(inside or str(source))[:200]} cannot be read ({error.strerror or error})",
            "check the path",
        ) from None
    for note in images.notes:
        if note.startswith(CAUTION):
            asked.progress(CAUTION, 0, 0, note)
    return images


def _decided(images: ImageSet, asked: LoadRequest) -> ImageSet:
    groups.check(images, asked.group)
    return images if asked.decisions is None else decided.applied(images, asked.decisions)


def _load_path(source: str | Path, limit: int | None, asked: LoadRequest) -> ImageSet:
    path = Path(source).expanduser()
    if not str(source) or "\0" in str(source):
        raise SourceError("there is no source to load", "give a named set or a path")
    if isinstance(source, str) and not path.exists() and "/" not in source:
        names = nearest(source, (one.name for one in KNOWN))
        raise SourceError(
            f"'{source}' is neither a named set nor a file or folder here",
            f"{names}; or give a path",
        )
    from hangtag.rooms.load import archives, detect, trees  # every format; a known set needs none

    with archives.opened(path, asked) as opened:
        place = opened.place
        told = detect.detect(place, asked)
        also = f" (it could also be read as {', '.join(told.others)})" if told.others else ""
        note = f"read as {told.method.name}, because {told.why}{also}"
        raw = counting.with_rest(told.path, told.method.name, told.method.read(told.path, asked))
        raw = _as_wished(raw, asked)
        if raw.originals is not None and opened.folder is not None:
            raw = replace(raw, originals=raw.originals.kept_by(opened.folder))
        unseen = opened.hidden + (trees.hidden(place) if place.is_dir() else Counter())
        raw = replace(
            raw,
            notes=(*opened.notes, note, *raw.notes),
            unreadable=(*opened.unreadable, *counting.closed(place), *raw.unreadable),
            passed_over=(*raw.passed_over, *counting.hidden(unseen)),
        )
        form = told.method.name
        images = assemble(raw, name=_name(path), form=form, origin=str(path), limit=limit)
        said = on_its_side(images) if not asked.transpose else ()
        images = replace(images, notes=(*images.notes, *said, *_without_labels(images)))
        return class_lists.named(images, _between(told.path, place), asked)


def _without_labels(images: ImageSet) -> list[str]:
    """A note for each part to validate or test on that has no labels, where others have some."""
    labelled = {
        part: bool((images.labels[where.start : where.stop] >= 0).any())
        for part, where in images.parts.items()
        if len(where)
    }
    return [
        f"the {part} part has no labels, so it is none to measure on"
        for part, has in labelled.items()
        if not has and part in ("validation", "test") and any(labelled.values())
    ]


def _between(inside: Path, outside: Path) -> list[Path]:
    """A place and the folders around it, up to the one that was given."""
    return [inside, *(one for one in inside.parents if one.is_relative_to(outside))]


def _load_named(known: KnownSet, limit: int | None, asked: LoadRequest) -> ImageSet:
    if known is DIGITS:
        raw = _as_wished(digits.read(), asked)
        images = assemble(raw, name=known.name, form="digits", origin="scikit-learn", limit=limit)
        return class_lists.named(images, (), asked)
    raw, place, notes = sources.open_named(known, asked)
    note = f"{known.title}, its files compared with the official checksums"
    raw = replace(_as_wished(raw, asked), notes=(note, *notes, *raw.notes))
    form = "idx" if any("idx" in name for name in known.files) else "csv"
    images = assemble(raw, name=known.name, form=form, origin=str(place), limit=limit)
    return class_lists.named(images, (), asked)


def _as_wished(raw: Raw, asked: LoadRequest) -> Raw:
    """Bring the images to the wished size and channels where the reader has not done so."""
    images = raw.images
    if asked.parts is False:
        raw = replace(raw, parts={"all": range(len(images))})
    if asked.transpose:
        images = np.ascontiguousarray(images.transpose(0, 2, 1, 3))
    if asked.gray is not None:
        images = transform.grey(images) if asked.gray else transform.rgb(images)
    if asked.size is not None:
        images = transform.resize(images, asked.size)
    if images is raw.images:
        return raw
    notes = ("rows and columns of each image were exchanged as asked",) * asked.transpose
    if images.shape[1:] != raw.images.shape[1:]:
        notes += (f"images were made {'×'.join(map(str, images.shape[1:]))} as asked",)
    return replace(raw, images=images, notes=(*raw.notes, *notes))


def _name(path: Path) -> str:
    name = path.resolve().name
    return name.split(".")[0] or name
