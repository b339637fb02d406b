"""A run is a folder: what was asked, what came of it, and the model, in files anyone can read.

    run.json                what was asked, resolved to the last option, and where it stands
    split.npz               which images trained, validated, and wait for the test
    history.json            every epoch of a network
    grid.json               every forest that was tried, for a forest
    mixtures.json           every mixture that was tried, for a mixture
    checkpoint.safetensors  what training resumes from after a kill; gone when it has ended
    bundle/                 the model
    predictions.npz         the model's answers on the test split
    evaluation.json         what they are worth
    leaks.json              how many test pictures training has as good as seen
    report.html             all of it, to look at

Every file is written beside and renamed. To keep another result: one pair of methods here, one
line in the drawing above.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from hangtag import atomic
from hangtag.errors import RunError
from hangtag.records import (
    Evaluation,
    ForestGrid,
    ForestOptions,
    ForestSpec,
    History,
    LoadOptions,
    MixtureOptions,
    MixtureSpec,
    NetworkSpec,
    Predictions,
    Preprocessing,
    Source,
    Split,
    TrainingOptions,
    TriedMixtures,
)
from hangtag.records.forest import FOREST
from hangtag.records.mixture import MIXTURE

SCHEMA = 1
LATEST = "latest"
KINDS: Mapping[str | None, tuple[Any, Any]] = {
    None: (NetworkSpec, TrainingOptions),
    FOREST: (ForestSpec, ForestOptions),
    MIXTURE: (MixtureSpec, MixtureOptions),
}
"""The records of a model and of what was asked of it, by the kind that the model's names."""
UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Config:
    """What was asked of a run, every default resolved.

    Attributes:
        name: Name of the network or recipe.
        source: What was given to load: a set's name or an absolute path.
        data: Name, format, fingerprint and counts of what was loaded.
        loading: How it was said to be read, as ``LoadOptions.to_dict`` gives it.
        limit: Images per part that were loaded at most; None for all.
        split: The split's recipe.
        seed: Seed of the split.
        spec: The network, forest or mixture.
        options: How it trains, or what was tried.
        preprocessing: What is done to pixels.
        created: When, in UTC, ISO 8601.
        command: The command line that does the same again.
        versions: Libraries that took part.
    """

    name: str
    source: str
    data: Mapping[str, Any]
    limit: int | None
    split: str
    seed: int
    spec: NetworkSpec | ForestSpec | MixtureSpec
    options: TrainingOptions | ForestOptions | MixtureOptions
    preprocessing: Preprocessing
    created: str
    command: str
    versions: Mapping[str, str]
    loading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> Source:
        """The source, with what was said about how to read it."""
        return Source(self.source, LoadOptions.from_dict(self.loading))

    @property
    def network(self) -> NetworkSpec:
        """The network.

        Raises:
            RunError: It is none.
        """
        if not isinstance(self.spec, NetworkSpec):
            raise self._no_network()
        return self.spec

    @property
    def training(self) -> TrainingOptions:
        """How the network trains.

        Raises:
            RunError: It is none.
        """
        if not isinstance(self.options, TrainingOptions):
            raise self._no_network()
        return self.options

    def _no_network(self) -> RunError:
        return RunError(
            f"this is a run of {self.name}, which is no network and has no epochs",
            f"to do it again: {self.command}",
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; :meth:`from_dict` is its inverse."""
        return asdict(self) | {
            "spec": self.spec.to_dict(),
            "options": self.options.to_dict(),
            "preprocessing": self.preprocessing.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Config:
        """From what :meth:`to_dict` gave."""
        spec, options = KINDS[values["spec"].get("kind")]
        records: dict[str, Any] = {
            "spec": spec.from_dict(values["spec"]),
            "options": options.from_dict(values["options"]),
            "preprocessing": Preprocessing.from_dict(values["preprocessing"]),
        }
        return cls(**{**values, **records})


@dataclass(frozen=True)
class Run:
    """One run and its folder.

    Attributes:
        folder: Where it is.
        config: What was asked.
        stage: ``training``, ``diverged``, ``trained`` or ``evaluated``.
        evaluations: When the test split was opened, in UTC; more than once is a caution.
    """

    folder: Path
    config: Config
    stage: str = "training"
    evaluations: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder's name, which names the run."""
        return self.folder.name

    @property
    def bundle(self) -> Path:
        """Where the model is."""
        return self.folder / "bundle"

    @property
    def checkpoint(self) -> Path:
        """Where training keeps what it resumes from."""
        return self.folder / "checkpoint.safetensors"

    @property
    def report(self) -> Path:
        """Where the report is."""
        return self.folder / "report.html"

    def at(self, stage: str) -> Run:
        """The run, recorded on disk as having reached `stage`."""
        return _written(replace(self, stage=stage))

    def tested(self) -> Run:
        """The run, recorded on disk as having opened the test split once more."""
        return _written(
            replace(self, stage="evaluated", evaluations=(*self.evaluations, now_in_utc()))
        )

    def write_split(self, split: Split) -> None:
        """Keep which images do what."""
        facts = {"recipe": split.recipe, "seed": split.seed, "fingerprint": split.fingerprint}
        _write_arrays(
            self.folder / "split.npz",
            facts,
            {"train": split.train, "validation": split.validation, "test": split.test},
        )

    def split(self) -> Split:
        """Which images do what."""
        facts, arrays = _read_arrays(self._file("split.npz", "hangtag train"))
        return Split(**facts, **arrays)

    def write_history(self, history: History) -> None:
        """Keep every epoch."""
        atomic.write_json(self.folder / "history.json", history.to_dict())

    def history(self) -> History:
        """Every epoch."""
        return History.from_dict(_read_json(self._file("history.json", "hangtag train --resume")))

    def write_grid(self, grid: ForestGrid) -> None:
        """Keep every forest that was tried."""
        atomic.write_json(self.folder / "grid.json", grid.to_dict())

    def grid(self) -> ForestGrid:
        """Every forest that was tried."""
        return ForestGrid.from_dict(_read_json(self._file("grid.json", "hangtag forest --out")))

    def write_mixtures(self, tried: TriedMixtures) -> None:
        """Keep every mixture that was tried."""
        atomic.write_json(self.folder / "mixtures.json", tried.to_dict())

    def mixtures(self) -> TriedMixtures:
        """Every mixture that was tried."""
        file = self._file("mixtures.json", "hangtag mixture --out")
        return TriedMixtures.from_dict(_read_json(file))

    def write_predictions(self, predictions: Predictions) -> None:
        """Keep the model's answers on the test split."""
        _write_arrays(
            self.folder / "predictions.npz",
            {"class_names": list(predictions.class_names)},
            {
                "indices": predictions.indices,
                "labels": predictions.labels,
                "probabilities": predictions.probabilities,
            },
        )

    def predictions(self) -> Predictions:
        """The model's answers on the test split."""
        facts, arrays = _read_arrays(self._file("predictions.npz", "hangtag evaluate"))
        return Predictions(**arrays, class_names=tuple(facts["class_names"]))

    def write_evaluation(self, evaluation: Evaluation) -> None:
        """Keep what the answers are worth."""
        atomic.write_json(self.folder / "evaluation.json", evaluation.to_dict())

    def evaluation(self) -> Evaluation:
        """What the answers are worth."""
        return Evaluation.from_dict(_read_json(self._file("evaluation.json", "hangtag evaluate")))

    def write_leaks(self, leaks: Mapping[str, Any]) -> None:
        """Keep how many test pictures training has as good as seen."""
        atomic.write_json(self.folder / "leaks.json", leaks)

    def leaks(self) -> dict[str, Any]:
        """How many test pictures training has as good as seen: ``test``, ``leaked``, ``why``."""
        return _read_json(self._file("leaks.json", "hangtag evaluate --again"))

    def _file(self, name: str, made_by: str) -> Path:
        path = self.folder / name
        if not path.is_file():
            raise RunError(
                f"run {self.name} has no {name}; it is {self.stage}",
                f"make it with: {made_by} {self.folder}",
            )
        return path


def create(folder: Path, config: Config) -> Run:
    """Make the folder of a new run.

    Raises:
        RunError: Something is at `folder` already.
    """
    check_free(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return _written(Run(folder, config))


def check_free(folder: Path) -> None:
    """Refuse a folder that something is in.

    Raises:
        RunError: Something is.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder} is there already", "give another --out, or remove it first")


def open_run(place: str | Path, *, runs: Path) -> Run:
    """Open a run by its folder, its name under `runs`, or as ``latest``.

    Raises:
        RunError: There is no such run, or its ``run.json`` is damaged.
    """
    folder = _find(place, runs)
    values = _read_json(folder / "run.json")
    if values.get("schema") != SCHEMA:
        raise RunError(
            f"{folder} was written by another Hangtag (run schema {values.get('schema')})",
            f"this one reads schema {SCHEMA}; train again, or use the other version",
        )
    try:
        config = Config.from_dict(values["config"])
        return Run(folder, config, values["stage"], tuple(values["evaluations"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder / "run.json") from error


def all_runs(runs: Path) -> tuple[Path, ...]:
    """The folders of all runs under `runs`, oldest first."""
    found = [file.parent for file in runs.glob("*/run.json")]
    return tuple(sorted(found, key=lambda folder: (folder / "run.json").stat().st_mtime_ns))


def new_name(name: str) -> str:
    """A folder name for a run of `name`: date, time, name."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{plain}"


def new_folder(runs: Path, name: str) -> Path:
    """A folder for a new run of `name` that nothing is in, though another began this second."""
    plain = runs / new_name(name)
    places = (plain, *(plain.with_name(f"{plain.name}-{number}") for number in range(2, 1000)))
    return next((place for place in places if not place.exists()), plain)


def now_in_utc() -> str:
    """The time now, UTC, to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _find(place: str | Path, runs: Path) -> Path:
    known = all_runs(runs)
    if str(place) == LATEST and known:
        return known[-1]
    for folder in (Path(place), runs / place):
        if (folder / "run.json").is_file():
            return folder
    names = ", ".join(folder.name for folder in known[-5:]) or "none yet: hangtag train makes one"
    raise RunError(f"there is no run at {place}", f"runs in {runs}: {names}")


def _written(run: Run) -> Run:
    atomic.write_json(
        run.folder / "run.json",
        {
            "schema": SCHEMA,
            "stage": run.stage,
            "evaluations": list(run.evaluations),
            "config": run.config.to_dict(),
        },
    )
    return run


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    if not isinstance(values, dict):
        raise _damaged(path)
    return values


def _write_arrays(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    buffer = BytesIO()
    np.savez_compressed(buffer, facts=np.array(json.dumps(facts)), **arrays)
    atomic.write_bytes(path, buffer.getvalue())


def _read_arrays(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            facts = json.loads(str(archive["facts"]))
            return facts, {key: archive[key] for key in archive.files if key != "facts"}
    except UNREADABLE as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> RunError:
    return RunError(f"{path} is damaged or cannot be read", "train again, or restore the file")
