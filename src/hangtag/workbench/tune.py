"""Tuning: a source, a kind of model and a space go in; trials, their table and figures come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hangtag import atomic, locks
from hangtag.estimators.provenance import folder_for
from hangtag.estimators.search import search_request
from hangtag.estimators.searched import searched
from hangtag.progress import Progress, silent
from hangtag.records import ImageSet, Space, Standing, Trials
from hangtag.requests import TuneRequest, takes
from hangtag.rooms import tune as room
from hangtag.rooms.report.verb_pages.verbs import search_page
from hangtag.workbench.data import Data, as_images, asked_of, divided, seed_of

JOURNAL, PAGE = "search.journal", "search.html"


@takes(TuneRequest)
def tune(
    data: Data,
    asked: TuneRequest,
    *,
    out: Path | None = None,
    resume: bool = False,
    images: ImageSet | None = None,
    on_trial: Callable[[Standing], None] | None = None,
    progress: Progress = silent,
) -> Trials:
    """Search for the best settings of a model or a clustering.

    The test images are not handed to the search at all. Table, figures, page and the journal that a
    killed search goes on from are written to `out`.

    Args:
        data: The images: a name, a path, an ImageSet, ``(images, labels)``, or a run.
        asked: What is asked; its options can be given by keyword.
        out: Folder for all that is written; None makes one under the runs folder.
        resume: Go on with the search in `out`.
        images: What `data` and the limit give, where it is loaded already.
        on_trial: Called when a trial has ended.
        progress: Told how far it is.

    Raises:
        UsageError: Something that was asked cannot be; nothing is written then.
        FailedError: Every trial failed.
        StoppedError: Ctrl-C; finished trials are kept.

    Example:
        >>> found = hangtag.tune("digits", space="dense.units=16,64;dropout=0:0.5", trials=5)
        >>> found.best.parameters
    """
    said = asked.split
    request = search_request(
        asked.space,
        model=asked.model,
        network=asked.network,
        method=asked.method,
        trials=asked.trials,
        epochs=asked.epochs,
        folds=asked.folds,
        objective=asked.objective,
        split=said if said is None or isinstance(said, str) else said.recipe,
        features=asked.features,
    )
    workers, storage = asked.workers, asked.storage
    kind = searched(request.model, request.objective)
    kind.check(request)
    number = seed_of(asked.seed)
    if images is None:
        images = as_images(data, limit=asked.limit, progress=progress)
    how = said or request.split or kind.own_split(request, images, asked.limit is not None)
    split = divided(images, how, seed=number)
    place = out or place_of(None, asked.space, asked.network or asked.model)
    words, maximise = kind.objectives[request.objective or next(iter(kind.objectives))]
    with _alone(place, shared=storage is not None):
        found = room.tune(
            kind.objective(request, images, split, seed=number, workers=workers),
            request.space,
            method=request.method,
            trials=request.trials,
            maximise=maximise,
            measured=words,
            seed=number,
            storage=storage or place / JOURNAL,
            name=place.name if storage else "search",
            resume=resume,
            workers=workers,
            asked=asked_of(data, images, split, asked.limit, how) | kind.asked(request),
            on_trial=on_trial,
            progress=progress,
        )
        write_trials(found, place)
    return found


@contextmanager
def _alone(place: Path, *, shared: bool) -> Iterator[None]:
    """Have a search for itself; a database is there to be shared."""
    if shared:
        yield
        return
    new = not place.exists()
    place.mkdir(parents=True, exist_ok=True)
    try:
        with locks.held(place, f"search {place.name}"):
            yield
    except BaseException:
        if new:
            with suppress(OSError):  # it stays when something is in it
                place.rmdir()
        raise


def place_of(
    out: Path | None, space: str | Path | Mapping[str, Any] | Space, model: str | None
) -> Path:
    """The folder that a search of a network or another model writes to when none was said."""
    name = model or (str(space) if str(space) in room.READY else "search")
    return folder_for(out, f"tune-{name}")


def write_trials(found: Trials, place: Path) -> None:
    """Write table, figures, their page and everything as JSON into a folder."""
    atomic.write_text(place / "trials.csv", room.table(found))
    atomic.write_json(place / "trials.json", found.to_dict())
    files = room.figures(found)
    for name, data in files.items():
        atomic.write_bytes(place / name, data)
    atomic.write_text(place / PAGE, search_page(found, room.importance(found), files))
