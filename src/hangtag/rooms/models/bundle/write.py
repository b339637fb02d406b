"""A trained network, forest or mixture goes in, a bundle comes out on the disk, or nothing at all.

Imports Keras, onnx and onnxruntime through the siblings it calls, inside its functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import BundleError, SpecError
from hangtag.records import NetworkSpec, Preprocessing, Spec
from hangtag.rooms.models.building import Network, weights_of
from hangtag.rooms.models.bundle import container, manifest
from hangtag.rooms.models.bundle.classifier import Bundle, in_memory
from hangtag.rooms.models.bundle.facts import plain_facts
from hangtag.rooms.models.bundle.graph_check import check_graph
from hangtag.rooms.models.bundle.kinds import described
from hangtag.rooms.models.bundle.manifest import Manifest
from hangtag.rooms.models.bundle.read import read_bundle
from hangtag.rooms.models.check_preprocessing import check_preprocessing
from hangtag.rooms.models.parity import check_parity

Settle = Callable[[Bundle], Mapping[str, Any]]
Remember = Callable[[Bundle, bytes], bytes]
LIBRARIES = ("hangtag", "jax", "keras", "numpy", "onnx", "onnxruntime")


def write_bundle(
    path: str | Path,
    network: Network,
    spec: NetworkSpec,
    preprocessing: Preprocessing,
    *,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    facts: Mapping[str, Any],
    remember: Remember | None = None,
    settle: Settle | None = None,
    pictures: NDArray[np.uint8] | None = None,
) -> Path:
    """Write a network as a bundle: a folder, or one file if the name ends in ``.hangtag``.

    A bundle already there is replaced; anything else already there is left alone.

    Args:
        path: Where to.
        network: The trained Keras network.
        spec: Its description.
        preprocessing: What was done to the images it was trained on.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        facts: What is known of the model. ``threshold`` is the confidence below which it says
            "unknown" (without one every tag is); ``created`` replaces today's date; others, such
            as ``data``, ``metrics`` and ``seed``, are kept as they are.
        remember: Given the model as it will answer, and its ONNX, and asked for one that also says
            how familiar an image is.
        settle: Given the model as it will answer, and asked for further facts, such as a threshold
            that validation images settle. The bundle has its name only when they are in it.
        pictures: Some real images, ``(n, height, width, channels)`` uint8, on which the ONNX
            model is compared with the network beside random ones.

    Returns:
        `path`.

    Raises:
        SpecError: Network, description, preprocessing and classes do not belong together.
        OptionError: A fact cannot be kept.
        BundleError: Something else is in the way at `path`, the weights are not finite, or the
            ONNX model would answer differently by more than 1e-5.
    """
    place = Path(path)
    plain = _checked(place, spec, preprocessing, class_names, class_codes)
    told = plain_facts(facts)
    parts = _parts(network, spec, plain, pictures)
    more = (remember, settle)
    return _written(place, spec, plain, class_names, class_codes, told, parts, more)


def write_arrays_bundle(
    path: str | Path,
    spec: Spec,
    preprocessing: Preprocessing,
    *,
    arrays: Mapping[str, NDArray[Any]],
    model: bytes,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    facts: Mapping[str, Any],
) -> Path:
    """Write a model of plain arrays as a bundle, in the same form as a network.

    A bundle already there is replaced; anything else already there is left alone.

    Args:
        path: Where to: a folder, or a name that ends in ``.hangtag`` for one file.
        spec: The model in numbers.
        preprocessing: What was done to the images it was fitted on.
        arrays: All that it is, by name.
        model: Its ONNX model, already compared with it.
        class_names: One name per class.
        class_codes: The label of each class as its data set writes it.
        facts: What is known of it, as for :func:`write_bundle`.

    Returns:
        `path`.

    Raises:
        SpecError: Description, preprocessing and classes do not belong together.
        OptionError: A fact cannot be kept.
        BundleError: Something else is in the way at `path`, or it is no model that could be
            opened, or too large for one.
    """
    from safetensors import numpy as safetensors

    place = Path(path)
    plain = _checked(place, spec, preprocessing, class_names, class_codes)
    told = plain_facts(facts)
    check_graph(str(place), model, spec)
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    parts = {container.WEIGHTS: safetensors.save(whole), container.MODEL: model}
    size = max(map(len, parts.values()))
    if size > container.LARGEST_PART:
        raise _too_large(spec, size)
    return _written(place, spec, plain, class_names, class_codes, told, parts)


def _too_large(spec: Spec, size: int) -> BundleError:
    of, hint = described(spec).too_large()
    return BundleError(
        f"{spec.name} of {of} takes {size:,} bytes, more than a part of a bundle may have "
        f"({container.LARGEST_PART:,})",
        hint,
    )


def _checked(
    place: Path,
    spec: Spec,
    preprocessing: Preprocessing,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
) -> Preprocessing:
    """The preprocessing in plain numbers, once all of it fits together."""
    _check_place(place)
    described(spec).check_classes(len(class_names))
    _check_names(class_names, class_codes)
    plain = Preprocessing.from_dict(plain_facts(preprocessing.to_dict()))
    check_preprocessing(spec, plain)
    return plain


def _written(
    place: Path,
    spec: Spec,
    preprocessing: Preprocessing,
    class_names: tuple[str, ...],
    class_codes: tuple[int | str, ...],
    told: Mapping[str, Any],
    parts: Mapping[str, bytes],
    more: tuple[Remember | None, Settle | None] = (None, None),
) -> Path:
    remember, settle = more
    about = Manifest(
        spec=spec,
        preprocessing=preprocessing,
        class_names=tuple(class_names),
        class_codes=tuple(class_codes),
        facts={name: value for name, value in told.items() if name != "created"},
        libraries=_libraries(),
        created=told.get("created") or datetime.now(UTC).isoformat(timespec="seconds"),
        parts={name: manifest.part_facts(data) for name, data in parts.items()},
    )
    if remember is not None:
        model = remember(in_memory(place, about, parts), parts[container.MODEL])
        parts = {**parts, container.MODEL: model}
        about = replace(about, parts={one: manifest.part_facts(parts[one]) for one in parts})
    if settle is not None:
        about = about.with_facts(plain_facts(settle(in_memory(place, about, parts))))
    container.write_parts(place, {container.MANIFEST: manifest.to_bytes(about), **parts})
    return place


def with_facts(path: str | Path, facts: Mapping[str, Any]) -> Path:
    """Add facts to a bundle, or replace them; the model and its id stay the same.

    Args:
        path: The bundle.
        facts: Such as ``{"threshold": 0.7}``; a name that is there already is replaced.

    Raises:
        BundleError: The bundle is damaged; it is left as it is.
        OptionError: A fact cannot be kept.
    """
    place = Path(path)
    about, parts = read_bundle(place)
    # Facts are no part of the model's id, so a threshold that is settled later leaves tags
    # comparable.
    changed = about.with_facts(plain_facts(facts))
    container.replace_manifest(place, {**parts, container.MANIFEST: manifest.to_bytes(changed)})
    return place


def _parts(
    network: Network,
    spec: NetworkSpec,
    preprocessing: Preprocessing,
    images: NDArray[np.uint8] | None,
) -> dict[str, bytes]:
    from safetensors import numpy as safetensors

    from hangtag.rooms.models.onnx_writer import onnx_model

    weights = weights_of(network, spec)
    # One not-a-number makes every answer one, and no threshold ever catches it.
    bad = [name for name, array in weights.items() if not np.isfinite(array).all()]
    if bad:
        raise BundleError(
            f"network {spec.name} holds numbers that are not finite, in {bad[0]}",
            "train it again, with a smaller learning rate",
        )
    model = onnx_model(spec, weights, preprocessing)
    check_parity(model, network, spec, preprocessing, images)
    return {container.WEIGHTS: safetensors.save(weights), container.MODEL: model}


def _check_place(place: Path) -> None:
    if container.is_file(place):
        in_the_way = place.is_dir()
    else:
        other = place.is_dir() and not _is_bundle(place)
        in_the_way = place.is_file() or other
    if in_the_way:
        raise BundleError(
            f"{place} is there already and is not a bundle; it was left as it is",
            "choose another place",
        )


def _is_bundle(place: Path) -> bool:
    """Whether nothing but parts of a bundle is there, whole or not: a kill may have left less."""
    known = {container.MANIFEST, *container.PARTS}
    # A folder that holds anything else is somebody's own and is not replaced.
    names = {one.name for one in place.iterdir() if not atomic.is_partial(one.name)}
    return names <= known


def _check_names(class_names: tuple[str, ...], class_codes: tuple[int | str, ...]) -> None:
    words = all(isinstance(name, str) and name for name in class_names)
    if not words or len(set(class_names)) != len(class_names):
        raise SpecError("class names must be words, each one once", f"given: {class_names}")
    plain = all(type(code) in {int, str} for code in class_codes)
    if not plain or len(class_codes) != len(class_names):
        raise SpecError(
            f"there are {len(class_names)} class names and {len(class_codes)} class codes",
            "give one code, a whole number or a word, for each name",
        )


def _libraries() -> dict[str, str]:
    return {name: metadata.version(name) for name in LIBRARIES}
