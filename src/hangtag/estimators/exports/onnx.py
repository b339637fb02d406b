"""ONNX: the bundle's own model, with what its manifest says in the file's metadata."""

from __future__ import annotations

from hangtag.estimators.exports.base import Export, compared, told
from hangtag.onnx_sessions import answers, open_session
from hangtag.rooms import models as models_room
from hangtag.rooms.models import Bundle


def _write(bundle: Bundle) -> tuple[bytes, float]:
    import onnx

    model = onnx.load_model_from_string(models_room.model_from_bundle(bundle))
    onnx.helper.set_model_props(model, {"hangtag": told(bundle)})
    data: bytes = model.SerializeToString(deterministic=True)
    session = open_session(data)
    return data, compared(bundle, lambda shown: answers(session, "probabilities", shown), "file")


METHOD = Export(
    "onnxruntime",
    ".onnx",
    _write,
    """\
import json, onnxruntime
session = onnxruntime.InferenceSession({file!r})
about = json.loads(session.get_modelmeta().custom_metadata_map["hangtag"])  # classes, threshold
probabilities = session.run(["probabilities"], {{"pictures": images}})[0]  # uint8 (n, {shape})
""",
)
