"""Maps in, what their script needs out: numbers packed small, names, and the sheets' addresses.

Places are 16-bit numbers across the box of their map, a 65,536th of it apart: finer than a screen.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.records import ImageSet, Projection
from hangtag.rooms.report.maps.mapped import Mapped, title_of
from hangtag.rooms.report.maps.palette import SHAPES
from hangtag.rooms.report.maps.sheets import COLUMNS, PER_SHEET, Sheets

_NAMES = 2_000_000  # characters of names a page has room for
_FINEST = 65_535


def island(mapped: Mapped) -> dict[str, Any]:
    """Everything but the sheets, JSON-ready; :func:`with_sheets` adds those."""
    return {
        "count": len(mapped.indices),
        "names": _names(mapped.images, mapped.indices),
        "shapes": list(SHAPES),
        "groupings": [
            {"title": one.title, "names": list(one.names), "groups": _packed(one.groups, "<u2")}
            for one in mapped.groupings
        ],
        "maps": [_map(one, mapped.indices) for one in mapped.maps],
    }


def with_sheets(values: dict[str, Any], found: Sheets | None) -> dict[str, Any]:
    """The same with the thumbnails."""
    if found is None:
        return {**values, "sheets": None}
    return {
        **values,
        "sheets": {
            "uris": list(found.uris),
            "width": found.width,
            "height": found.height,
            "columns": COLUMNS,
            "each": PER_SHEET,
        },
    }


def names_fit(images: ImageSet, indices: NDArray[np.int64]) -> bool:
    """Whether the page has room for the images' names."""
    if images.ids is None:
        return True
    return sum(len(images.ids[index]) + 1 for index in indices) <= _NAMES


def _names(images: ImageSet, indices: NDArray[np.int64]) -> dict[str, Any]:
    """Names as a list, or as what they are made from, or as bare numbers where they do not fit."""
    if images.ids is not None and names_fit(images, indices):
        return {"list": [images.ids[index] for index in indices]}
    parts = [[name, where.start, where.stop] for name, where in images.parts.items()]
    made = images.ids is None
    return {"parts": parts if made else [], "indices": _packed(indices, "<u4")}


def _map(one: Projection, indices: NDArray[np.int64]) -> dict[str, Any]:
    points = one.points[:, :2].astype(np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    spread = np.where(high > low, high - low, 1.0)
    places = np.round((points - low) / spread * _FINEST)
    rows = np.searchsorted(indices, one.indices)
    whole = len(rows) == len(indices) and bool((rows == np.arange(len(rows))).all())
    return {
        "title": title_of(one),
        "rows": "" if whole else _packed(rows, "<u4"),
        "places": _packed(places.ravel(), "<u2"),
        "box": [float(low[0]), float(high[0]), float(low[1]), float(high[1])],
    }


def _packed(values: NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values.astype(kind)).tobytes()).decode("ascii")
