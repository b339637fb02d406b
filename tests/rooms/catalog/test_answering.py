"""One answer an item: photos vote, and an item none of whose photos is familiar is unknown."""

from __future__ import annotations

import numpy as np
import pytest

from hangtag.records import InputImage
from hangtag.rooms.catalog.answering import NONE, answered
from hangtag.rooms.catalog.tagging import Pending


class Model:
    """Sure of everything; as familiar with a photo as its first pixel says."""

    class_names = ("hat", "shoe")

    def whole(self, pixels):
        proportions = np.tile(np.float32([0.1, 0.9]), (len(pixels), 1))
        return proportions, pixels[:, 0, 0, 0] / np.float32(100), self.embeddings(pixels)

    def embeddings(self, pixels):
        return np.ones((len(pixels), 3), np.float32)


class Simple(Model):
    """Another one, which knows nothing of what is familiar."""

    whole = None

    def probabilities(self, pixels):
        return np.tile(np.float32([0.1, 0.9]), (len(pixels), 1))


def asked(*items, model, threshold=0.5, least=0.5):
    """Answers about items, each of photos with these first pixels; None cannot be read."""
    pending, read = [], []
    for item, shown in enumerate(items):
        photos = tuple((len(read) + k, f"{item}-{k}.png", None) for k in range(len(shown)))
        pending.append(Pending(item, str(item), photos))
        for _, uri, _ in photos:
            value = shown[len(read) - photos[0][0]]
            pixels = None if value is None else np.full((2, 2, 1), value, np.uint8)
            read.append(InputImage(uri, pixels, error="" if pixels is not None else "is torn"))
    return answered(pending, read, model, threshold, least)


def test_an_item_none_of_whose_photos_is_familiar_is_unknown_however_sure_the_model_is():
    answers, vectors = asked((10, 20), (10, 90), (90,), model=Model())
    assert [one.sure for one in answers] == [False, True, True]
    assert [one.reason for one in answers] == ["unlike anything seen", "", ""]
    assert {one.label for one in answers} == {"shoe"}
    assert len(vectors) == 5


@pytest.mark.parametrize(("model", "least"), [(Model(), None), (Simple(), 0.5)])
def test_who_knows_nothing_of_it_or_shall_not_ask_answers_by_confidence_alone(model, least):
    answers, _ = asked((10,), model=model, least=least)
    assert answers[0].sure
    assert answers[0].reason == ""


def test_an_item_without_a_readable_photo_says_why():
    answers, _ = asked((None,), (), (None, 90), model=Model())
    assert [one.reason for one in answers] == ["0-0.png is torn", NONE, ""]
    assert [one.label for one in answers] == [None, None, "shoe"]
