"""scikit-learn: a fitted pipeline of its own classes, written by skops, which runs no code.

Forests, linear models and linear discriminants of pixels or principal axes. The estimators are
made of the bundle's arrays, not fitted again: they answer as the bundle does.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError
from hangtag.estimators import estimator_of
from hangtag.estimators.exports.base import Export, compared, told
from hangtag.estimators.points import NETWORKS
from hangtag.geometry import Axes, axes_from_arrays
from hangtag.records import ForestSpec, Preprocessing, Trees
from hangtag.rooms import models as models_room
from hangtag.rooms.models import Bundle

WEIGHTED = {"linear", "discriminant"}
"""Kinds whose answer is the softmax of weighted sums."""
STRAYS = 1
"""Images of noise that a forest may answer otherwise: float64 and float32 coordinates that round
to different sides of a question."""


def _write(bundle: Bundle) -> tuple[bytes, float]:
    spec: Any = bundle.spec
    seen = getattr(spec, "features", "")
    if spec.kind not in {*WEIGHTED, "forest"} or seen.partition(":")[0] in NETWORKS:
        raise OptionError(
            f"scikit-learn has no such model: {bundle.model_id} is a {estimator_of(spec).noun}"
            f"{f' on {seen}' if seen else ''}",
            "--to onnx takes any model",
        )
    if find_spec("skops") is None:
        raise OptionError("skops is not installed", "pip install 'hangtag[export]'")
    import skops.io

    pipeline, strays = _pipeline(bundle)
    difference = compared(
        bundle,
        lambda shown: pipeline.predict_proba(shown.reshape(len(shown), -1)),
        "pipeline",
        strays=strays,
    )
    data: bytes = skops.io.dumps(pipeline)
    return data, difference


def _pipeline(bundle: Bundle) -> tuple[Any, int]:
    from sklearn.pipeline import Pipeline

    arrays = models_room.weights_from_bundle(bundle)
    axes = axes_from_arrays(arrays)
    if bundle.spec.kind == "forest":
        model, strays = _forest(estimator_of(bundle.spec).open(bundle).trees, bundle), STRAYS
    else:
        model, strays = _weighted(arrays["weights"], arrays["bias"]), 0
    model.classes_ = np.array(bundle.class_names)
    steps = [*_seen(bundle.preprocessing, axes), ("model", model)]
    pipeline = Pipeline(steps)
    pipeline.hangtag_ = json.loads(told(bundle))
    return pipeline, 0 if axes is None else strays


def _seen(how: Preprocessing, axes: Axes | None) -> list[tuple[str, Any]]:
    """Crop, scale and projection of flat raw pixels, as fitted transformers."""
    from sklearn.decomposition import PCA
    from sklearn.feature_selection import SelectKBest
    from sklearn.preprocessing import StandardScaler

    height, width, channels = how.picture_shape
    pixels = height * width * channels
    steps: list[tuple[str, Any]] = []
    if how.output_shape != how.picture_shape:
        kept = np.zeros((height, width, channels))
        kept[slice(*how.rows), slice(*how.columns)] = 1
        crop = SelectKBest(k=int(kept.sum()))
        crop.scores_, crop.n_features_in_ = kept.ravel(), pixels
        steps.append(("crop", crop))
        pixels = int(kept.sum())
    scaler = StandardScaler()
    every = np.ones(pixels // channels)[:, None]
    # (x * scale - mean) / deviation is (x - mean / scale) / (deviation / scale).
    scaler.mean_ = (every * np.broadcast_to(how.mean, channels) / how.scale).ravel()
    scaler.scale_ = (every * np.broadcast_to(how.deviation, channels) / how.scale).ravel()
    scaler.var_, scaler.n_features_in_, scaler.n_samples_seen_ = scaler.scale_**2, pixels, 1
    steps.append(("scale", scaler))
    if axes is not None:
        pca = PCA(len(axes.components))
        pca.mean_, pca.components_ = axes.mean, axes.components
        pca.n_components_, pca.n_features_in_ = len(axes.components), pixels
        steps.append(("axes", pca))
    return steps


def _weighted(weights: NDArray[np.float64], bias: NDArray[np.float64]) -> Any:  # noqa: ANN401
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression()
    # Of two classes scikit-learn keeps one row, the difference of both.
    two = weights.shape[1] == 2
    model.coef_ = (weights[:, 1:] - weights[:, :1]).T if two else weights.T
    model.intercept_ = bias[1:] - bias[:1] if two else bias
    model.n_features_in_ = len(weights)
    return model


def _forest(trees: Trees, bundle: Bundle) -> Any:  # noqa: ANN401
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

    spec = bundle.spec
    assert isinstance(spec, ForestSpec)
    extra = spec.name == "extra-trees"
    forest, single = (
        (ExtraTreesClassifier, ExtraTreeClassifier)
        if extra
        else (RandomForestClassifier, DecisionTreeClassifier)
    )
    codes = np.arange(trees.n_classes)
    model = forest(n_estimators=len(trees))
    model.estimators_ = []
    for tree in trees.each():
        one = single()
        one.tree_ = _tree(tree)
        one.classes_, one.n_classes_, one.n_outputs_ = codes, trees.n_classes, 1
        one.n_features_in_, one.max_features_ = trees.n_features, trees.n_features
        model.estimators_.append(one)
    model.n_classes_, model.n_outputs_ = trees.n_classes, 1
    model.n_features_in_ = trees.n_features
    return model


def _tree(tree: Trees) -> Any:  # noqa: ANN401
    """A tree of scikit-learn with these nodes; how many images reached each is not kept."""
    from sklearn.tree._tree import NODE_DTYPE
    from sklearn.tree._tree import Tree as Grown

    count = tree.n_nodes
    nodes = np.zeros(count, NODE_DTYPE)
    nodes["left_child"], nodes["right_child"] = tree.left_children, tree.right_children
    nodes["feature"], nodes["threshold"] = tree.features, tree.thresholds
    leaf = tree.features < 0
    for name, value in (("left_child", -1), ("right_child", -1), ("feature", -2)):
        nodes[name][leaf] = value
    nodes["threshold"][leaf] = -2.0
    values = np.zeros((count, 1, tree.n_classes))
    at = np.repeat(np.arange(count), np.diff(tree.shares_at))
    values[at, 0, tree.classes] = tree.shares
    grown = Grown(tree.n_features, np.array([tree.n_classes], np.intp), 1)
    state = {"max_depth": _depth(tree), "node_count": count, "nodes": nodes, "values": values}
    grown.__setstate__(state)
    return grown


def _depth(tree: Trees) -> int:
    depth, level = 0, np.array([0])
    while len(level := level[tree.features[level] >= 0]):
        level = np.concatenate([tree.left_children[level], tree.right_children[level]])
        depth += 1
    return depth


METHOD = Export(
    "scikit-learn",
    ".skops",
    _write,
    """\
import skops.io
model = skops.io.load({file!r}, trusted=["numpy.dtype", "sklearn.tree._tree.Tree"])
model.predict_proba(images.reshape(len(images), -1))  # raw pixels, 0 to 255, (n, {shape})
model.classes_, model.hangtag_["threshold"]  # below it the answer is "unknown"
""",
)
