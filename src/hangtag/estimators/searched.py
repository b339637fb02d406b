"""What can be searched, by the name it is asked for by: kinds of model, and ways to cluster.

A mixture is both: what is measured says which is meant, and clusters are when nothing does.
"""

from __future__ import annotations

from hangtag.errors import OptionError, nearest
from hangtag.estimators import ESTIMATORS
from hangtag.estimators.cluster_search import ClusterSearch
from hangtag.estimators.search import Search
from hangtag.families import CLUSTERERS


def searched(model: str, objective: str = "") -> Search:
    """How a kind of model, or a clustering, of that name is searched.

    Args:
        model: The name.
        objective: What is measured; empty for the usual.

    Raises:
        OptionError: There is none, or it is not searched.
    """
    known: list[Search] = [ClusterSearch(model)] if model in CLUSTERERS else []
    if model in ESTIMATORS and (kind := ESTIMATORS[model].search) is not None:
        known.append(kind)
    if not known:
        names = dict.fromkeys([*CLUSTERERS, *ESTIMATORS])
        raise OptionError(
            f"there is no kind of model '{model}' to search", nearest(model, list(names))
        )
    return next((one for one in known if objective in one.objectives), known[0])
