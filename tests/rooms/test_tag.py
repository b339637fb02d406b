from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import OptionError
from hangtag.records import InputImage, Preprocessing
from hangtag.rooms.tag import BATCH, shown, tag


class Brightness:
    """A real, tiny classifier: dark, middling or bright, by the mean of the image."""

    model_id = "brightness-1"
    class_names = ("dark", "middling", "bright")
    preprocessing = Preprocessing((2, 2, 1), (0, 2), (0, 2))
    threshold = 0.6

    def probabilities(self, images):
        level = images.reshape(len(images), -1).mean(axis=1) / 255
        scores = np.exp(-20 * (level[:, None] - np.array([0.0, 0.5, 1.0])) ** 2)
        return (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)

    def embeddings(self, images):
        return images.reshape(len(images), -1).astype(np.float32)


def image(name, level):
    return InputImage(name, np.full((2, 2, 1), level, np.uint8))


def tags(images, **options):
    return list(tag(Brightness(), images, **options))


def test_gives_one_tag_per_image_in_order():
    levels = [0, 255, 127] * BATCH
    found = tags(image(str(n), level) for n, level in enumerate(levels))
    assert [one.id for one in found] == [str(n) for n in range(len(levels))]
    assert [one.label for one in found] == ["dark", "bright", "middling"] * BATCH


def test_what_the_model_saw_is_kept_in_the_order_of_the_tags(tmp_path):
    place = tmp_path / "seen"
    images = [image("a/b.png", 64), InputImage("torn.png", None, "is torn"), image("a?b.png", 9)]
    found = tags(shown(images, place))
    assert [one.id for one in found] == ["a/b.png", "torn.png", "a?b.png"]
    names = sorted(one.name for one in place.iterdir())
    assert names == ["000001-a_b.png.png", "000003-a_b.png.png"]
    with Image.open(place / names[0]) as seen:
        pixels = np.asarray(seen)
    # In whole pixels, so that two by two are seen as two by two.
    assert pixels.shape == (160, 160)
    assert (pixels == 64).all()


def test_says_unknown_below_the_models_threshold():
    (one,) = tags([image("a", 64)])
    assert one.label == "unknown"
    assert one.top[0][1] == one.confidence < 0.6


def test_a_threshold_of_zero_always_answers():
    (one,) = tags([image("a", 64)], threshold=0.0)
    assert one.label in {"dark", "middling"}


def test_a_model_without_a_threshold_says_unknown_to_everything_unless_one_is_given():
    class Unproven(Brightness):
        threshold = None

    images = [image("a", 0), image("b", 255)]
    assert [one.label for one in tag(Unproven(), images)] == ["unknown", "unknown"]
    assert [one.label for one in tag(Unproven(), images, threshold=0)] == ["dark", "bright"]
    assert next(tag(Unproven(), images)).top[0][0] == "dark"


def test_lists_the_most_probable_classes_best_first():
    (one,) = tags([image("a", 255)], top=2)
    assert [name for name, _ in one.top] == ["bright", "middling"]
    assert one.top[0][1] > one.top[1][1]


def test_more_classes_than_there_are_lists_all():
    (one,) = tags([image("a", 0)], top=9)
    assert len(one.top) == 3


def test_an_unreadable_image_is_a_tag_with_an_error_and_the_rest_go_on():
    found = tags([image("a", 0), InputImage("b", None, "cut short"), image("c", 255)])
    assert [(one.id, one.label, one.error) for one in found] == [
        ("a", "dark", ""),
        ("b", "", "cut short"),
        ("c", "bright", ""),
    ]
    assert found[1].confidence is None


def test_nothing_but_unreadable_images_is_still_answered():
    assert [one.error for one in tags([InputImage("b", None, "torn")])] == ["torn"]


def test_no_image_gives_no_tag():
    assert tags([]) == []


def test_images_are_read_as_they_are_needed():
    read = []

    def images():
        for number in range(3 * BATCH):
            read.append(number)
            yield image(str(number), 0)

    answers = tag(Brightness(), images())
    next(answers)
    assert len(read) <= BATCH + 1


@pytest.mark.parametrize("options", [{"threshold": 1.5}, {"threshold": -0.1}, {"top": 0}])
def test_an_option_that_cannot_be_is_refused_before_any_image_is_read(options):
    with pytest.raises(OptionError):
        tag(Brightness(), iter([image("a", 0)]), **options)
