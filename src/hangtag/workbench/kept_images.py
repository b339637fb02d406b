"""Images that came from arrays and can be loaded from nowhere: a run keeps them in its folder.

What was given as a name or a path is never copied; it is loaded again and compared by fingerprint.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from hangtag import atomic, sealed
from hangtag.errors import RunError
from hangtag.records import ImageSet
from hangtag.records.stored import plain
from hangtag.runs import Run

FILE = "images.npz"
TUPLES = ("class_names", "class_codes", "ids", "notes")
OTHERS = ("name", "format", "origin", "matte", "white")
"""Fields of a set that are kept beside its arrays and parts."""


def write(run: Run, images: ImageSet) -> None:
    """Keep the images of a run, so that whatever comes after training works in any process."""
    facts = {name: plain(getattr(images, name)) for name in (*TUPLES, *OTHERS)}
    facts["parts"] = {part: [where.start, where.stop] for part, where in images.parts.items()}
    # Written once, compressed, and bound to the run by its checksum like all its files.
    arrays: dict[str, NDArray[Any]] = {"images": images.images, "labels": images.labels}
    atomic.write_bytes(run.folder / FILE, sealed.to_arrays(facts, arrays, _of(run)))


def read(run: Run) -> ImageSet | None:
    """The images a run keeps; None where it keeps none, since its source has them.

    Raises:
        RunError: They are damaged.
    """
    path = run.folder / FILE
    if not path.is_file():
        return None
    try:
        facts, arrays = sealed.from_arrays(sealed.read(path), _of(run), must=True)
    except sealed.DamageError as damage:
        raise RunError(f"{path} {damage}", "bring it back from a copy, or train again") from None
    tuples: dict[str, Any] = {
        key: None if facts[key] is None else tuple(facts[key]) for key in TUPLES
    }
    parts = {part: range(*ends) for part, ends in facts["parts"].items()}
    return ImageSet(**{**facts, **arrays, **tuples, "parts": parts})


def _of(run: Run) -> str:
    return f"{run.identity}/{FILE}"
