"""Small networks as others' exporters write them (``exported/make_exported.py``), for tests."""

import io
import zipfile
from pathlib import Path

import numpy as np

EXPORTED = Path(__file__).parent / "exported" / "exported.zip"
KINDS = ("older-any", "older-one", "newer-any", "newer-one")


def exported(name):
    """The bytes of one file."""
    with zipfile.ZipFile(EXPORTED) as whole:
        return whole.read(name)


def arrays(name):
    """One array."""
    return np.load(io.BytesIO(exported(f"{name}.npy")))


def put(folder, image="clip-older-any", text="clip-text-older-any"):
    """A pair of files with their tokenizer in a folder; gives the two files."""
    for name, of in (("vision.onnx", f"{image}.onnx"), ("text.onnx", f"{text}.onnx")):
        (folder / name).write_bytes(exported(of))
    (folder / "tokenizer.json").write_bytes(exported("tokenizer.json"))
    return folder / "vision.onnx", folder / "text.onnx"
