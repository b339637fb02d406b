"""Networks: a name or description goes in; Keras networks, summaries and model bundles come out.

What is cheap is here at once; whatever needs Keras, onnx or onnxruntime is imported when it is
called. To add a layer see ``layers``, to add a named network see ``zoo``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hangtag.rooms.models.resolve import check_classes, count_classes
from hangtag.rooms.models.zoo import network_names, network_spec, recipe, training_options

if TYPE_CHECKING:
    from hangtag.rooms.models.build import build
    from hangtag.rooms.models.bundle.classifier import Bundle, open_bundle
    from hangtag.rooms.models.bundle.write import with_facts, write_bundle

_LATER = {
    "Bundle": "bundle.classifier",
    "build": "build",
    "open_bundle": "bundle.classifier",
    "with_facts": "bundle.write",
    "write_bundle": "bundle.write",
}

__all__ = [
    "Bundle",
    "build",
    "check_classes",
    "count_classes",
    "network_names",
    "network_spec",
    "open_bundle",
    "recipe",
    "training_options",
    "with_facts",
    "write_bundle",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module's own attributes
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
