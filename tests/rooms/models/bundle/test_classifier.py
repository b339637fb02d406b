"""An opened bundle answers as its network does, with onnxruntime alone and in bounded memory."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

from hangtag.errors import OptionError
from hangtag.records import Classifier, NetworkSpec
from hangtag.rooms import models
from hangtag.rooms.models.parity import keras_answers


@pytest.fixture(scope="module")
def bundle(s0):
    return models.open_bundle(s0.path)


def test_is_a_classifier(bundle):
    assert {name for name in vars(Classifier) if not name.startswith("_")} <= set(dir(bundle))
    for name in ("probabilities", "embeddings"):
        ours, asked = (inspect.signature(getattr(one, name)) for one in (type(bundle), Classifier))
        assert list(ours.parameters) == list(asked.parameters)


def test_knows_what_it_is(bundle, s0):
    assert bundle.class_names == tuple("ABCDEFGHIJ")
    assert bundle.class_codes == tuple(range(10))
    assert bundle.preprocessing == s0.preprocessing
    assert bundle.spec.to_dict() == s0.spec.to_dict()
    assert bundle.threshold == 0.5
    assert bundle.facts["seed"] == 4
    assert bundle.embedding_size == 56
    assert bundle.model_id.startswith("s0-cnn-")
    assert bundle.model_id in repr(bundle)


def test_answers_as_its_network_whatever_the_batches(bundle, s0, images, monkeypatch):
    shown = images(90, (28, 28, 1))
    probabilities, embeddings, _ = keras_answers(s0.network, s0.spec, s0.preprocessing.apply(shown))
    np.testing.assert_allclose(bundle.probabilities(shown), probabilities, atol=1e-5)
    np.testing.assert_allclose(bundle.embeddings(shown), embeddings, atol=1e-5)
    whole = bundle.probabilities(shown)
    monkeypatch.setitem(vars(bundle), "batch_size", 7)
    np.testing.assert_allclose(bundle.probabilities(shown), whole, atol=1e-6)
    at_once, familiarity, points = bundle.whole(shown)
    np.testing.assert_allclose(at_once, whole, atol=1e-6)
    np.testing.assert_allclose(points, embeddings, atol=1e-5)
    assert familiarity is None


def test_gives_the_same_answer_every_time(bundle, images):
    shown = images(64, (28, 28, 1))
    assert np.array_equal(bundle.probabilities(shown), bundle.probabilities(shown))


def test_takes_images_in_any_memory_order_and_leaves_them_alone(bundle, images):
    shown = images(6, (28, 28, 1))
    turned = np.asfortranarray(shown)
    turned.flags.writeable = False
    np.testing.assert_array_equal(bundle.probabilities(turned), bundle.probabilities(shown))
    np.testing.assert_array_equal(
        bundle.probabilities(shown[::2])[1], bundle.probabilities(shown)[2]
    )


def test_no_images_give_no_answers(bundle):
    none = np.empty((0, 28, 28, 1), np.uint8)
    assert bundle.probabilities(none).shape == (0, 10)
    assert bundle.embeddings(none).shape == (0, 56)


@pytest.mark.parametrize(
    "shown",
    [
        np.zeros((2, 28, 28), np.uint8),
        np.zeros((2, 27, 28, 1), np.uint8),
        np.zeros((2, 28, 28, 3), np.uint8),
        np.zeros((2, 28, 28, 1), np.float32),
    ],
)
def test_images_of_another_shape_or_type_are_refused(bundle, shown):
    with pytest.raises(OptionError, match=r"takes uint8 images of shape \('n', 28, 28, 1\)"):
        bundle.probabilities(shown)


def test_the_batch_shrinks_as_layers_grow(tiny, tmp_path, whole):
    small = models.open_bundle(tiny.write(tmp_path / "small"))
    assert small.batch_size == 512
    wide = NetworkSpec(
        "wide",
        (64, 64, 1),
        (
            {"layer": "Conv2D", "filters": 64, "kernel_size": 1},
            {"layer": "GlobalAveragePooling2D"},
            {"layer": "Dense", "units": 2, "activation": "softmax"},
        ),
    )
    path = models.write_bundle(
        tmp_path / "wide",
        models.build(wide, seed=0),
        wide,
        whole(64, 64),
        class_names=("cat", "dog"),
        class_codes=(0, 1),
        facts={},
    )
    assert models.open_bundle(path).batch_size == 60


def _run(code, *words):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_opens_and_answers_without_keras(s0):
    code = """if True:
        import sys
        import numpy as np
        from hangtag.rooms import models
        bundle = models.open_bundle(sys.argv[1])
        print(bundle.probabilities(np.zeros((3, 28, 28, 1), np.uint8)).shape[1])
        heavy = {"keras", "jax", "sklearn", "matplotlib", "scipy", "polars", "PIL"}
        print(len(heavy & set(sys.modules)))
    """
    assert _run(code, s0.path) == ["10", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads peak memory in KiB as Linux gives it")
def test_memory_does_not_grow_with_the_number_of_images(s0):
    code = """if True:
        import resource, sys
        import numpy as np
        from hangtag.rooms import models
        bundle = models.open_bundle(sys.argv[1])
        shown = np.ones((20_000, 28, 28, 1), np.uint8)
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        bundle.probabilities(shown[:1_000])
        before = peak()
        bundle.probabilities(shown)
        print(peak() - before)
    """
    (grown,) = _run(code, s0.path)
    assert int(grown) < 60  # all at once would be 20,000 × 28,000 values, 2.2 GB
