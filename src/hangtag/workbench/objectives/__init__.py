"""What a search can be about: a kind of model each, with its parameters and what is measured.

An objective holds training and validation images only. To add a kind of model: a file with a class
like :class:`ForestSearch`, a line in :data:`MODELS`.
"""

from __future__ import annotations

from hangtag.errors import OptionError, nearest
from hangtag.workbench.objectives.clusters import KMeansSearch, MixtureSearch
from hangtag.workbench.objectives.forest import ForestSearch
from hangtag.workbench.objectives.network import NetworkSearch
from hangtag.workbench.objectives.wish import Searched

MODELS: dict[str, Searched] = {
    "network": NetworkSearch(),
    "forest": ForestSearch(),
    "kmeans": KMeansSearch(),
    "mixture": MixtureSearch(),
}
"""Every kind of model that can be searched, by the name it is asked for."""


def searched(model: str) -> Searched:
    """The kind of model of that name.

    Raises:
        OptionError: There is none.
    """
    if model not in MODELS:
        raise OptionError(f"there is no kind of model '{model}' to search", nearest(model, MODELS))
    return MODELS[model]
