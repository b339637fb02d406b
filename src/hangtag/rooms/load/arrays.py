"""Arrays of any usual kind (from npy, npz, Parquet, Python) into pictures and labels.

Arrays by name come in, a Raw goes out. The stated rules:

* names: ``x_train y_train x_test y_test`` (also ``X_…``, ``…_val``, ``…_valid``), ``images
  labels`` with or without a part before or after (``train_images``), ``x y``, ``data target``.
* shapes: ``(n, h, w)``, ``(n, h, w, 1|3|4)``, ``(n, 1|3, h, w)``, ``(n, pixels)`` of a square.
* values: bytes as they are; whole numbers 0–255; floats in [0, 1] times 255, rounded; booleans
  as black and white. Anything else is refused: guessing a range would change the pictures.
* labels: ``(n,)``, ``(n, 1)`` or one-hot ``(n, classes)``; numbers or text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.errors import FormatError
from hangtag.rooms.load.parts import part_name, part_rank, ranges
from hangtag.rooms.load.raw import Raw

_PICTURES = ("x", "images", "image", "imgs", "data", "pixels", "pictures", "features")
_LABELS = ("y", "labels", "label", "targets", "target", "classes")
_CHUNK = 1024
_SCALED = ("values from 0 to 1 became 0 to 255",)


def read(arrays: Mapping[str, Any], where: str, label: str | None = None) -> Raw:
    """Sort named arrays into parts and turn them into one Raw.

    Args:
        arrays: Array-likes by name.
        where: What they came from, for the error sentences.
        label: Name of the array with the labels, when its name does not say so.

    Raises:
        FormatError: Names, shapes, values or lengths do not fit.
    """
    return read_pairs(arrays, pair_up(arrays, where, label), where)


def read_pairs(
    arrays: Mapping[str, Any], pairs: Mapping[str, tuple[str, str | None]], where: str
) -> Raw:
    """As :func:`read`, with the names of pictures and labels of each part given."""
    notes: list[str] = []
    pictures: dict[str, NDArray[np.uint8]] = {}
    labels: dict[str, NDArray[Any] | None] = {}
    for part, (images_key, labels_key) in pairs.items():
        pictures[part], said = to_pictures(arrays[images_key], f"{images_key} in {where}")
        notes += [one for one in said if one not in notes]
        labels[part] = None
        if labels_key is not None:
            labels[part] = given = to_labels(arrays[labels_key], f"{labels_key} in {where}")
            _check_lengths(images_key, pictures[part], labels_key, given, where)
    shapes = {part: one.shape[1:] for part, one in pictures.items()}
    if len(set(shapes.values())) > 1:
        raise FormatError(
            f"{where} holds pictures of different shapes: {shapes}", "make them one shape"
        )
    parts = ranges({part: len(one) for part, one in pictures.items()})
    codes, unlabelled = join_labels(labels, parts, where)
    return Raw(
        images=_joined(list(pictures.values())),
        codes=codes,
        unlabelled=unlabelled,
        parts=parts,
        notes=tuple(notes),
    )


def pair_up(
    names: Mapping[str, Any], where: str, label: str | None = None
) -> dict[str, tuple[str, str | None]]:
    """Part to the names of its pictures and of its labels (None without), train first.

    Raises:
        FormatError: No name says that it holds pictures, or two claim one part.
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        part, what = ("all", "labels") if name == label else kind_of(name)
        if what:
            if what in found.setdefault(part, {}):
                raise FormatError(
                    f"{where} has both {found[part][what]} and {name} for the {what} of {part}",
                    "keep one of them",
                )
            found[part][what] = name
    pairs = {
        part: (one["pictures"], one.get("labels"))
        for part, one in found.items()
        if "pictures" in one
    }
    if not pairs:
        raise FormatError(
            f"{where} holds {', '.join(map(str, names)) or 'nothing'}; no name says pictures",
            "call the arrays x_train y_train x_test y_test, or images labels",
        )
    lonely = sorted(found.keys() - pairs.keys())
    if lonely:
        raise FormatError(
            f"{where} has labels but no pictures for {', '.join(lonely)}", "add the pictures"
        )
    return dict(sorted(pairs.items(), key=lambda item: part_rank(item[0])))


def kind_of(name: str) -> tuple[str, str]:
    """The part a name stands for, and ``pictures``, ``labels`` or empty."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    parts = [part for word in words if (part := part_name(word))]
    rest = [word for word in words if not part_name(word)]
    what = "pictures" if rest and rest[-1] in _PICTURES else ""
    what = "labels" if rest and rest[-1] in _LABELS else what
    return (parts[0] if len(parts) == 1 else "all"), what if len(rest) == 1 else ""


def to_pictures(array: ArrayLike, where: str) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Any array of pictures as ``(n, height, width, 1 or 3)`` uint8, and what was decided.

    Raises:
        FormatError: Shape or values are not those of pictures.
    """
    values = np.asarray(array)
    shaped, notes = _shaped(values, where)
    if shaped.shape[1] < 1 or shaped.shape[2] < 1:
        raise FormatError(f"{where} holds pictures without pixels", "check how it was written")
    pixels, said = to_bytes(shaped, where)
    if pixels.shape[3] == 4:
        pixels, notes = _over_white(pixels), (*notes, "transparent pixels were laid over white")
    return np.ascontiguousarray(pixels), (*notes, *said)


def to_labels(array: ArrayLike, where: str) -> NDArray[Any]:
    """Any array of labels as ``(n,)`` int64 or text.

    Raises:
        FormatError: It is neither numbers, nor text, nor one-hot.
    """
    values = np.asarray(array)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.shape[1] > 1 and values.dtype.kind in "buif":
        if not (np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()):
            raise FormatError(
                f"{where} has {values.shape[1]} labels for each picture",
                "give one label for each, as a number or one-hot",
            )
        return np.asarray(np.argmax(values, axis=1))
    if values.ndim != 1:
        raise FormatError(
            f"{where} is {values.shape}, not one label for each picture", "give (n,) labels"
        )
    if values.dtype.kind == "f" and np.isfinite(values).all() and (values % 1 == 0).all():
        values = values.astype(np.int64)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind not in "buiU":
        raise FormatError(
            f"{where} holds {values.dtype}; labels are whole numbers or text",
            "write the labels as numbers",
        )
    codes: NDArray[Any] = values if values.dtype.kind == "U" else values.astype(np.int64)
    return codes


def join_labels(
    labels: Mapping[str, NDArray[Any] | None], parts: Mapping[str, range], where: str
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    """The labels of all parts as one array, and where there are none."""
    given = {part: codes for part, codes in labels.items() if codes is not None}
    if not given:
        return None, None
    if len({codes.dtype.kind == "U" for codes in given.values()}) > 1:
        raise FormatError(
            f"{where} has numbers as labels in one part and text in another", "use one of them"
        )
    kind = next(iter(given.values())).dtype
    pieces = [given.get(part, np.zeros(len(rows), kind)) for part, rows in parts.items()]
    unlabelled = np.concatenate(
        [np.full(len(rows), part not in given) for part, rows in parts.items()]
    )
    return np.concatenate(pieces), unlabelled if unlabelled.any() else None


def side_of(n_pixels: int) -> tuple[int, int, int] | None:
    """``(height, width, channels)`` of a square picture of that many values; None if none is."""
    for channels in (1, 3):
        side = math.isqrt(n_pixels // channels)
        if n_pixels and side * side * channels == n_pixels:
            return side, side, channels
    return None


def _shaped(values: NDArray[Any], where: str) -> tuple[NDArray[Any], tuple[str, ...]]:
    shape = values.shape
    if values.ndim == 2:
        square = side_of(shape[1])
        if square:
            return values.reshape(-1, *square), (
                f"rows of {shape[1]} values are {square[0]}×{square[1]}×{square[2]} pictures",
            )
    elif values.ndim == 3:
        return values[..., None], ()
    elif values.ndim == 4 and shape[3] in (1, 3, 4):
        return values, ()
    elif values.ndim == 4 and shape[1] in (1, 3):
        return values.transpose(0, 2, 3, 1), ("channels came first and were put last",)
    raise FormatError(
        f"{where} is {'×'.join(map(str, shape)) or 'a single number'},"
        " which is not a shape of pictures",
        "pictures are (n, height, width), with 1 or 3 channels last, or (n, pixels) if square",
    )


def to_bytes(values: NDArray[Any], where: str) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """Pixel values of any usual kind as uint8, and what was decided.

    Raises:
        FormatError: They are neither bytes, nor 0–255, nor 0–1.
    """
    kind = values.dtype.kind
    if values.dtype == np.uint8:
        return values, ()
    if kind == "b":
        return values.astype(np.uint8) * np.uint8(255), ("true and false became 255 and 0",)
    if kind not in "uif":
        raise FormatError(f"{where} holds {values.dtype}, not numbers", "write pixels as bytes")
    if not values.size:
        return values.astype(np.uint8), ()
    low, high = float(values.min()), float(values.max())
    whole = kind in "ui" or (1 < high <= 255 and _whole(values))
    if not (low >= 0 and high <= (255 if whole else 1)):  # also when either is not a number
        raise FormatError(
            f"{where} holds values from {low:g} to {high:g};"
            " pixels are whole numbers 0–255 or floats 0–1",
            "undo the standardisation, or scale them, before saving",
        )
    return (values.astype(np.uint8), ()) if whole else (_scaled(values), _SCALED)


def _scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
    pixels = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _CHUNK):
        pixels[start : start + _CHUNK] = np.rint(values[start : start + _CHUNK] * 255.0)
    return pixels


def _whole(values: NDArray[Any]) -> bool:
    return all(
        bool((values[start : start + _CHUNK] % 1 == 0).all())
        for start in range(0, len(values), _CHUNK)
    )


def _over_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    result = np.empty((*pixels.shape[:3], 3), np.uint8)
    for start in range(0, len(pixels), _CHUNK):
        some = pixels[start : start + _CHUNK].astype(np.uint16)
        seen = some[..., 3:]
        result[start : start + _CHUNK] = (some[..., :3] * seen + 255 * (255 - seen) + 127) // 255
    return result


def _joined(pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return pictures[0] if len(pictures) == 1 else np.concatenate(pictures)


def _check_lengths(
    images_key: str, images: NDArray[Any], labels_key: str, labels: NDArray[Any], where: str
) -> None:
    if len(images) != len(labels):
        raise FormatError(
            f"{where} has {len(images)} pictures in {images_key}"
            f" and {len(labels)} labels in {labels_key}",
            "each picture needs one label",
        )
