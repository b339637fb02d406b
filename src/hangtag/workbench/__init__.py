"""One short function per verb: what loads, divides and keeps, around what the rooms do.

Records go from room to room here, and results go to the run's folder. Every verb can be called as
``hangtag.VERB(…)`` and has a command of the same name. To add a verb: a room, a file here, a line
in :data:`_FILES`, a command in ``cli/``, a page in ``docs/guide/``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

_FILES = {
    "workbench.ablate": ("ablate",),
    "workbench.audit": ("audit", "audit_page", "clean_split"),
    "workbench.catalog": (
        "export_catalog",
        "import_items",
        "tag_catalog",
    ),
    "workbench.cluster": ("cluster",),
    "workbench.compare": ("compare",),
    "workbench.data": ("info", "load", "run_images", "save_split", "split"),
    "workbench.embed": ("embed",),
    "workbench.evaluate": ("evaluate",),
    "workbench.export": ("export",),
    "workbench.explore": ("explore", "explore_page"),
    "workbench.fit": ("fit", "forest", "mixture"),
    "workbench.opening": ("open_forest", "open_mixture", "open_model", "open_run"),
    "workbench.reduce": ("map_figures", "map_page", "reduce"),
    "workbench.report": ("report",),
    "workbench.search": ("measure_search", "search", "similar_items"),
    "workbench.tag": ("open_bundle", "tag", "tag_folder", "tags"),
    "workbench.train": ("fit_mixture", "grow_forest", "resume", "train"),
    "workbench.tune": ("tune",),
    # Verbs that need no order of work are a room's own, or the shop's.
    "estimators.clusters_shown": ("write_clusters",),
    "estimators.listing": ("list_runs",),
    "rooms.encode": (
        "add_encoder",
        "encoder_facts",
        "encoders",
        "remove_encoder",
        "write_embeddings",
    ),
    "rooms.load": ("find", "from_arrays", "get", "known_sets", "split_counts"),
    "rooms.models.named": ("diagram", "networks", "summary"),
    "rooms.tune": ("importance",),
    "shop.deciding": ("decide", "use_tagging"),
    "shop.duplicates": ("find_duplicates",),
    "shop.heads": ("learn_attribute",),
    "shop.opening": ("create_catalog", "open_catalog"),
}
VERBS = {verb: file for file, verbs in _FILES.items() for verb in verbs}
"""Each verb and the file that has it; read by ``hangtag.__getattr__``, so none loads early."""


def verb(name: str) -> Callable[..., Any]:
    """The function of that name, its file imported only now."""
    found: Callable[..., Any] = getattr(import_module(f"hangtag.{VERBS[name]}"), name)
    return found
