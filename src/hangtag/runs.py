"""A run is a folder: what was asked, what came of it, and the model, in files anyone can read.

    run.json                what was asked, resolved to the last option, and where it stands
    split.npz               which images trained, validated, and wait for the test
    history.json            every epoch of a network
    candidates.json         every model that was tried, where one was chosen of several
    checkpoint.safetensors  what training resumes from after a kill; gone when it has ended
    bundle/                 the model
    predictions.npz         the model's answers on the test split
    evaluation.json         what they are worth
    leaks.json              how many test images training has as good as seen
    report.html             all of it, to look at

Every file is written beside and renamed, and the folder itself appears with what training needs in
it, so a kill leaves no run or one that goes on. Every file that is read carries a checksum bound
to its name and its run (``sealed.py``): what was edited, damaged or brought from another run is
refused. Runs of schema 1 have none and still open; their report says so. To keep another result:
one pair of methods here, one line in the drawing above.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from hangtag import atomic, run_places, sealed
from hangtag.errors import OptionError, RunError
from hangtag.records import (
    Candidates,
    Config,
    Evaluation,
    History,
    Predictions,
    Split,
)
from hangtag.records.candidates import from_grid, from_mixtures
from hangtag.records.upstairs import RunVerbs
from hangtag.run_places import LATEST, all_runs

__all__ = ["LATEST", "Config", "Run", "all_runs", "create", "open_run"]

SCHEMA, UNSEALED = 2, 1
"""What runs are written in, and the schema before there were checksums."""
STAGES = ("training", "diverged", "trained", "evaluated")
OF_TEST = ("predictions.npz", "evaluation.json", "leaks.json")
"""Files that evaluating makes, and makes again."""
EARLIER = {"grid.json": from_grid, "mixtures.json": from_mixtures}
"""What candidates were kept as before there was one record for them, and how it is read."""
# What reading a record raises when its values are those of something else.
STRANGE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Run(RunVerbs):
    """One run and its folder.

    Attributes:
        folder: Where it is.
        config: What was asked.
        stage: ``training``, ``diverged``, ``trained`` or ``evaluated``.
        evaluations: When the test split was opened, in UTC; more than once is a caution.
        sealed: Whether its files must carry checksums; False for runs of schema 1.
        kept: What was asked as ``run.json`` has it; None for a run that is new.
    """

    folder: Path
    config: Config
    stage: str = "training"
    evaluations: tuple[str, ...] = ()
    sealed: bool = True
    kept: Mapping[str, Any] | None = field(default=None, compare=False)

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
    def report_path(self) -> Path:
        """Where the report is."""
        return self.folder / "report.html"

    @cached_property
    def identity(self) -> str:
        """What its files' checksums are bound to: a hash of what was asked, and when."""
        asked = json.dumps(self.asked, sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()

    @property
    def asked(self) -> Mapping[str, Any]:
        """What was asked, in the words of the version that wrote it.

        Written anew by a version that knows one option more, it would be another run's, and every
        file of this one would be refused.
        """
        return self.config.to_dict() if self.kept is None else self.kept

    def at(self, stage: str) -> Run:
        """The run, recorded on disk as having reached `stage`."""
        return _written(replace(self, stage=stage))

    def tested(self) -> Run:
        """The run, recorded on disk as having opened the test split once more."""
        return _written(
            replace(self, stage="evaluated", evaluations=(*self.evaluations, now_in_utc()))
        )

    def check_trained(self) -> None:
        """Refuse a run whose model is not finished.

        Raises:
            RunError: It is still to be trained; the hint says how.
        """
        if self.stage == "training":
            raise RunError(f"run {self.name} is not trained to its end", self.go_on)

    @property
    def go_on(self) -> str:
        """The command that ends what was begun here; only networks are trained step by step."""
        place = shlex.quote(str(self.folder))
        if self.config.is_network:
            return f"hangtag train --resume {place}"
        return f"remove {place}, then: {self.config.command} --out {place}"

    def write_split(self, split: Split) -> None:
        """Keep which images do what."""
        facts = {"recipe": split.recipe, "seed": split.seed, "fingerprint": split.fingerprint}
        arrays = {"train": split.train, "validation": split.validation, "test": split.test}
        self._write("split.npz", facts, arrays)

    def split(self) -> Split:
        """Which images do what."""
        made = self._arrays("split.npz")
        return self._record("split.npz", lambda both: Split(**both[0], **both[1]), made)

    @property
    def has_split(self) -> bool:
        """Whether it is known which images do what; older runs lack it when killed early."""
        return (self.folder / "split.npz").is_file()

    def write_history(self, history: History) -> None:
        """Keep every epoch."""
        self._write("history.json", history.to_dict())

    def history(self) -> History:
        """Every epoch."""
        return self._values("history.json", History.from_dict)

    def write_candidates(self, tried: Candidates) -> None:
        """Keep every model that was tried."""
        self._write("candidates.json", tried.to_dict())

    def candidates(self) -> Candidates:
        """Every model that was tried, and which of them was chosen."""
        # Earlier versions kept the candidates of each kind under a name of its own.
        for name, convert in EARLIER.items():
            if (self.folder / name).is_file():
                return self._values(name, convert)
        return self._values("candidates.json", Candidates.from_dict)

    def write_predictions(self, predictions: Predictions) -> None:
        """Keep the model's answers on the test split."""
        arrays = {
            "indices": predictions.indices,
            "labels": predictions.labels,
            "probabilities": predictions.probabilities,
        }
        self._write("predictions.npz", {"class_names": list(predictions.class_names)}, arrays)

    def predictions(self) -> Predictions:
        """The model's answers on the test split, of the set that the run is about."""
        about = self.config.data["fingerprint"]
        return self._record(
            "predictions.npz",
            lambda both: Predictions(
                **both[1], class_names=tuple(both[0]["class_names"]), fingerprint=about
            ),
            self._arrays("predictions.npz"),
        )

    def write_evaluation(self, evaluation: Evaluation) -> None:
        """Keep what the answers are worth."""
        self._write("evaluation.json", evaluation.to_dict())

    def evaluation(self) -> Evaluation:
        """What the answers are worth."""
        return self._values("evaluation.json", Evaluation.from_dict)

    def write_leaks(self, leaks: Mapping[str, Any]) -> None:
        """Keep how many test images training has as good as seen."""
        self._write("leaks.json", leaks)

    def leaks(self) -> dict[str, Any]:
        """How many test images training has as good as seen: ``test``, ``leaked``, ``why``."""
        return self._values("leaks.json", _leaks)

    def _write(
        self, name: str, facts: Mapping[str, Any], arrays: Mapping[str, Any] | None = None
    ) -> None:
        # The checksum covers whose file it is and which: a file copied over from another run is
        # refused, too.
        of = f"{self.identity}/{name}"
        data = sealed.to_json(facts, of) if arrays is None else sealed.to_arrays(facts, arrays, of)
        atomic.write_bytes(self.folder / name, data)

    def _values(self, name: str, record: Callable[[dict[str, Any]], T]) -> T:
        return self._record(name, record, self._opened(name, sealed.from_json))

    def _arrays(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._opened(name, sealed.from_arrays)

    def _opened(self, name: str, read: Callable[..., T]) -> T:
        path = self.folder / name
        if not path.is_file():
            raise RunError(f"run {self.name} has no {name}; it is {self.stage}", self._remedy(name))
        try:
            return read(sealed.read(path), f"{self.identity}/{name}", must=self.sealed)
        except sealed.DamageError as damage:
            raise RunError(f"{path} {damage}", self._remedy(name)) from None

    def _record(self, name: str, record: Callable[[Any], T], values: object) -> T:
        try:
            return record(values)
        except STRANGE:
            raise RunError(
                f"{self.folder / name} is damaged: it does not hold what it should",
                self._remedy(name),
            ) from None

    def _remedy(self, name: str) -> str:
        if name in OF_TEST:
            again = "--again " if self.stage == "evaluated" else ""
            return f"make it with: hangtag evaluate {again}{shlex.quote(str(self.folder))}"
        if self.stage == "training":
            return self.go_on
        return f"bring it back from a copy, or train again: {self.config.command}"


def create(
    folder: Path,
    config: Config,
    fill: Callable[[Run], object] | None = None,
    stage: str = "training",
) -> Run:
    """Make a new run; its folder appears whole or not at all.

    Args:
        folder: Where.
        config: What was asked.
        fill: Writes what belongs to the run from its first moment into the run that it is given.
        stage: How far it is then.

    Raises:
        RunError: Something is at `folder` already.
    """
    check_free(folder)
    try:
        with atomic.folder(folder, replace=False) as place:
            draft = Run(place, config, stage)
            if fill is not None:
                fill(draft)
            _written(draft)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:  # another was quicker
            raise _taken(folder) from None
        raise
    run_places.remember(folder)
    return Run(folder, config, stage)


def check_free(folder: Path) -> None:
    """Refuse a folder that something is in; what a killed process left there is swept.

    Raises:
        RunError: Something is.
    """
    atomic.sweep(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise _taken(folder)


def _taken(folder: Path) -> RunError:
    return RunError(f"{folder} is there already", "give another --out, or remove it first")


def open_run(place: str | Path, *, runs: Path) -> Run:
    """Open a run by its folder, its name under `runs`, or as ``latest``.

    What killed processes left in its folder is swept.

    Raises:
        RunError: There is no such run, or its ``run.json`` is damaged or was changed.
    """
    folder = run_places.find(place, runs)
    run = _read(folder)
    for one in (folder, run.bundle):
        atomic.sweep(one)
    if run.stage in {"trained", "evaluated"}:
        with suppress(OSError):  # killed between its last stage and this
            run.checkpoint.unlink(missing_ok=True)
    return run


def _read(folder: Path) -> Run:
    path = folder / "run.json"
    hint = "bring it back from a copy, or train again"
    try:
        data = sealed.read(path)
        schema = _schema(data)
        if schema not in {SCHEMA, UNSEALED}:
            raise RunError(
                f"{folder} was written by another Hangtag (run schema {schema})",
                f"this one reads {UNSEALED} and {SCHEMA}; train again, or use the other version",
            )
        # Runs of schema 1 carry no checksum; asking them for one would lose all that older versions
        # have trained.
        values = sealed.from_json(data, path.name, must=schema == SCHEMA)
        return _run_of(folder, values)
    except sealed.DamageError as damage:
        raise RunError(f"{path} {damage}", hint) from None
    except (*STRANGE, OptionError):
        raise RunError(f"{path} is damaged: it describes no run", hint) from None


def _schema(data: bytes) -> object:
    """The schema, before anything that depends on it is believed."""
    try:
        return int(json.loads(data)["schema"])
    except (*STRANGE, RecursionError):
        raise sealed.DamageError("is damaged: it is no JSON of a run") from None


def _run_of(folder: Path, values: Mapping[str, Any]) -> Run:
    if values["stage"] not in STAGES:
        raise ValueError(values["stage"])
    return Run(
        folder,
        Config.from_dict(values["config"]),
        values["stage"],
        tuple(values["evaluations"]),
        sealed=values["schema"] == SCHEMA,
        kept=values["config"],
    )


def now_in_utc() -> str:
    """The time now, UTC, to the second, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _written(run: Run) -> Run:
    values = {
        "schema": SCHEMA if run.sealed else UNSEALED,
        "stage": run.stage,
        "evaluations": list(run.evaluations),
        "config": run.asked,
    }
    atomic.write_bytes(run.folder / "run.json", sealed.to_json(values, "run.json"))
    return run


def _leaks(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"test": values["test"], "leaked": values["leaked"], "why": values["why"]}
