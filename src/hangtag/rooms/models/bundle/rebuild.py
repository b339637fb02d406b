"""A bundle goes in, its Keras network comes out; and networks go out as plain ``.keras`` files.

Imports Keras inside its functions. Weights come from ``weights.safetensors``, which holds numbers
and nothing that could run.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hangtag import atomic
from hangtag.errors import BundleError, OptionError
from hangtag.records.network import NETWORK
from hangtag.rooms.models.building import Network, build, set_weights, weights_of
from hangtag.rooms.models.bundle.classifier import Bundle
from hangtag.rooms.models.bundle.container import AGAIN, MODEL, WEIGHTS
from hangtag.rooms.models.bundle.read import read_bundle
from hangtag.rooms.models.describe import spec_of
from hangtag.rooms.models.resolve import resolve


def network_from_bundle(source: str | Path | Bundle) -> Network:
    """Rebuild the Keras network of a bundle, such as to train it further.

    Args:
        source: The bundle, or where it is.

    Returns:
        A ``keras.Sequential`` with the bundle's weights; it takes preprocessed images.

    Raises:
        BundleError: The bundle is damaged, holds no network, or not its network's weights.
    """
    place = _place(source)
    manifest, parts = read_bundle(place)
    spec: Any = manifest.spec
    if spec.kind != NETWORK:
        raise BundleError(
            f"{place} holds {spec.name}, which is no network", "hangtag.open_model opens any model"
        )
    weights = _read_weights(place, parts[WEIGHTS])
    expected = {
        f"{layer.name}/{weight.name}": (weight.shape, weight.dtype)
        for layer in resolve(spec)
        for weight in layer.weights
    }
    # All names, shapes and types at once, so that nothing of a foreign file reaches Keras.
    held = {name: (array.shape, str(array.dtype)) for name, array in weights.items()}
    if held != expected:
        raise BundleError(f"{WEIGHTS} of {place} does not hold its network's weights", AGAIN)
    network = build(spec)
    set_weights(network, spec, weights)
    return network


def weights_from_bundle(source: str | Path | Bundle) -> dict[str, NDArray[Any]]:
    """Every array of a bundle by its name: weights of a network, trees, components of a mixture.

    They are as the file has them; who uses them checks whether they fit each other.

    Raises:
        BundleError: The bundle is damaged.
    """
    place = _place(source)
    return _read_weights(place, read_bundle(place)[1][WEIGHTS])


def model_from_bundle(source: str | Path | Bundle) -> bytes:
    """The ONNX model of a bundle, checked against its hash.

    Raises:
        BundleError: The bundle is damaged.
    """
    return read_bundle(_place(source))[1][MODEL]


def export_keras(source: str | Path | Bundle | Network, path: str | Path) -> Path:
    """Write a network as a ``.keras`` file of standard layers only.

    ``keras.saving.load_model`` opens it anywhere, without Hangtag. It takes images after
    preprocessing; a bundle's ``manifest.json`` says what that is.

    Args:
        source: A bundle, where one is, or a Keras network.
        path: Where to; the name must end in ``.keras``.

    Returns:
        `path`.

    Raises:
        OptionError: The name does not end in ``.keras``.
        SpecError: The network cannot be described by known layers.
        BundleError: The bundle is damaged.
    """
    place = Path(path)
    if place.suffix != ".keras":
        raise OptionError(f"Keras opens no model named {place.name}", "end its name in .keras")
    plain = network_from_bundle(source) if _is_bundle(source) else _plain(source)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "network.keras"
        plain.save(draft)
        return atomic.write_bytes(place, draft.read_bytes())


def _place(source: str | Path | Bundle) -> Path:
    return source.path if isinstance(source, Bundle) else Path(source)


def _is_bundle(source: object) -> bool:
    return isinstance(source, str | Path | Bundle)


def _plain(network: Network) -> Network:
    """The same network of standard layers: a trainer may have put faster ones in their place."""
    spec = spec_of(network)
    plain = build(spec)
    set_weights(plain, spec, weights_of(network, spec))
    return plain


def _read_weights(place: Path, data: bytes) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors import numpy as safetensors

    try:
        weights: dict[str, NDArray[Any]] = safetensors.load(data)
    except (SafetensorError, KeyError, ValueError):
        raise BundleError(f"{WEIGHTS} of {place} is not a safetensors file", AGAIN) from None
    return weights
