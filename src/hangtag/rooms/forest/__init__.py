"""Forest: points and labels go in, forests of decision trees come out, with the best of a grid.

``grid`` evaluates every size and depth from as few trees as possible, ``fit`` grows one forest;
both give scikit-learn's. ``Forest`` is a classifier for raw pictures; ``write_forest`` and
``open_forest`` keep it, ``onnx_model`` exports it, ``draw`` makes figures of a grid. To add a kind
of forest see ``kinds.py``. Nothing heavy is imported before it is needed.
"""

from hangtag.rooms.forest.answer import probabilities
from hangtag.rooms.forest.classifier import Axes, Forest, open_forest, points_of, write_forest
from hangtag.rooms.forest.grid import fit, grid
from hangtag.rooms.forest.kinds import KINDS
from hangtag.rooms.forest.onnx_model import onnx_model

__all__ = [
    "KINDS",
    "Axes",
    "Forest",
    "fit",
    "grid",
    "onnx_model",
    "open_forest",
    "points_of",
    "probabilities",
    "write_forest",
]
