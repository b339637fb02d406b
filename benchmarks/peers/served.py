"""The model of a bundle behind LitServe: ``served.py MODEL.onnx PORT``, images as forms.

As its documentation does it: one worker, questions that come together answered in one call.
"""

from __future__ import annotations

import io
import sys

import litserve
import numpy as np
import onnxruntime
from PIL import Image

MOST, WAITED = 16, 0.002


class Tag(litserve.LitAPI):
    def setup(self, device):  # noqa: ARG002 - of its protocol
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL, options)
        self.name = self.session.get_inputs()[0].name

    def decode_request(self, request):
        image = Image.open(io.BytesIO(request["picture"].file.read())).convert("L")
        return np.asarray(image)[..., None]

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, images):
        return self.session.run(["probabilities"], {self.name: images})[0]

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        best = int(output.argmax())
        return {"class": best, "confidence": float(output[best])}


MODEL = sys.argv[1]

if __name__ == "__main__":
    api = Tag(max_batch_size=MOST, batch_timeout=WAITED, api_path="/v1/tag")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="error"
    )
