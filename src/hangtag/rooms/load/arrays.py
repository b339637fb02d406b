"""Arrays of any usual kind (from npy, npz, Parquet, Python) into images and labels.

Arrays by name come in, a Raw goes out. The stated rules:

* names: ``x_train y_train x_test y_test`` (also ``X_…``, ``…_val``, ``…_valid``), ``images
  labels`` with or without a part before or after (``train_images``), ``x y``, ``data target``.
* shapes: ``(n, h, w)``, ``(n, h, w, 1|3|4)``, ``(n, 1|3, h, w)``, ``(n, pixels)`` of a square.
* values: any usual range, told over all parts as `values.py` says; rows in colour in either
  order, told as `orders.py` says.
* labels: ``(n,)``, ``(n, 1)`` or one-hot ``(n, classes)``; numbers or text; NaN is no label.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hangtag.errors import FormatError
from hangtag.records import LoadOptions
from hangtag.rooms.load import orders
from hangtag.rooms.load.labels import to_codes
from hangtag.rooms.load.parts import part_name, part_rank, ranges
from hangtag.rooms.load.raw import Raw
from hangtag.rooms.load.values import Seen, see, to_bytes, whites

_IMAGES = ("x", "images", "image", "imgs", "data", "pixels", "pictures", "features")
_LABELS = ("y", "labels", "label", "targets", "target", "classes")
_CHUNK = 1024
_SAID_NOTHING = LoadOptions()


def read(arrays: Mapping[str, Any], where: str, options: LoadOptions = _SAID_NOTHING) -> Raw:
    """Sort named arrays into parts and turn them into one Raw.

    Args:
        arrays: Array-likes by name.
        where: What they came from, for the error sentences.
        options: What was said: the array with the labels, the range, the order.

    Raises:
        FormatError: Names, shapes, values or lengths do not fit.
    """
    pairs = pair_up(arrays, where, options.label)
    if len(pairs) == 1 and "train" not in pairs:
        # A lone test array is all there is of the set, and whoever gives it wants to divide it.
        pairs = {"all": next(iter(pairs.values()))}  # what lies alone is all there is
    return read_pairs(arrays, pairs, where, options)


def read_pairs(
    arrays: Mapping[str, Any],
    pairs: Mapping[str, tuple[str, str | None]],
    where: str,
    options: LoadOptions = _SAID_NOTHING,
    *,
    ask: bool = True,
) -> Raw:
    """As :func:`read`, with the names of images and labels of each part given."""
    values = {part: arrays[images_key] for part, (images_key, _) in pairs.items()}
    names = {part: f"{images_key} in {where}" for part, (images_key, _) in pairs.items()}
    images, notes = to_images(values, names, where, options, ask=ask)
    labels: dict[str, NDArray[Any] | None] = dict.fromkeys(pairs)
    for part, (images_key, labels_key) in pairs.items():
        if labels_key is not None:
            labels[part] = given = to_labels(arrays[labels_key], f"{labels_key} in {where}")
            _check_lengths(images_key, images[part], labels_key, given, where)
    shapes = {part: one.shape[1:] for part, one in images.items()}
    if len(set(shapes.values())) > 1:
        raise FormatError(
            f"{where} holds images of different shapes: {shapes}", "make them one shape"
        )
    parts = ranges({part: len(one) for part, one in images.items()})
    codes, unlabelled = join_labels(labels, parts, where)
    return Raw(
        images=_joined(list(images.values())),
        codes=codes,
        unlabelled=unlabelled,
        parts=parts,
        notes=tuple(notes),
    )


def pair_up(
    names: Mapping[str, Any], where: str, label: str | None = None
) -> dict[str, tuple[str, str | None]]:
    """Part to the names of its images and of its labels (None without), train first.

    Raises:
        FormatError: No name says that it holds images, or two claim one part.
    """
    found: dict[str, dict[str, str]] = {}
    for name in names:
        # What a person said comes before what names say.
        part, what = ("all", "labels") if name == label else kind_of(name)
        if what:
            # Never a guess which of two arrays is meant: one of them may be the augmented copy of
            # the other.
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
            f"{where} holds {', '.join(map(str, names)) or 'nothing'}; no name says images",
            "call the arrays x_train y_train x_test y_test, or images labels",
        )
    lonely = sorted(found.keys() - pairs.keys())
    if lonely:
        raise FormatError(
            f"{where} has labels but no images for {', '.join(lonely)}", "add the images"
        )
    return dict(sorted(pairs.items(), key=lambda item: part_rank(item[0])))


def kind_of(name: str) -> tuple[str, str]:
    """The part a name stands for, and ``pictures``, ``labels`` or empty."""
    part, what, set_name = kind_in_set(name)
    return part, "" if set_name else what


def kind_in_set(name: str) -> tuple[str, str, str]:
    """As :func:`kind_of`, and the set that ``kmnist-train-imgs`` and its like name besides."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word]
    parts = [part for word in words if (part := part_name(word))]
    rest = [word for word in words if not part_name(word)]
    # The last word says what it is, the words before it of which set: in kmnist-train-imgs the last
    # is imgs.
    what = "pictures" if rest and rest[-1] in _IMAGES else ""
    what = "labels" if rest and rest[-1] in _LABELS else what
    return (parts[0] if len(parts) == 1 else "all"), what, " ".join(rest[:-1])


def to_images(
    arrays: Mapping[str, ArrayLike],
    names: Mapping[str, str],
    where: str,
    options: LoadOptions = _SAID_NOTHING,
    *,
    ask: bool = True,
) -> tuple[dict[str, NDArray[np.uint8]], tuple[str, ...]]:
    """The arrays of all parts as ``(n, height, width, 1 or 3)`` uint8, and what was decided.

    Raises:
        FormatError: Shape or values are not those of images.
        AmbiguousError: The order or the range of the values cannot be told.
    """
    notes: dict[str, None] = {}
    shaped: dict[str, NDArray[Any]] = {}
    for part, array in arrays.items():
        shaped[part], said = shape_up(np.asarray(array), names[part], options)
        notes.update(dict.fromkeys(said))
        if shaped[part].shape[1] < 1 or shaped[part].shape[2] < 1:
            raise FormatError(
                f"{names[part]} holds images without pixels", "check how it was written"
            )
    # Looked at over all parts before any is changed: a test part that happens to hold no bright
    # pixel must be scaled as its training part is.
    seen: dict[str, Seen] = {part: see(one, names[part]) for part, one in shaped.items()}
    white, said = whites(seen, options.value_range, where, ask=ask)
    notes.update(dict.fromkeys(said))
    images: dict[str, NDArray[np.uint8]] = {}
    for part, one in shaped.items():
        pixels = to_bytes(one, white[part])
        if pixels.shape[3] == 4:
            pixels = _over_white(pixels)
            notes["transparent pixels were laid over white"] = None
        images[part] = np.ascontiguousarray(pixels)
    return images, tuple(notes)


def to_labels(array: ArrayLike, where: str) -> NDArray[Any]:
    """Any array of labels as ``(n,)`` int64 or text.

    Raises:
        FormatError: It is neither numbers, nor text, nor one-hot.
    """
    values = np.asarray(array)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.shape[1] > 1 and values.dtype.kind in "buif":
        # Rows with several ones are several labels an image, which we cannot keep; arg-max would
        # pick one in silence.
        if not (np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all()):
            raise FormatError(
                f"{where} has {values.shape[1]} labels for each image",
                "give one label for each, as a number or one-hot",
            )
        return np.asarray(np.argmax(values, axis=1))
    if values.ndim != 1:
        raise FormatError(
            f"{where} is {values.shape}, not one label for each image", "give (n,) labels"
        )
    if values.dtype.kind == "f":
        values = _whole_labels(values)
    # npy files of C programs hold bytes; a letter outside of UTF-8 must not cost the whole set.
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind not in "buiU":
        raise FormatError(
            f"{where} holds {values.dtype}; labels are whole numbers or text",
            "write the labels as numbers",
        )
    codes: NDArray[Any] = values if values.dtype.kind == "U" else values.astype(np.int64)
    return codes


def _whole_labels(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers as such; as text if some are missing, and as they are if any is a fraction."""
    there = values[~np.isnan(values)]
    if not (np.isfinite(there).all() and (there % 1 == 0).all()):
        return values
    return values.astype(np.int64 if len(there) == len(values) else np.str_)


def join_labels(
    labels: Mapping[str, NDArray[Any] | None], parts: Mapping[str, range], where: str
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    """The labels of all parts as one array, and where there are none."""
    given = {part: codes for part, codes in labels.items() if codes is not None}
    if not given:
        return None, None
    text = {part: codes.dtype.kind == "U" for part, codes in given.items()}
    if any(text.values()):
        return _join_text(given, parts, where)
    # The zeros of an unlabelled part never count: the mask beside them says so.
    pieces = [given.get(part, np.zeros(len(rows), np.int64)) for part, rows in parts.items()]
    unlabelled = np.concatenate(
        [np.full(len(rows), part not in given) for part, rows in parts.items()]
    )
    return np.concatenate(pieces), unlabelled if unlabelled.any() else None


def _join_text(
    given: Mapping[str, NDArray[Any]], parts: Mapping[str, range], where: str
) -> tuple[NDArray[Any] | None, NDArray[np.bool_] | None]:
    written: list[str | None] = []
    kinds: set[str] = set()
    for part, rows in parts.items():
        own = given[part].astype(np.str_).tolist() if part in given else [None] * len(rows)
        written += own
        codes, _, _ = to_codes(own)
        kinds |= {codes.dtype.kind} if codes is not None else set()
    if len(kinds) > 1:
        raise FormatError(
            f"{where} has numbers as labels in one part and text in another", "use one of them"
        )
    codes, unlabelled, _ = to_codes(written)
    return codes, unlabelled


def side_of(n_pixels: int) -> tuple[int, int, int] | None:
    """``(height, width, channels)`` of a square image of that many values; None if none is."""
    # No number is a square and three times a square, so at most one of the two fits.
    for channels in (1, 3):
        side = math.isqrt(n_pixels // channels)
        if n_pixels and side * side * channels == n_pixels:
            return side, side, channels
    return None


def shape_of(n_values: int, size: tuple[int, int] | None) -> tuple[int, int, int] | None:
    """As :func:`side_of`, where a size that was asked for counts before a square."""
    if size is not None and n_values in (size[0] * size[1], 3 * size[0] * size[1]):
        return *size, n_values // (size[0] * size[1])
    return side_of(n_values)


def shape_up(
    values: NDArray[Any], where: str, options: LoadOptions
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """An array as ``(n, height, width, channels)`` of its own values, and what was decided.

    Raises:
        FormatError: Its shape is not one of images.
        AmbiguousError: The order of colours cannot be told.
    """
    shape = values.shape
    if values.ndim == 2:
        square = shape_of(shape[1], options.size)
        if square:
            images, said = orders.to_images(values, square, options.order, where)
            how = f"rows of {shape[1]} values are {square[0]}×{square[1]}×{square[2]} images"
            return images, (how, *said)
    elif values.ndim == 3:
        return values[..., None], ()
    # Channels last are asked first, so that images of three rows and three channels are read as
    # most people write them.
    elif values.ndim == 4 and shape[3] in (1, 3, 4):
        return values, ()
    elif values.ndim == 4 and shape[1] in (1, 3):
        return values.transpose(0, 2, 3, 1), ("channels came first and were put last",)
    raise FormatError(
        f"{where} is {'×'.join(map(str, shape)) or 'a single number'},"
        " which is not a shape of images",
        "images are (n, height, width), with 1 or 3 channels last, or (n, pixels) if square",
    )


def _over_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    result = np.empty((*pixels.shape[:3], 3), np.uint8)
    for start in range(0, len(pixels), _CHUNK):
        # Sixteen bits hold 255 × 255; the 127 rounds to nearest instead of down.
        some = pixels[start : start + _CHUNK].astype(np.uint16)
        seen = some[..., 3:]
        result[start : start + _CHUNK] = (some[..., :3] * seen + 255 * (255 - seen) + 127) // 255
    return result


def _joined(images: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return images[0] if len(images) == 1 else np.concatenate(images)


def _check_lengths(
    images_key: str, images: NDArray[Any], labels_key: str, labels: NDArray[Any], where: str
) -> None:
    if len(images) != len(labels):
        raise FormatError(
            f"{where} has {len(images)} images in {images_key}"
            f" and {len(labels)} labels in {labels_key}",
            "each image needs one label",
        )
