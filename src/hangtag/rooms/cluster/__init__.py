"""Cluster: points go in, groups of images come out, and how good the grouping is.

``kmeans`` and ``mixture`` make one clustering, ``kmeans_sweep`` and ``mixture_sweep`` try many
numbers of clusters as one computation and choose one by a named rule (``choose``). ``agreement``
compares with true classes, ``gallery`` picks images to look at, ``generate`` draws new ones from a
mixture, ``draw`` makes figures. To add a method: a file that gives a ``Clustering``, a line in
:data:`METHODS`. Nothing heavy is imported before it is needed.
"""

from hangtag.rooms.cluster.agreement import agreement, agreement_of
from hangtag.rooms.cluster.gallery import gallery
from hangtag.rooms.cluster.generate import generate
from hangtag.rooms.cluster.kmeans import kmeans, kmeans_sweep
from hangtag.rooms.cluster.mixture import mixture, mixture_sweep

METHODS = ("kmeans", "mixture")
"""Ways to cluster, each with a sweep of the same name."""

__all__ = [
    "METHODS",
    "agreement",
    "agreement_of",
    "gallery",
    "generate",
    "kmeans",
    "kmeans_sweep",
    "mixture",
    "mixture_sweep",
]
