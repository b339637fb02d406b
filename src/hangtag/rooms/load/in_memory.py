"""Arrays from Python: arrays and labels in, ImageSet out, by the rules of `arrays.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from numpy.typing import ArrayLike

from hangtag.errors import OptionError
from hangtag.records import ImageSet
from hangtag.rooms.load import arrays, classes
from hangtag.rooms.load.raw import assemble


def from_arrays(
    images: ArrayLike | Mapping[str, ArrayLike],
    labels: ArrayLike | Mapping[str, ArrayLike] | None,
    class_names: Sequence[str] | None,
    name: str,
) -> ImageSet:
    """See the room's `from_arrays`."""
    by_part = dict(images) if isinstance(images, Mapping) else {"all": images}
    codes = _by_part(labels, by_part)
    named = {f"{part} images": one for part, one in by_part.items()}
    named |= {f"{part} labels": one for part, one in codes.items()}
    pairs = {
        part: (f"{part} images", f"{part} labels" if part in codes else None) for part in by_part
    }
    raw = arrays.read_pairs(named, pairs, name, ask=False)
    made = assemble(raw, name=name, form="arrays", origin="Python")
    return made if class_names is None else _named(made, tuple(class_names))


def _by_part(
    labels: ArrayLike | Mapping[str, ArrayLike] | None, by_part: Mapping[str, ArrayLike]
) -> dict[str, ArrayLike]:
    if labels is None:
        return {}
    given = dict(labels) if isinstance(labels, Mapping) else {"all": labels}
    extra = sorted(given.keys() - by_part.keys())
    if extra:
        raise OptionError(
            f"there are labels for {', '.join(extra)}, but images for {', '.join(by_part)}",
            "use the same part names for both",
        )
    return given


def _named(images: ImageSet, class_names: tuple[str, ...]) -> ImageSet:
    if len(class_names) != images.n_classes:
        raise OptionError(
            f"there are {len(class_names)} class names for {images.n_classes} classes",
            f"the labels are {', '.join(map(str, images.class_codes[:30]))}",
        )
    return replace(images, class_names=tuple(classes.own_name(name) for name in class_names))
