"""A network's description and changes by name go in, the changed description comes out.

Names are ``FAMILY.option`` for all hidden layers of a family (``dense.units``, ``conv.filters``),
``FAMILY_N.option`` for the N-th of them, and ``dense.layers``, ``dropout`` and ``batchnorm``, which
add or remove layers. To add a family: a line in :data:`FAMILIES`; another kind of change: a
function like :func:`_with_dropout` and a line in :data:`STRUCTURES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hangtag.errors import SpecError, nearest
from hangtag.records import NetworkSpec
from hangtag.rooms.models.layers import LAYERS

FAMILIES = {"conv": "Conv2D", "dense": "Dense", "pool": "MaxPooling2D"}
MOST_DENSE = 20

_NAME = re.compile(r"([a-z]+)(?:_(\d+))?\.(\w+)")
Layers = list[dict[str, Any]]


def changeable(spec: NetworkSpec) -> tuple[str, ...]:
    """The names of all that can be changed in a network."""
    names: list[str] = []
    for family, kind in FAMILIES.items():
        count = sum(layer["layer"] == kind for layer in spec.layers[:-1])
        if count:
            places = (family, *(f"{family}_{number + 1}" for number in range(count)))
            names += [f"{place}.{option}" for place in places for option in LAYERS[kind].options]
    return (*names, *(STRUCTURES if "dense.units" in names else ()))


def change(spec: NetworkSpec, changes: Mapping[str, object]) -> NetworkSpec:
    """Change a network's hidden layers; its output stays as it is.

    Args:
        spec: The network.
        changes: Name to value, such as ``{"dense.units": 64, "dropout": 0.5}``. Layers that
            ``dense.layers`` adds have half the units of the one before, unless said otherwise.

    Raises:
        SpecError: There is nothing of such a name, or it cannot have such a value. Values of
            layers' options are checked when the network is resolved.

    Example:
        >>> change(network_spec("mlp-128-64-32-half"), {"dropout": 0.5}).layers == network_spec(
        ...     "mlp-128-64-32-half-dropout").layers
        True
    """
    hidden, last = [dict(layer) for layer in spec.layers[:-1]], spec.layers[-1]
    options = {name: value for name, value in changes.items() if name not in STRUCTURES}
    hidden = _with_options(spec, hidden, options, final=False)
    for name, apply in STRUCTURES.items():
        if name in changes:
            hidden = apply(spec, hidden, changes[name])
    # Once more: an option may be of a layer that was only added just now, and one that does not
    # exist even then is refused.
    hidden = _with_options(spec, hidden, options, final=True)
    return replace(spec, layers=(*hidden, last))


def _with_options(
    spec: NetworkSpec, hidden: Layers, options: Mapping[str, object], *, final: bool
) -> Layers:
    """Options of a family first, so that those of one layer go before them."""
    # dense.units=64 with dense_2.units=32 means the second one differently, in whatever order the
    # two are given.
    for name in sorted(options, key=lambda one: "_" in one.split(".")[0]):
        found = _NAME.fullmatch(name)
        kind = FAMILIES.get(found[1]) if found else None
        layers = [layer for layer in hidden if layer["layer"] == kind]
        if found is None or kind is None or found[3] not in LAYERS[kind].options or not layers:
            raise _unknown(spec, name)
        if found[2] is not None and not 1 <= int(found[2]) <= len(layers):
            if final:
                raise _unknown(spec, name)
            continue
        chosen = layers if found[2] is None else [layers[int(found[2]) - 1]]
        for layer in chosen:
            layer[found[3]] = options[name]
    return hidden


def _unknown(spec: NetworkSpec, name: str) -> SpecError:
    return SpecError(
        f"network {spec.name} has nothing called '{name}' to change",
        nearest(name, changeable(spec)),
    )


def _with_dense_layers(spec: NetworkSpec, hidden: Layers, wanted: object) -> Layers:
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= MOST_DENSE:
        raise SpecError(
            f"network {spec.name} is asked for {wanted} dense layers", f"give 1 to {MOST_DENSE}"
        )
    start, blocks = _dense_blocks(spec, hidden)
    while len(blocks) < wanted:
        # Without its name: no two layers of a network have one name.
        copy = [{key: value for key, value in one.items() if key != "name"} for one in blocks[-1]]
        copy[0]["units"] = max(1, int(copy[0]["units"]) // 2)
        blocks.append(copy)
    return [*start, *(layer for block in blocks[:wanted] for layer in block)]


def _with_dropout(spec: NetworkSpec, hidden: Layers, rate: object) -> Layers:
    if not rate:
        return [layer for layer in hidden if layer["layer"] != "Dropout"]
    if any(layer["layer"] == "Dropout" for layer in hidden):
        return [{**one, "rate": rate} if one["layer"] == "Dropout" else one for one in hidden]
    start, blocks = _dense_blocks(spec, hidden)
    made = ([*block, {"layer": "Dropout", "rate": rate}] for block in blocks)
    return [*start, *(layer for block in made for layer in block)]


def _with_batchnorm(spec: NetworkSpec, hidden: Layers, wanted: object) -> Layers:
    if not isinstance(wanted, bool):
        raise SpecError(f"network {spec.name} is asked for batchnorm {wanted}", "true or false")
    start, blocks = _dense_blocks(spec, hidden)
    made: Layers = []
    for first, *rest in blocks:
        others = [layer for layer in rest if layer["layer"] != "BatchNormalization"]
        if wanted:  # its shift does what a bias would
            made += [{**first, "use_bias": False}, {"layer": "BatchNormalization"}, *others]
        else:
            made += [{**first, "use_bias": True} if "use_bias" in first else first, *others]
    return [*start, *made]


def _dense_blocks(spec: NetworkSpec, hidden: Layers) -> tuple[Layers, list[Layers]]:
    """What is before the first hidden dense layer; and each of them with what follows it."""
    places = [place for place, layer in enumerate(hidden) if layer["layer"] == "Dense"]
    if not places:
        raise SpecError(f"network {spec.name} has no hidden dense layer to change")
    ends = [*places[1:], len(hidden)]
    return hidden[: places[0]], [hidden[a:b] for a, b in zip(places, ends, strict=True)]


_Apply = Callable[[NetworkSpec, Layers, object], Layers]
STRUCTURES: Mapping[str, _Apply] = {
    "dense.layers": _with_dense_layers,
    "batchnorm": _with_batchnorm,
    "dropout": _with_dropout,
}
"""Changes that add or remove layers, in the order in which they are made."""
