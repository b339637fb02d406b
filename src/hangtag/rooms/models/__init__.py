"""Networks: a name or description goes in; Keras networks, summaries and model bundles come out.

What is cheap is here at once; whatever needs Keras, onnx or onnxruntime is imported when it is
called. To add a layer see ``layers``, to add a named network see ``zoo``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from hangtag.rooms.models.changing import change, changeable
from hangtag.rooms.models.diagram import diagram
from hangtag.rooms.models.resolve import check_classes, count_classes
from hangtag.rooms.models.speed import prediction_seconds
from hangtag.rooms.models.summary import summary
from hangtag.rooms.models.zoo import network_names, network_spec, recipe, training_options
from hangtag.rooms.models.zoo.base import Recipe

if TYPE_CHECKING:
    from hangtag.rooms.models.adapting import adapt
    from hangtag.rooms.models.building import build
    from hangtag.rooms.models.bundle.classifier import Bundle, open_bundle
    from hangtag.rooms.models.bundle.rebuild import (
        export_keras,
        model_from_bundle,
        network_from_bundle,
        weights_from_bundle,
    )
    from hangtag.rooms.models.bundle.write import with_facts, write_arrays_bundle, write_bundle
    from hangtag.rooms.models.describe import spec_of

# No file is named as a function here: importing it would put the module in the function's place.
_LATER = {
    "Bundle": "bundle.classifier",
    "adapt": "adapting",
    "build": "building",
    "export_keras": "bundle.rebuild",
    "network_from_bundle": "bundle.rebuild",
    "open_bundle": "bundle.classifier",
    "spec_of": "describe",
    "model_from_bundle": "bundle.rebuild",
    "weights_from_bundle": "bundle.rebuild",
    "with_facts": "bundle.write",
    "write_arrays_bundle": "bundle.write",
    "write_bundle": "bundle.write",
}

__all__ = [
    "Bundle",
    "Recipe",
    "adapt",
    "build",
    "change",
    "changeable",
    "check_classes",
    "count_classes",
    "diagram",
    "export_keras",
    "model_from_bundle",
    "network_from_bundle",
    "network_names",
    "network_spec",
    "open_bundle",
    "prediction_seconds",
    "recipe",
    "spec_of",
    "summary",
    "training_options",
    "weights_from_bundle",
    "with_facts",
    "write_arrays_bundle",
    "write_bundle",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the module's own attributes
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
