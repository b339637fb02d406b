"""The stores that are tortured: what a person does with each, over and over, and what comes of it.

``work`` is what someone types who knows nothing of kills: the same command again, or the next step
that the tool itself names. It begins at whatever it finds. To add a store: a class with the four
members of :class:`Store`, a line in :data:`STORES`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

LIMIT = ("--limit", 120)


class Store(Protocol):
    """One kind of thing that is kept."""

    name: str

    def prepare(self, place: Path) -> None:
        """What is there before, made once and copied for every attempt."""

    def work(self, place: Path) -> None:
        """Do it, or go on with it."""

    def check(self, place: Path) -> None:
        """Raise if what is at its final place is half of anything."""

    def result(self, place: Path) -> dict[str, Any]:
        """What must be the same however often it was killed."""


def command(*words: object) -> None:
    """``hangtag …`` in this process; raises SystemExit unless it went well."""
    from hangtag.cli import main

    sys.argv = ["hangtag", *map(str, words)]
    try:
        main()
    except SystemExit as stop:
        if stop.code not in (None, 0):
            raise


@contextmanager
def library() -> Iterator[None]:
    """Work of the library alone: to whoever calls it, a full disk is an OSError."""
    try:
        yield
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def stage(folder: Path) -> str:
    file = folder / "run.json"
    return json.loads(file.read_bytes())["stage"] if file.is_file() else "none"


def bundle_result(bundle: Path) -> dict[str, Any]:
    facts = json.loads((bundle / "manifest.json").read_bytes())["facts"]
    assert "threshold" in facts, "a bundle without its threshold"
    facts = {key: value for key, value in facts.items() if key != "run"}
    parts = {name: digest(bundle / name) for name in ("weights.safetensors", "model.onnx")}
    return parts | {"facts": json.dumps(facts, sort_keys=True)}


def run_result(folder: Path) -> dict[str, Any]:
    from hangtag import runs

    run = runs.open_run(folder, runs=folder.parent)
    predictions = run.predictions().probabilities
    return bundle_result(run.bundle) | {
        "stage": run.stage,
        "opened": len(run.evaluations) > 0,
        "files": sorted(one.name for one in folder.iterdir()),
        "test": run.split().test.tolist(),
        "evaluation": json.dumps(run.evaluation().to_dict(), sort_keys=True),
        "predictions": hashlib.sha256(np.ascontiguousarray(predictions).data).hexdigest(),
    }


def check_run(folder: Path) -> None:
    """A folder at a run's place is a run; a model in it that is done answers and knows when not."""
    import hangtag
    from hangtag.errors import RunError

    if not folder.exists():
        return
    run = hangtag.open_run(folder)
    if run.stage == "training":
        try:
            hangtag.open_bundle(folder)
        except RunError:
            return
        raise AssertionError("a model that is not finished was opened")
    assert "threshold" in hangtag.open_bundle(folder).facts


class Network:
    """A network's run: trained with checkpoints, evaluated, reported."""

    name = "run of a network"

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)

    def work(self, place: Path) -> None:
        run = place / "run"
        if stage(run) == "training":
            command("train", "--resume", run, "-q")
        elif stage(run) == "none":
            words = ("--network", "s2-mlp", "--epochs", 2, "--seed", 3, *LIMIT)
            command("train", "digits", *words, "--out", run, "-q")
        command("evaluate", run, "-q")
        command("report", run)

    def check(self, place: Path) -> None:
        check_run(place / "run")

    def result(self, place: Path) -> dict[str, Any]:
        from hangtag import runs

        curves = runs.open_run(place / "run", runs=place).history().curves
        assert not (place / "run" / "checkpoint.safetensors").exists()
        return run_result(place / "run") | {"curves": json.dumps(dict(curves))}


class Forest:
    """A forest's run, with the cache of grids."""

    name = "run of a forest, and its cache"
    words = ("forest", "digits", "--n-estimators", "2,4", "--max-depth", "3,6")

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)

    def work(self, place: Path) -> None:
        if stage(place / "run") == "none":
            command(*self.words, *LIMIT, "--out", place / "run", "-q")
        command("evaluate", place / "run", "-q")

    def check(self, place: Path) -> None:
        check_run(place / "run")

    def result(self, place: Path) -> dict[str, Any]:
        return run_result(place / "run")


class Mixture(Forest):
    """A mixture's run."""

    name = "run of a mixture"
    words = ("mixture", "digits", "--k", "4,8", "--pca", "5")


class Bundle:
    """A bundle that takes the place of another, as a folder and as one file, and gets a fact."""

    name = "bundle"

    def prepare(self, place: Path) -> None:
        import hangtag

        images = hangtag.load("digits", limit=60)
        found = hangtag.forest(images, n_estimators=3, max_depths=3, cached=False)
        self._write(place, found.model.arrays(), 0, found)

    def _write(self, place: Path, arrays: Any, version: int, found: Any = None) -> None:
        import hangtag
        from hangtag.rooms import models

        if found is None:
            forest = hangtag.open_forest(place / "kept.hangtag")
            bundle = hangtag.open_bundle(place / "kept.hangtag")
            model = (place / "kept.onnx").read_bytes()
            spec, names, codes = bundle.spec, bundle.class_names, bundle.class_codes
            arrays, preprocessing = forest.arrays(), bundle.preprocessing
        else:
            from hangtag.rooms import forest as room

            model = room.onnx_model(found.model, found.images.images[:10])
            (place / "kept.onnx").write_bytes(model)
            spec, preprocessing = found.spec, found.model.preprocessing
            names, codes = found.images.class_names, found.images.class_codes
        targets = ("bundle", "one.hangtag", *(() if found is None else ("kept.hangtag",)))
        for target in targets:
            models.write_arrays_bundle(
                place / target, spec, preprocessing, arrays=arrays, model=model,
                class_names=names, class_codes=codes,
                facts={"threshold": 0.5, "version": version, "created": "2026-01-01"},
            )  # fmt: skip

    def work(self, place: Path) -> None:
        from hangtag.rooms import models

        with library():
            self._write(place, None, 1)
            for target in ("bundle", "one.hangtag"):
                models.with_facts(place / target, {"metrics": {"accuracy": 0.5}})

    def check(self, place: Path) -> None:
        import hangtag

        for target in ("bundle", "one.hangtag"):
            facts = hangtag.open_bundle(place / target).facts
            assert facts["version"] in {0, 1}
            assert facts["threshold"] == 0.5

    def result(self, place: Path) -> dict[str, Any]:
        return bundle_result(place / "bundle") | {"file": digest(place / "one.hangtag")}


class Checkpoint:
    """A checkpoint, written over and over."""

    name, rounds = "checkpoint", 6

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)

    def work(self, place: Path) -> None:
        from hangtag.rooms.train import checkpoint

        for number in range(self._done(place) + 1, self.rounds + 1):
            tensors = checkpoint.grouped(weights=[np.full(50_000, number, np.float32)])
            held = checkpoint.Checkpoint(tensors, {"number": number})
            with library():
                checkpoint.write(place / "a.safetensors", held)

    def _done(self, place: Path) -> int:
        from hangtag.rooms.train import checkpoint

        file = place / "a.safetensors"
        if not file.exists():
            return 0
        held = checkpoint.read(file)
        number = held.facts["number"]
        assert (held.group("weights")[0] == number).all(), "weights of another moment"
        return int(number)

    def check(self, place: Path) -> None:
        self._done(place)

    def result(self, place: Path) -> dict[str, Any]:
        return {"number": self._done(place), "file": digest(place / "a.safetensors")}


class Search:
    """A search with its journal, table and figures."""

    name = "search journal"

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)

    def work(self, place: Path) -> None:
        words = ("--model", "kmeans", "--space", "k=2:9", "--method", "bayes", "--trials", 6)
        again = ("--resume",) if (place / "search" / "search.journal").exists() else ()
        command("tune", "digits", *words, *LIMIT, "--out", place / "search", *again, "-q")

    def check(self, place: Path) -> None:
        file = place / "search" / "trials.json"
        if file.exists():
            json.loads(file.read_bytes())

    def result(self, place: Path) -> dict[str, Any]:
        found = json.loads((place / "search" / "trials.json").read_bytes())
        rows = [
            {name: one[name] for name in ("number", "parameters", "state", "value")}
            for one in found["trials"]
        ]
        files = sorted(one.name for one in (place / "search").iterdir())
        return {"trials": json.dumps(rows, sort_keys=True), "files": files}


RECIPE = """
name: tortured
title: Tortured
source: digits
split: stratified:0.2+test:0.2
steps:
  look: {verb: explore, show: [samples]}
  clusters: {verb: cluster, k: 4, pca: 3, n_init: 1, shown: 2}
  forest: {verb: forest, n_estimators: [5], max_depths: [3, 6]}
  forest-test: {verb: evaluate, of: forest}
"""


class Study:
    """A study of four steps: what every step came to, and the page."""

    name = "study"

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)
        (place / "recipe.yaml").write_text(RECIPE)

    def work(self, place: Path) -> None:
        command("study", "run", place / "recipe.yaml", "--out", place / "study", *LIMIT, "-q")

    def check(self, place: Path) -> None:
        pass

    def result(self, place: Path) -> dict[str, Any]:
        steps = {}
        for file in sorted((place / "study" / "steps").glob("*/outcome.json")):
            outcome = json.loads(file.read_bytes())["outcome"]
            values = {k: v for k, v in outcome["values"].items() if "seconds" not in k}
            figures = [one["file"] for one in outcome["figures"]]
            assert all((file.parent / one).is_file() for one in figures)
            steps[file.parent.name] = json.dumps([values, figures, sorted(outcome["runs"])])
        assert (place / "study" / "report.html").read_text().rstrip().endswith("</html>")
        return steps


class Programs:
    """The cache of compiled programs: two small ones, compiled and kept."""

    name = "compiled programs"

    def prepare(self, place: Path) -> None:
        place.mkdir(exist_ok=True)

    def work(self, place: Path) -> None:
        with library():
            self._compile(place)

    def _compile(self, place: Path) -> None:
        import jax
        import jax.numpy as jnp

        from hangtag.compilation_cache import remember_programs

        folder = remember_programs()
        values = jnp.arange(12.0)
        for number, program in enumerate((jnp.cumsum, jnp.sort)):
            answer = jax.jit(lambda x, of=program: of(x * 3 - 7))(values)
            (place / f"{number}.txt").write_text(str(np.asarray(answer).tolist()))
        (place / "folder.txt").write_text(str(folder))

    def check(self, place: Path) -> None:
        if not (place.parent / "cache").exists():
            return
        # In a copy of the cache, as what is missing would be written.
        copied = place.with_name("checked")
        shutil.copytree(place.parent / "cache", copied / "cache")
        os.environ["HANGTAG_CACHE"] = str(copied / "cache")
        # A torn program is a warning to JAX, which compiles it again; here it is a failure.
        warnings.filterwarnings("error", "Error reading persistent compilation cache entry")
        self._compile(copied)
        shutil.rmtree(copied)

    def result(self, place: Path) -> dict[str, Any]:
        folder = Path((place / "folder.txt").read_text())
        names = sorted(one.name for one in folder.glob("*-cache"))
        assert names
        return {"programs": names, "answers": [(place / f"{n}.txt").read_text() for n in (0, 1)]}


class Tags:
    """A table of tags that takes the place of another."""

    name = "tags"

    def prepare(self, place: Path) -> None:
        from PIL import Image

        import hangtag

        Bundle().prepare(place)
        (place / "pictures").mkdir()
        for number, pixels in enumerate(hangtag.load("digits", limit=60).images[:12]):
            Image.fromarray(pixels.squeeze()).save(place / "pictures" / f"{number}.png")
        (place / "pictures" / "tags.csv").write_text("old\n")

    def work(self, place: Path) -> None:
        images = place / "pictures"
        command("tag", place / "bundle", images, "--out", images / "tags.csv", "-q")

    def check(self, place: Path) -> None:
        text = (place / "pictures" / "tags.csv").read_text()
        assert text == "old\n" or len(text.splitlines()) >= 13

    def result(self, place: Path) -> dict[str, Any]:
        names = sorted(one.name for one in (place / "pictures").iterdir())
        return {"tags": digest(place / "pictures" / "tags.csv"), "files": names}


STORES: tuple[Store, ...] = (
    Network(), Forest(), Mixture(), Bundle(), Checkpoint(), Search(), Study(), Programs(), Tags(),
)  # fmt: skip
