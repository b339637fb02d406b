"""The last stages of a network are trained on, and are the network's own until they are."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from hangtag.errors import DivergedError, FormatError
from hangtag.onnx_sessions import answers, open_session
from hangtag.progress import silent
from hangtag.rooms import encode, finetune
from hangtag.rooms.finetune import network, training, views
from hangtag.settings import cache_folder

SIZE = 64


@pytest.fixture(scope="module")
def encoder():
    return encode.open_encoder("photo", cache_folder() / "encoders")


@pytest.fixture(scope="module")
def parts(encoder):
    return finetune.divided(encoder.model, encoder.cut)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (3, SIZE, SIZE, 3), np.uint8)


@pytest.fixture
def album(tmp_path):
    """Twelve photographs of a color each of three, higher than wide, one of them gray."""
    rng = np.random.default_rng(1)
    made = []
    for number in range(12):
        one = rng.integers(0, 90, (60 + number, 50, 3), np.uint8)
        one[..., number % 3] += 150
        made.append(one[..., :1] if number == 11 else one)
    with finetune.Album(tmp_path) as opened:
        opened.fill(made, 40, len(made), silent)
        yield opened


def test_the_steps_behind_the_cut_say_what_the_whole_network_says(encoder, parts, images):
    whole = open_session(finetune.answering(encoder.model, SIZE, mirrored=False))
    said = answers(whole, "embedding", images)
    value = answers(open_session(parts.frozen), "embedding", images)
    assert value.shape == (3, SIZE // 16, SIZE // 16, 112)
    found = np.asarray(network.embeddings(parts.weights, value, parts.cut, parts.steps))
    assert np.abs(found - said).max() < 1e-4 * np.abs(said).max()


def test_weights_go_back_to_where_they_were(encoder, parts, images):
    same = finetune.with_weights(encoder.model, parts, parts.weights)
    assert encode.known.digest_of(same) == encoder.digest
    name = parts.steps[0].weight
    other = finetune.with_weights(encoder.model, parts, {name: parts.weights[name] * 2})
    before, after = (
        answers(open_session(finetune.answering(one, SIZE, mirrored=False)), "embedding", images)
        for one in (same, other)
    )
    assert np.abs(before - after).max() > 1e-3


def test_an_image_and_its_mirror_image_are_alike_where_both_are_seen(encoder, images):
    session = open_session(finetune.answering(encoder.model, SIZE, mirrored=True))
    found = answers(session, "embedding", images)
    mirrored = answers(session, "embedding", np.ascontiguousarray(images[:, :, ::-1]))
    assert np.abs(found - mirrored).max() < 1e-5
    alone = open_session(finetune.answering(encoder.model, SIZE, mirrored=False))
    two = [answers(alone, "embedding", np.ascontiguousarray(images[:, :, ::w])) for w in (1, -1)]
    assert np.abs(found - np.mean(two, axis=0)).max() < 1e-5


def test_what_does_not_all_go_through_the_cut_is_refused(encoder):
    with pytest.raises(FormatError, match="no value 'nowhere'"):
        finetune.divided(encoder.model, "nowhere")
    with pytest.raises(FormatError, match="not everything"):
        finetune.divided(encoder.model, "_blocks.9._project_conv.out")  # it is added to what it got
    with pytest.raises(FormatError, match="convolution that cannot be trained"):
        finetune.divided(encoder.model, "planes")


@pytest.mark.parametrize(("kernel", "stride", "pads"), [(3, 1, (1, 1, 1, 1)), (5, 2, (1, 1, 2, 2))])
def test_a_depthwise_convolution_has_the_slopes_that_jax_gives_its_own(kernel, stride, pads):
    import jax
    from jax import lax

    rng = np.random.default_rng(2)
    value = rng.normal(size=(2, 8, 8, 6)).astype(np.float32)
    weight = rng.normal(size=(kernel, kernel, 6)).astype(np.float32)

    def ours(value, weight):
        return (network._convolution()(value, weight, stride, pads) ** 2).sum()

    def theirs(value, weight):
        edges = [(pads[0], pads[2]), (pads[1], pads[3])]
        made = lax.conv_general_dilated(
            value, weight[:, :, None], (stride, stride), edges, feature_group_count=6,
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )  # fmt: skip
        return (made**2).sum()

    for one, other in zip(
        jax.grad(ours, (0, 1))(value, weight), jax.grad(theirs, (0, 1))(value, weight), strict=True
    ):
        assert np.abs(one - other).max() < 1e-4 * np.abs(other).max()


def test_views_are_drawn_by_their_seed_alone(album):
    how = views.Views(32, 0.35, flips=True)
    one, same, other = (album.view(3, how, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert one.shape == (32, 32, 3)
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert album.view(11, how, np.random.default_rng(0)).shape == (32, 32, 3)  # the gray one


def test_a_crop_keeps_the_proportion_that_it_must_and_stays_inside():
    rng = np.random.default_rng(3)
    for _ in range(200):
        left, top, right, bottom = views._box((60, 40), 0.35, rng)
        assert left >= 0 and top >= 0 and right <= 60 and bottom <= 40
        assert (right - left) * (bottom - top) >= 0.34 * 60 * 40
    assert views._box((400, 40), 0.9, rng) == (180, 0, 220, 40)  # no crop of that shape fits


def test_light_changes_nothing_of_what_gray_is_and_nothing_in_space(album):
    shown = Image.fromarray(np.full((8, 8, 3), 100, np.uint8))
    made = np.asarray(
        shown.convert("RGB", views._light(np.asarray(shown), np.random.default_rng(1)))
    )
    assert np.ptp(made) <= 1
    assert 79 <= made[0, 0, 0] <= 121  # brightness alone


def test_step_sizes_rise_for_a_third_of_the_way_and_end_at_nothing():
    proportions = [training.schedule(step, 100) for step in range(101)]
    assert proportions[0] == pytest.approx(1 / 25)
    assert max(proportions) == proportions[30] == 1
    assert proportions[-1] == pytest.approx(1e-4)
    assert all(a < b for a, b in pairwise(proportions[:31]))


def test_rare_classes_count_more_and_all_together_as_much():
    lesson = finetune.Lesson(None, np.array([0] * 9 + [1]), 3)
    weights = lesson.weights()
    assert weights.mean() == pytest.approx(1)
    assert weights[-1] / weights[0] == pytest.approx(3)


def recipe(**more):
    asked = {"epochs": 3, "batch_size": 8, "learning_rate": 3e-4, "head_rate": 3e-3} | more
    return finetune.Recipe(views.Views(32, 0.5, flips=False), smoothing=0.1, seed=7, **asked)


@pytest.fixture
def lesson(album):
    return finetune.Lesson(album, np.arange(12) % 3, 3)


def test_training_that_was_stopped_goes_on_as_if_it_had_not_been(parts, lesson, tmp_path):
    steps = []
    whole = list(
        finetune.epochs(parts, lesson, recipe(), progress=lambda *said: steps.append(said[1:3]))
    )
    assert steps == [(step, 6) for step in range(1, 7)]
    assert whole[-1].loss < whole[0].loss
    kept = finetune.Kept(tmp_path, "key")
    assert kept.read() is None
    kept.write(finetune.Stand(whole[0], whole[0].weights(), [{"epoch": 1}]))
    stand = kept.read()
    assert stand.rows == [{"epoch": 1}]
    rest = list(finetune.epochs(parts, lesson, recipe(), done=stand.epoch))
    assert [one.number for one in rest] == [2, 3]
    for name, one in whole[-1].weights().items():
        np.testing.assert_array_equal(one, rest[-1].weights()[name])
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:-100])
    assert kept.read() is None
    kept.done()
    assert not list(tmp_path.glob("*.npz"))


def test_a_step_that_is_too_large_is_said(parts, lesson):
    with pytest.raises(DivergedError, match="finite numbers at step"):
        list(finetune.epochs(parts, lesson, recipe(learning_rate=1e9, head_rate=1e9)))
