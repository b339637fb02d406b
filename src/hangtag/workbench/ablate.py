"""Ablation: a base recipe and changes to it go in; one table and one figure of all come out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hangtag import atomic
from hangtag.errors import OptionError
from hangtag.estimators import variants as changes
from hangtag.estimators.network import own_split
from hangtag.estimators.provenance import folder_for
from hangtag.estimators.trial_training import training_data
from hangtag.progress import Progress, silent
from hangtag.records import Ablation, ImageSet
from hangtag.requests import AblateRequest, takes
from hangtag.rooms import tune as tune_room
from hangtag.rooms.report.verb_pages.verbs import ablation_page
from hangtag.workbench.data import Data, as_images, asked_of, divided

BASE, PAGE = "base", "ablation.html"
STUDY: Mapping[str, Mapping[str, Any]] = {
    "+ early stopping": {"early_stopping": 3, "monitor": "val_loss", "restore_best": True},
    "+ batch normalisation": {"batchnorm": True},
    "+ dropout": {"dropout": 0.5},
}
"""The regularisations of study S3."""


@takes(AblateRequest)
def ablate(
    data: Data,
    asked: AblateRequest,
    *,
    images: ImageSet | None = None,
    out: Path | None = None,
    progress: Progress = silent,
) -> Ablation:
    """Train a base and changes to it over several seeds, and say what each change is worth.

    The split is the same for all: that of the first seed. Without `test`, a tenth of the training
    images is held out of every training where a variant stops early or keeps its best epoch:
    scored images choose nothing.

    Args:
        data: A name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options can be given by keyword.
        images: What `data` and the limit give, where it is loaded already.
        out: Folder for table, figures and page; None makes one under the runs folder.
        progress: Told how far it is.

    Raises:
        UsageError: Something that was asked cannot be; nothing is written then.

    Example:
        >>> found = hangtag.ablate("digits", changes={"wide": {"dense.units": 256}}, epochs=3)
        >>> found.variants[1].difference
    """
    network, chosen, test = asked.network, asked.seeds, asked.test
    variants = {BASE: {}, **(STUDY if asked.changes is None else asked.changes)}
    fixed = {} if asked.epochs is None else {"epochs": asked.epochs}
    if images is None:
        images = as_images(data, limit=asked.limit, progress=progress)
    how = asked.split or own_split(network, images, asked.limit is not None)
    split = divided(images, how, seed=chosen[0])
    given = training_data(images, split)
    changes.check(network, variants, fixed, given)
    if test and not len(split.test):
        raise OptionError(f"the split '{split.recipe}' has no test images", "leave --test away")
    # With --test the validation images are free to choose the epoch: they are not scored.
    scored = split.test if test else split.validation
    fold = (
        given.folds[0]
        if test
        else changes.fold_of(given, variants, network=network, seed=chosen[0])
    )
    here = (images.images[scored], images.labels[scored])
    setting = changes.Setting(network, given, fold, here, fixed)
    rows = changes.trained(setting, variants, chosen, progress)
    facts = asked_of(data, images, split, asked.limit, how) | {"epochs": asked.epochs}
    measured = f"{'test' if test else 'validation'} accuracy"
    found = Ablation(network, measured, rows, facts)
    _write(found, folder_for(out, f"ablate-{network}"))
    return found


def _write(found: Ablation, place: Path) -> None:
    atomic.write_text(place / "ablation.csv", tune_room.ablation_table(found))
    atomic.write_json(place / "ablation.json", found.to_dict())
    files = tune_room.ablation_figures(found)
    for name, data in files.items():
        atomic.write_bytes(place / name, data)
    atomic.write_text(place / PAGE, ablation_page(found, files))
