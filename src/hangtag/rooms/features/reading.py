"""A text that asks for features goes in, the features come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hangtag.errors import OptionError, nearest
from hangtag.rooms.features.base import Features, Material
from hangtag.rooms.features.encoder import from_encoder
from hangtag.rooms.features.network import from_network
from hangtag.rooms.features.pixels import amount, from_axes, from_pixels

FEATURES: Mapping[str, Callable[[str, Material], Features]] = {
    "pixels": from_pixels,
    "pca": from_axes,
    "network": from_network,
    "encoder": from_encoder,
}
"""What there is, by the word before the colon."""


EXAMPLES = "pixels, pca:0.95, network:RUN or encoder:photo"


def features(said: str, material: Material) -> Features:
    """The features that a text asks for.

    Args:
        said: ``pixels``, ``pca:0.95``, ``pca:20``, ``network:RUN``, ``encoder:photo``.
        material: What they are learnt from.

    Raises:
        OptionError: There are none such, or they cannot be of these images.
    """
    check(said)
    word, _, rest = said.partition(":")
    return FEATURES[word](rest, material)


def check(said: str) -> None:
    """Refuse a text that asks for no features.

    Raises:
        OptionError: It does.
    """
    word, colon, rest = said.partition(":")
    if word not in FEATURES:
        raise OptionError(f"there are no features '{said}'", nearest(word, FEATURES))
    if (word == "pixels") == bool(colon and rest):
        raise OptionError(f"there are no features '{said}'", EXAMPLES)
    if word == "pca":
        amount(rest)
