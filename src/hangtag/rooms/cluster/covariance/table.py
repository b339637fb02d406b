"""The name of a covariance shape goes in, the shape comes out."""

from __future__ import annotations

from hangtag.rooms.cluster.covariance.diagonal import Diagonal
from hangtag.rooms.cluster.covariance.family import Family
from hangtag.rooms.cluster.covariance.full import Full
from hangtag.rooms.cluster.covariance.spherical import Spherical
from hangtag.rooms.cluster.covariance.tied import Tied

COVARIANCES: dict[str, Family] = {
    "full": Full(),
    "tied": Tied(),
    "diagonal": Diagonal(),
    "spherical": Spherical(),
}
"""Every shape by its name; scikit-learn calls the third ``diag``."""
