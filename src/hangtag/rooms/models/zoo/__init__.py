"""The named networks: a name, an image shape and a class count go in, a description comes out.

To add a family: one file with ``RECIPES``, one line in :data:`FAMILIES`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from hangtag.errors import SpecError, nearest
from hangtag.records import NetworkSpec, TrainingOptions
from hangtag.rooms.models.resolve import resolve, size_in_words
from hangtag.rooms.models.zoo import house, s0, s1, s2, s3, s4
from hangtag.rooms.models.zoo.base import Recipe

FAMILIES = (s0, s1, s2, s3, s4, house)
_OWN = {one.name: one for family in FAMILIES for one in family.RECIPES}
# A network that is asked for by its study's name is called so: runs, bundles and pages of a study
# say what its document says.
_OF_STUDIES = {one.study: replace(one, name=one.study) for one in _OWN.values() if one.study}
RECIPES: dict[str, Recipe] = {**_OWN, **_OF_STUDIES}
"""Every network by every name that it is known by."""

MOST_CLASSES = 10_000


def network_names() -> tuple[str, ...]:
    """The names of all known networks, each by what it is: those of studies in order, then ours."""
    return tuple(_OWN)


def recipe(name: str) -> Recipe:
    """The named network with all its document says of its training.

    Raises:
        SpecError: There is no such network.
    """
    if name not in RECIPES:
        raise SpecError(f"there is no network '{name}'", nearest(name, RECIPES))
    return RECIPES[name]


def training_options(name: str) -> TrainingOptions:
    """How the named network's document trains it.

    Raises:
        SpecError: There is no such network.
    """
    return recipe(name).options


def network_spec(
    name: str,
    *,
    input_shape: tuple[int, int, int] | None = None,
    n_classes: int | None = None,
) -> NetworkSpec:
    """Describe a named network for images of a shape and a number of classes.

    Args:
        name: One of :func:`network_names`, or its name in a study, such as ``s0-cnn``.
        input_shape: ``(height, width, channels)`` after preprocessing; None takes the document's.
        n_classes: How many classes there are; None takes the document's number.

    Raises:
        SpecError: There is no such network, or it does not fit such images; the hint names the
            networks that do.

    Example:
        >>> network_spec("cnn-28-56", input_shape=(8, 8, 1), n_classes=10).layers[-1]["units"]
        10
    """
    chosen = recipe(name)
    shape = chosen.input_shape if input_shape is None else input_shape
    classes = chosen.n_classes if n_classes is None else n_classes
    if type(classes) is not int or not 2 <= classes <= MOST_CLASSES:
        raise SpecError(
            f"network {name} is asked to tell {classes} classes apart",
            f"give from 2 to {MOST_CLASSES}",
        )
    spec = _spec(chosen, shape, classes)
    try:
        resolve(spec)
    except SpecError as error:
        raise SpecError(
            f"network {name} does not fit images of {size_in_words(shape)}: {error.message}",
            _fitting(shape, classes) or error.hint,
        ) from None
    return spec


def _spec(chosen: Recipe, shape: tuple[int, int, int], n_classes: int) -> NetworkSpec:
    sizes = cast("tuple[int, int, int]", tuple(shape))  # a list out of a file will do
    return NetworkSpec(chosen.name, sizes, chosen.layers(n_classes))


def _fitting(shape: tuple[int, int, int], n_classes: int) -> str:
    names = [one.name for one in _OWN.values() if _fits(_spec(one, shape, n_classes))]
    return f"these fit such images: {', '.join(names)}" if names else ""


def _fits(spec: NetworkSpec) -> bool:
    try:
        resolve(spec)
    except SpecError:
        return False
    return True
