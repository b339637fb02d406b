"""A small study of the digits that has one step of every verb."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import yaml

from hangtag import study
from hangtag.rooms.load import loading

TEXT = """
name: every-verb
title: Every verb, on digits
about: [One step of every kind.]
document: A document
source: digits
split: stratified:0.2
seeds: [0, 1]
steps:
  look:
    verb: explore
    show: [samples, classes, variance, scaling, variants, halves, reconstructions]
    mark: [9]
  audit: {verb: audit}
  maps: {verb: reduce, methods: {pca: {}, mds: {sample: 200}}, points: 100}
  clusters: {verb: cluster, k: [5, 10], pca: 5, n_init: 2, shown: 3}
  mixture: {verb: cluster, method: mixture, k: 5, pca: 5, n_init: 1, new: 4}
  forest: {verb: forest, n_estimators: [5, 10], max_depths: [3, 6]}
  forest-test: {verb: evaluate, of: forest, show: []}
  drawn: {verb: summary, networks: [s0-cnn]}
  nets:
    verb: train
    network: s2-mlp
    options: {epochs: 2}
    variants:
      wide: {}
      narrow: {changes: {dense.units: 16}}
      top: {rows: [0, 0.5]}
  nets-test: {verb: evaluate, of: nets, show: [confusion, mistakes]}
  sides: {verb: compare, of: [nets.wide, nets.narrow]}
  search: {verb: tune, network: s2-mlp, space: "batch_size=64,128", method: grid, epochs: 1}
  best: {verb: train, best_of: search}
  ablation: {verb: ablate, network: s2-mlp, epochs: 1, changes: {thin: {dense.units: 8}}}
  shop: {verb: tag, of: nets.wide, measured: 50}
  catalog: {verb: catalog, of: nets.wide}
  by-picture: {verb: search, of: catalog, measured: 30, k: 5}
reported_on: digits
reported:
  - {figure: images, ours: look.images, value: 1797, exact: true}
  - {figure: training accuracy, ours: nets.wide.accuracy, value: 0.5, within: 0.5}
  - {figure: accuracy, ours: nets-test.wide.accuracy, value: 0.999, within: 0.0001, better: lower}
  - {figure: best k, ours: clusters.k, value: 7, within: 3}
differs: [The document does it wrong.]
quick: {steps.nets.options.epochs: 1}
"""


@pytest.fixture(scope="session")
def text():
    """The recipe as its author writes it."""
    return TEXT


@pytest.fixture(scope="session")
def done(tmp_path_factory, text):
    """The study, carried out once for all tests that only look at it."""
    place = tmp_path_factory.mktemp("every-verb")
    file = place / "recipe.yaml"
    file.write_text(text)
    told = []
    with counted() as loaded:
        found = study.run(
            study.open_recipe(file),
            out=place / "study",
            on_step=lambda name, outcome, now: told.append((name, now)),
        )
    assert loaded == ["digits"]  # once, for all steps and runs
    return found, told


@contextmanager
def counted():
    """What is loaded while this lasts."""
    loaded = []
    own = loading.load

    def load(source, *rest):
        loaded.append(str(source))
        return own(source, *rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "load", load)
        yield loaded


@pytest.fixture
def small(tmp_path):
    """A recipe that takes a second, as values to change and a way to open them."""
    values = {
        "name": "small",
        "title": "Small",
        "source": "digits",
        "split": "stratified:0.2",
        "steps": {
            "look": {"verb": "explore", "show": ["samples"]},
            "clusters": {"verb": "cluster", "k": 4, "pca": 3, "n_init": 1, "shown": 2},
        },
    }

    def opened(**options):
        file = tmp_path / "small.yaml"
        file.write_text(yaml.safe_dump(values, sort_keys=False))
        return study.open_recipe(file, **options)

    return values, opened
