"""Cluster: points go in, groups of images come out, and how good the grouping is.

``kmeans`` and ``mixture`` make one clustering, ``kmeans_sweep`` and ``mixture_sweep`` try many
numbers of clusters as one computation and choose one by a named rule (``choose``). ``agreement``
compares with true classes, ``gallery`` picks images to look at, ``generate`` draws new ones from a
mixture, ``draw`` makes figures. ``classifying`` lets mixtures answer with classes;
``MixtureClassifier`` is one for raw images, its arrays and its ``onnx_model`` are what a bundle
keeps. ``Keeping`` lets sweeps of mixtures go on after a kill. To add a method: a file that gives a
``Clustering``, a line in :data:`METHODS`. Nothing heavy is imported before it is needed.
"""

from hangtag.rooms.cluster.agreement import agreement, agreement_of
from hangtag.rooms.cluster.classifier import MixtureClassifier, mixture_from_arrays, points_of
from hangtag.rooms.cluster.classify import PSEUDO_COUNT, REGULARISATION, Classifying, classifying
from hangtag.rooms.cluster.components import Components
from hangtag.rooms.cluster.gallery import gallery
from hangtag.rooms.cluster.generate import generate
from hangtag.rooms.cluster.going_on import Keeping
from hangtag.rooms.cluster.kmeans import kmeans, kmeans_sweep
from hangtag.rooms.cluster.methods import METHODS
from hangtag.rooms.cluster.mixture import mixture, mixture_sweep
from hangtag.rooms.cluster.onnx_model import onnx_model

__all__ = [
    "METHODS",
    "PSEUDO_COUNT",
    "REGULARISATION",
    "Classifying",
    "Components",
    "Keeping",
    "MixtureClassifier",
    "agreement",
    "agreement_of",
    "classifying",
    "gallery",
    "generate",
    "kmeans",
    "kmeans_sweep",
    "mixture",
    "mixture_from_arrays",
    "mixture_sweep",
    "onnx_model",
    "points_of",
]
