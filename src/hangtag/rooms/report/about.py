"""An image set in, what a page says of it and of its images out."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from hangtag.records import ImageSet
from hangtag.rooms.report.words import number, plural

_SHOWN = 3  # unreadable members named


def set_facts(images: ImageSet) -> dict[str, Any]:
    """What is known of a set, label to value, in the order to be shown."""
    height, width, channels = images.shape
    facts: dict[str, Any] = {
        "source": place(images.origin) or images.name,
        "format": images.format,
        "images": len(images),
        "parts": ", ".join(f"{number(len(where))} {name}" for name, where in images.parts.items()),
        "image": f"{height} × {width}, {'grey' if channels == 1 else 'colour'}",
        "classes": images.n_classes,
    }
    if images.unreadable:
        named = "; ".join(f"{one.where}: {one.reason}" for one in images.unreadable[:_SHOWN])
        rest = len(images.unreadable) - _SHOWN
        facts["left out"] = f"{plural(len(images.unreadable), 'unreadable member')} ({named}" + (
            f"; and {number(rest)} more)" if rest > 0 else ")"
        )
    if images.notes:
        facts["notes"] = "; ".join(images.notes)
    return facts | {"fingerprint": images.fingerprint[:16]}


def place(source: str) -> str:
    """A source without where it lies on this computer, which is nothing to a reader.

    Args:
        source: A name, or the path of a file or folder.
    """
    return PurePath(source).name if PurePath(source).is_absolute() else source


def part_beside(images: ImageSet, index: int) -> str:
    """The part an image is in, where there are several and its name does not say it."""
    if len(images.parts) < 2:
        return ""
    part = images.part_of(index)
    return "" if images.id_of(index).startswith(f"{part}/") else part
