"""The verb *tune*: a search space and an objective in, trials out. Never data.

``space`` reads what may vary, ``ready`` has the studies' own spaces, ``methods`` says what is tried
next, ``search`` and ``storage`` keep trials through any end, ``workers`` runs several at once,
``results`` computes what is shown and ``draw`` draws it. optuna is imported when a search begins.
"""

from __future__ import annotations

from hangtag.requests.changes import scalar
from hangtag.rooms.tune.draw import ablation_figures, figures
from hangtag.rooms.tune.plan import BatchObjective, Objective, Reporter
from hangtag.rooms.tune.ready import READY, Ready, ready
from hangtag.rooms.tune.results import (
    ablation_table,
    coordinates,
    history,
    importance,
    table,
)
from hangtag.rooms.tune.space import check_names, space
from hangtag.rooms.tune.tuning import NAMES as METHODS
from hangtag.rooms.tune.tuning import tune

__all__ = [
    "METHODS",
    "READY",
    "BatchObjective",
    "Objective",
    "Ready",
    "Reporter",
    "ablation_figures",
    "ablation_table",
    "check_names",
    "coordinates",
    "figures",
    "history",
    "importance",
    "ready",
    "scalar",
    "space",
    "table",
    "tune",
]
