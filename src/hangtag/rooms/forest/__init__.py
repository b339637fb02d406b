"""Forest: points and labels go in, forests of decision trees come out, with the best of a grid.

``grid`` evaluates every size and depth from as few trees as possible, ``fit`` grows one forest;
both give scikit-learn's. ``Forest`` is a classifier for raw images; its arrays and its
``onnx_model`` are what a bundle keeps, ``forest_from_arrays`` is the way back, ``draw`` makes
figures of a grid. To add a kind of forest see ``kinds.py``. Nothing heavy is imported before it is
needed.
"""

from hangtag.geometry import Axes
from hangtag.rooms.forest.answer import leaves, probabilities
from hangtag.rooms.forest.classifier import Forest, forest_from_arrays, points_of
from hangtag.rooms.forest.compact import rounded_down
from hangtag.rooms.forest.grid import fit, grid
from hangtag.rooms.forest.keep import trees_from_arrays, trees_to_arrays
from hangtag.rooms.forest.kinds import KINDS, Growth
from hangtag.rooms.forest.onnx_model import onnx_model

__all__ = [
    "KINDS",
    "Axes",
    "Forest",
    "Growth",
    "fit",
    "forest_from_arrays",
    "grid",
    "leaves",
    "onnx_model",
    "points_of",
    "probabilities",
    "rounded_down",
    "trees_from_arrays",
    "trees_to_arrays",
]
