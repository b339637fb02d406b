"""Features: images go in, the ``(n, d)`` float32 that models of points see come out.

``pixels`` are the pixels themselves, ``pca:0.95`` their coordinates on principal axes, and
``network:RUN`` the embedding layer of a trained network, ``encoder:NAME`` that of a network that
was trained elsewhere. All of them are learnt from training
images or from nothing, know how they look in an ONNX graph, and are asked for by a text. To add
one: a file with a class like :class:`~hangtag.rooms.features.pixels.Pixels`, a line in
:data:`FEATURES`.
"""

from __future__ import annotations

from hangtag.rooms.features.base import Features, Material, OpenEncoder
from hangtag.rooms.features.cache import cached
from hangtag.rooms.features.network import Network, from_network, layer_of
from hangtag.rooms.features.pixels import Pixels, amount, from_axes, from_pixels
from hangtag.rooms.features.reading import FEATURES, check, features

__all__ = [
    "FEATURES",
    "Features",
    "Material",
    "Network",
    "OpenEncoder",
    "Pixels",
    "amount",
    "cached",
    "check",
    "features",
    "from_axes",
    "from_network",
    "from_pixels",
    "layer_of",
]
