"""Hangtag: from a pile of labelled images to a tagger and a visual search you can trust.

Every verb is a function here: ``hangtag.load``, ``split``, ``train``, ``evaluate``, ``report``,
``tag`` and the rest of :data:`hangtag.workbench.VERBS`. Nothing heavy is imported before a verb
is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hangtag.progress import shown, watched
from hangtag.workbench import VERBS, verb

if TYPE_CHECKING:
    from hangtag import sklearn as sklearn
    from hangtag import study as study
    from hangtag.estimators.clusters_shown import write_clusters
    from hangtag.estimators.listing import list_runs
    from hangtag.records import LoadOptions, Source
    from hangtag.rooms.encode import (
        add_encoder,
        encoder_facts,
        encoders,
        remove_encoder,
        write_embeddings,
    )
    from hangtag.rooms.load import find, from_arrays, get, known_sets, split_counts
    from hangtag.rooms.models.named import diagram, networks, summary
    from hangtag.rooms.tune import importance
    from hangtag.serve.client import Client
    from hangtag.shop.deciding import decide, use_tagging
    from hangtag.shop.duplicates import find_duplicates
    from hangtag.shop.heads import learn_attribute
    from hangtag.shop.opening import create_catalog, open_catalog
    from hangtag.workbench.ablate import ablate
    from hangtag.workbench.audit import audit, audit_page, clean_split
    from hangtag.workbench.catalog import (
        export_catalog,
        import_items,
        tag_catalog,
    )
    from hangtag.workbench.cluster import cluster
    from hangtag.workbench.compare import compare
    from hangtag.workbench.data import info, load, run_images, save_split, split
    from hangtag.workbench.embed import embed
    from hangtag.workbench.evaluate import evaluate
    from hangtag.workbench.explore import explore, explore_page
    from hangtag.workbench.export import export
    from hangtag.workbench.fit import fit, forest, mixture
    from hangtag.workbench.opening import open_forest, open_mixture, open_model, open_run
    from hangtag.workbench.reduce import map_figures, map_page, reduce
    from hangtag.workbench.report import report
    from hangtag.workbench.search import measure_search, search, similar_items
    from hangtag.workbench.tag import open_bundle, tag, tag_folder, tags
    from hangtag.workbench.train import fit_mixture, grow_forest, resume, train
    from hangtag.workbench.tune import tune

__all__ = [
    "Client",
    "LoadOptions",
    "Source",
    "ablate",
    "add_encoder",
    "audit",
    "audit_page",
    "clean_split",
    "cluster",
    "compare",
    "create_catalog",
    "decide",
    "diagram",
    "embed",
    "encoder_facts",
    "encoders",
    "evaluate",
    "explore",
    "explore_page",
    "export",
    "export_catalog",
    "find",
    "find_duplicates",
    "fit",
    "fit_mixture",
    "forest",
    "from_arrays",
    "get",
    "grow_forest",
    "import_items",
    "importance",
    "info",
    "known_sets",
    "learn_attribute",
    "list_runs",
    "load",
    "map_figures",
    "map_page",
    "measure_search",
    "mixture",
    "networks",
    "open_bundle",
    "open_catalog",
    "open_forest",
    "open_mixture",
    "open_model",
    "open_run",
    "reduce",
    "remove_encoder",
    "report",
    "resume",
    "run_images",
    "save_split",
    "search",
    "similar_items",
    "split",
    "split_counts",
    "summary",
    "tag",
    "tag_catalog",
    "tag_folder",
    "tags",
    "train",
    "tune",
    "use_tagging",
    "write_clusters",
    "write_embeddings",
]

NOUNS = {"Client": "serve.client", "LoadOptions": "records", "Source": "records"}
"""What people make themselves, and the file that has it; other records come from verbs."""

DOORS = ("sklearn", "study")
"""Modules with functions of their own that need no import by name."""


def __getattr__(name: str) -> object:
    if name in VERBS:
        found = verb(name)
        return shown(found) if watched() else found
    if name in DOORS:
        return import_module(f"hangtag.{name}")
    if name in NOUNS:
        return getattr(import_module(f"hangtag.{NOUNS[name]}"), name)
    if name == "__version__":
        from importlib.metadata import version

        return version("hangtag")
    raise AttributeError(f"module 'hangtag' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, *DOORS, "__version__"])
