"""Features of every verb: maps, clusters and audits of what a network says, asked for by a text."""

from __future__ import annotations

import json

import numpy as np
import pytest

import hangtag
from hangtag.errors import OptionError
from hangtag.requests import AuditRequest, ClusterRequest, ReduceRequest, options_of
from hangtag.study.steps.audit import AuditStep
from hangtag.study.steps.cluster import ClusterStep
from hangtag.study.steps.reduce import ReduceStep


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    out = tmp_path_factory.mktemp("seen") / "network"
    return hangtag.train("digits", network="s2-mlp", epochs=2, out=out)


def test_one_option_is_shared_by_the_verbs_and_by_their_steps():
    said = {
        options_of(one)["features"].sentence
        for one in (ReduceRequest, ClusterRequest, AuditRequest)
    }
    assert len(said) == 1
    assert all("features" in one.model_fields for one in (ReduceStep, ClusterStep, AuditStep))


def test_a_map_of_a_layer_is_a_map_of_the_bundles_embeddings(network, digits):
    chart = hangtag.reduce(digits, features=f"network:{network.folder}", sample=300)
    assert chart.options["features"] == f"network:{network.folder}"
    vectors = hangtag.open_bundle(network).embeddings(digits.images[chart.indices])
    centred = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    first = np.abs(centred @ axes[0])
    assert np.allclose(np.abs(chart.points[:, 0]), first, atol=1e-2 * first.max())


def test_pixels_by_name_are_the_default(digits):
    named, plain = (
        hangtag.reduce(digits, sample=200, **one) for one in ({"features": "pixels"}, {})
    )
    assert np.array_equal(named.points, plain.points)
    assert named.options == plain.options
    axes, same = (
        hangtag.cluster(digits, k=[5], n_init=2, sample=200, **one)
        for one in ({"features": "pca:0.95"}, {})
    )
    assert axes.to_dict() | {"seconds": 0} == same.to_dict() | {"seconds": 0}


def test_clusters_of_a_layer_show_images(network, digits, tmp_path):
    asked = {"k": [10], "n_init": 3, "sample": 400, "features": f"network:{network.folder}"}
    found = hangtag.cluster(digits, **asked)
    assert found.points.shape[1] == hangtag.open_bundle(network).embedding_size
    assert found.basis.endswith(f"numbers of network:{network.folder}")
    images = found.centres()
    members = found.clustering.indices[found.clustering.assignments == 4]
    assert np.allclose(images[4], digits.images[members].mean(axis=0), atol=1e-3)
    names = {one.name for one in hangtag.write_clusters(found, tmp_path)}
    assert {"map.svg", "centres.png", "gallery.png"} <= names
    with pytest.raises(OptionError, match="nothing turns it back into pixels"):
        hangtag.cluster(digits, method="mixture", new=3, **asked | {"n_init": 1})


def test_what_cannot_be_seen_is_refused(digits):
    for verb in (hangtag.reduce, hangtag.cluster, hangtag.audit):
        with pytest.raises(OptionError, match="there are no features 'pixel'"):
            verb(digits, features="pixel")


def test_the_command_line_says_the_same(network, hangtag_command, digits):
    place = f"network:{network.folder}"
    done = hangtag_command("reduce", "digits", "--sample", "200", "--features", place, "--json")
    chart = hangtag.reduce(digits, features=place, sample=200)
    assert np.allclose(json.loads(done.out)["maps"][0]["points"], chart.points, atol=1e-5)
    done = hangtag_command(
        "audit", "digits", "--checks", "duplicates", "--features", "pca:0.9", "--json"
    )
    facts = json.loads(done.out)["checks"]["duplicates"]
    assert facts["features"].startswith("pca:")
    assert 0 < facts["near_cosine_distance"] < 1
