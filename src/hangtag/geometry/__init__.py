"""What several rooms compute about points: principal axes and nearest neighbours.

Rooms never import each other, so what more than one needs lies here, between the records and the
rooms: points go in, records or arrays come out. Nothing here knows of images, labels or files; only
``of_points``, ``as_onnx`` and ``seen`` know that raw images become points.
To add something, be sure that two rooms need it; then it is one file and one line below.
"""

from hangtag.geometry.axes import Axes, axes_from_arrays, points_of
from hangtag.geometry.directions import directions
from hangtag.geometry.isometric import same_distances
from hangtag.geometry.metric import Metric, fit_metric, metric_from_arrays
from hangtag.geometry.neighbours import distances_of, nearest_neighbours, pairs_within, ranks_of
from hangtag.geometry.of_points import Embedder, OfPoints
from hangtag.geometry.principal import axes_of, fit_pca
from hangtag.geometry.seen import Seen

__all__ = [
    "Axes",
    "Embedder",
    "Metric",
    "OfPoints",
    "Seen",
    "axes_from_arrays",
    "axes_of",
    "directions",
    "distances_of",
    "fit_metric",
    "fit_pca",
    "metric_from_arrays",
    "nearest_neighbours",
    "pairs_within",
    "points_of",
    "ranks_of",
    "same_distances",
]
