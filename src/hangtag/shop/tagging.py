"""A tagging is carried out: every item that has no answer yet gets one, a batch at a time.

Whatever answers, a model of photos or a head on kept embeddings, ends in the same few steps: what
it says is kept, and it comes into use where nothing is in use yet or that was asked for.
"""

from __future__ import annotations

from pathlib import Path

from hangtag.errors import OptionError
from hangtag.estimators.telling_apart import metric_of
from hangtag.progress import Progress
from hangtag.records import Classifier
from hangtag.requests import TagCatalogRequest
from hangtag.rooms import catalog as room
from hangtag.rooms import load as load_room
from hangtag.rooms import search as search_room
from hangtag.rooms.catalog import Catalog, Tagging
from hangtag.shop import heads, searching

CATEGORY = "category"
"""What classes of a model are of an item, where nobody says otherwise."""


def by_model(
    catalog: Catalog, asked: TagCatalogRequest, classifier: Classifier, progress: Progress
) -> Tagging:
    """Let a model look at the photos of every item that it has not answered for yet."""
    path = getattr(classifier, "path", None)
    # As a whole path: the search that opens the model again may be started elsewhere.
    place = classifier.model_id if path is None else str(Path(path).resolve())
    threshold = classifier.threshold if asked.threshold is None else asked.threshold
    # A threshold that is asked for counts alone, as where a folder is tagged.
    least = getattr(classifier, "familiarity", None) if asked.threshold is None else None
    key = asked.attribute or CATEGORY
    of = room.begin(catalog, key, classifier.model_id, place, threshold)
    done, total = 0, room.left(catalog, of)
    encoder: int | None = None
    for batch in room.pending(catalog, of):
        read = load_room.read_files(room.sources(catalog, batch), classifier.preprocessing)
        answers, vectors = room.answered(batch, read, classifier, threshold, least)
        if encoder is None and vectors:
            width = len(next(iter(vectors.values())))
            encoder = room.encoder_of(catalog, classifier.model_id, place, width)
        room.keep(catalog, of, answers, vectors, encoder or 0)
        progress("tag", done := done + len(batch), total)
    # What is close is known of the whole collection only, so it is asked when all is embedded, and
    # a search goes over to this model then; where this call embedded nothing it is as it was.
    if encoder is not None or room.is_at_work(catalog, classifier.model_id):
        seen, metric = room.embedded(catalog, classifier.model_id), metric_of(classifier)
        found = seen.directions if metric is None else metric.of(seen.directions)
        close = search_room.close_from(found, seen.groups)
        room.note_through(catalog, classifier.model_id, close, metric)
        searching.prepare(catalog, progress)
    return taken(catalog, of, key, use=asked.use)


def by_head(catalog: Catalog, asked: TagCatalogRequest, key: str, progress: Progress) -> Tagging:
    """Let the newest head of an attribute answer; no photo is opened.

    Items that its encoder has not embedded yet are left for another time.

    Raises:
        OptionError: There is no head, or another attribute was asked for than the head's.
    """
    if asked.attribute not in (None, key):
        raise OptionError(
            f"the head for '{key}' says nothing of '{asked.attribute}'", "leave --attribute out"
        )
    head = room.newest_head(catalog, key)
    threshold = head.threshold if asked.threshold is None else asked.threshold
    of = room.begin(catalog, key, head.model_id, f"{room.HEAD}{key}", threshold)
    done, total = 0, room.left(catalog, of)
    # Answers are kept a batch at a time: a kill loses the batch under way, and no more.
    for owners, points in room.unanswered(catalog, of, head.encoder):
        answers = heads.answered(head, owners, points, threshold)
        room.keep(catalog, of, answers, {}, 0)
        progress("tag", done := done + len(answers), total)
    return taken(catalog, of, key, use=asked.use)


def taken(catalog: Catalog, of: int, key: str, *, use: bool) -> Tagging:
    """A tagging that was carried out, in use if nothing else is or that was asked for."""
    others = [one for one in room.taggings(catalog) if one.attribute == key]
    if use or not any(one.in_use for one in others):
        room.use(catalog, of)
    return next(one for one in room.taggings(catalog) if one.id == of)
