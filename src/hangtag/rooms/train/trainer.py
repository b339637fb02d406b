"""The course of a training: a network, images and options in, the network trained, its history out.

The compiled program does the steps; this file decides when to validate, stop, save and report.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import DivergedError, RunError, StoppedError
from hangtag.progress import Progress
from hangtag.records import History, Preprocessing, TrainingOptions
from hangtag.rooms.train import checkpoint as checkpoints
from hangtag.rooms.train import data
from hangtag.rooms.train.averaging import kept
from hangtag.rooms.train.callbacks import Callback, Epoch
from hangtag.rooms.train.compiling import compile_network
from hangtag.rooms.train.forms import form_of, program_name
from hangtag.rooms.train.interrupt import Interrupt
from hangtag.rooms.train.program import Program, Totals
from hangtag.rooms.train.schedule import is_constant
from hangtag.rooms.train.shared import Shared
from hangtag.rooms.train.state import State, put_weights, state_of, weights_of
from hangtag.rooms.train.stopping import best_of

if TYPE_CHECKING:
    from jax import Array
    from keras import Model

CHUNK_SECONDS = 1.0
"""How long the program runs before we look up: a bar moves, and Ctrl-C is answered. Every start of
the program takes its working memory anew: a tenth of a wide recipe's time when this was .3."""

CHECKPOINT_SECONDS = 60.0
"""At least this often a checkpoint is written."""

CHECKPOINT_FACTOR = 100
"""Sooner when it costs no more than one part in this many of the time."""


class Trainer:
    """One training; :meth:`run` once."""

    def __init__(
        self,
        network: Model,
        images: NDArray[np.uint8],
        labels: NDArray[np.int64],
        *,
        validation: tuple[NDArray[np.uint8], NDArray[np.int64]] | None,
        preprocessing: Preprocessing,
        options: TrainingOptions,
        checkpoint: Path | None,
        callbacks: Sequence[Callback],
        progress: Progress,
        shared: Shared | None = None,
    ) -> None:
        self.network, self.options = network, options
        self.form = form_of(network, preprocessing, options)
        self.checkpoint, self.callbacks, self.progress = checkpoint, callbacks, progress
        self.shared = shared or Shared()
        self.images = self.shared.on_device(images, labels, preprocessing)
        self.validation = (
            None if validation is None else self.shared.on_device(*validation, preprocessing)
        )
        self.steps = len(images) // options.batch_size
        self.tail = len(images) % options.batch_size
        self.preprocessing = preprocessing
        # The first chunk is one step long: nothing is known of how long a step takes, and a guess
        # could leave Ctrl-C unanswered for minutes.
        self.epoch, self.step, self.length = 0, 0, 1
        self.threads = 0  # that a native call may use; 0 is all
        self.spent = 0.0
        self.waited = 0.0  # for programs, of all epochs and of what was before them
        self.curves: dict[str, list[float]] = {}
        self.seconds: list[float] = []
        self.stopped = ""
        self.best = best_of(options, validated=validation is not None)
        self.saved = time.perf_counter()
        self.save_seconds = 0.0

    def run(self, interrupt: Interrupt, *, resume: bool) -> History:
        """Train until the epochs, early stopping, or someone ends it."""
        self.interrupt = interrupt
        compile_network(self.network, self.options)
        self.state = state_of(self.network, self.options)
        self.program = Program(
            self.network,
            preprocessing=self.preprocessing,
            options=self.options,
            steps=self.steps + bool(self.tail),
        )
        self.rate_place = self.program.rate_place
        self.totals = self.program.empty_totals()
        self.good = self.state
        if resume:
            self._resume()
        if self.epoch < self.options.epochs and not self.stopped:
            self._train()
        return self._finish()

    def _train(self) -> None:
        self._compile()
        while self.epoch < self.options.epochs and not self.stopped:
            self._run_epoch()
        self._save()

    def _compile(self) -> None:
        """Trace the programs in turn, compile them side by side; only the first is waited for."""
        self._report("compiling")
        began = time.perf_counter()
        # Only shapes and types matter while tracing: any order lowers to the same program.
        order = np.zeros(len(self.images), np.int32)
        held = (self.state, self.totals, self.images.pixels, self.images.labels, order)
        self.compiled: dict[str, Future[Any]] = {}
        if self.steps:
            self._prepare("chunk", self.program.run_chunk, *held, np.zeros(3, np.int32))
        if self.validation is not None:
            seen = (self.validation.pixels, self.validation.labels)
            self._prepare("validation", self.program.run_validation, self.state, *seen)
        if self.tail:
            self._prepare("tail", self.program.run_tail, *held)
        self.waited += time.perf_counter() - began

    def _prepare(self, what: str, program: Any, *given: Any) -> None:  # noqa: ANN401 - a jitted function
        name = self.form and program_name(self.form, what, given)
        self.compiled[what] = self.shared.program(name, lambda: program.lower(*given))

    def _run_epoch(self) -> None:
        # A training that goes on amid an epoch has told its callbacks of it before it was ended.
        if self.step == 0:
            self._tell("before_epoch", {})
        # Set back by what this epoch took before a kill, so that its seconds are all of them, and
        # ahead by waits for programs: equal networks would differ by who came first.
        self.started = time.perf_counter() - self.spent
        order = data.order_of(
            len(self.images),
            seed=self.options.seed,
            epoch=self.epoch,
            shuffle=self.options.shuffle,
        )
        self._run_steps(order)
        if self.stopped:
            return
        if self.tail:
            self._advance("tail", self.steps, order)
        curves = self.program.curves(self.totals) | self._validate()
        self._close_epoch(curves, time.perf_counter() - self.started)

    def _run_steps(self, order: Array) -> None:
        while self.step < self.steps and not self.stopped:
            last = min(self.step + self.length, self.steps)
            began = time.perf_counter()
            self._advance(
                "chunk", self.step, order, np.asarray([self.step, last, self.threads], np.int32)
            )
            took = time.perf_counter() - began
            # A native call ends early when Ctrl-C is pressed, so count what was done.
            done = int(self.totals.images) // self.options.batch_size
            self._pace(done - self.step, took)
            self.step = done
            self.spent = time.perf_counter() - self.started
            self._look_up()

    def _pace(self, steps: int, took: float) -> None:
        """Choose how many steps the next chunk has, from how long the last one took."""
        # Four times the last length at most: one chunk that was quick by chance must not make the
        # next one so long that nobody is answered.
        wanted = round(steps * CHUNK_SECONDS / max(took, 1e-6))
        self.length = max(1, min(4 * self.length, wanted))

    def _advance(self, what: str, first: int, *where: Array) -> None:
        """Run a chunk, or fall back to the last weights known to be good when the loss is lost."""
        run = self._program_of(what)
        # The program is given its buffers for good (donated) and overwrites them, so weights that
        # may be wanted again are held apart.
        before = weights_of(kept(self.state))
        held = (self.state, self.totals, self.images.pixels, self.images.labels)
        try:
            self.state, self.totals = run(*held, *where)
            bad = int(self.totals.bad_step)
        except RuntimeError:
            # A single native call that would have gone on for long after Ctrl-C: what the program
            # was given is lost with it, so nothing newer than the last checkpoint can be kept.
            if self.interrupt.pressed:
                raise self._stopped_amid() from None
            raise
        # A loss that is lost in the very first step was lost by the weights the chunk began with:
        # then the good ones are older, and stay what they were.
        if bad < 0 or bad > first:
            self.good = self.state._replace(**before)
        if bad >= 0:
            self._diverged(f"step {bad + 1} of epoch {self.epoch + 1}", "loss")

    def _program_of(self, what: str) -> Any:  # noqa: ANN401 - an executable of jax
        """A compiled program, once it is there; the wait is none of the epoch's seconds."""
        began = time.perf_counter()
        run = self.compiled[what].result()
        took = time.perf_counter() - began
        self.waited, self.started = self.waited + took, self.started + took
        return run

    def _diverged(self, where: str, what: str) -> None:
        put_weights(self.network, self.good)
        raise DivergedError(
            f"training '{self.network.name}' left the finite numbers at {where}: its {what} is "
            "not a number; the network keeps the last good weights",
            f"try a smaller learning rate than {self._rate():g}, or look for wrong values in "
            "the preprocessing",
        )

    def _look_up(self) -> None:
        """Between chunks: report, save when it is time, and see whether someone wants an end."""
        self._report()
        # Small networks lose next to nothing in a kill; large ones are not slowed down by safety.
        due = min(CHECKPOINT_SECONDS, self.save_seconds * CHECKPOINT_FACTOR)
        if time.perf_counter() - self.saved >= due:
            self._save()
        if self.interrupt.pressed:
            self._interrupted()
        if any(callback.wants_stop() for callback in self.callbacks):
            self.stopped = "asked"

    def _interrupted(self) -> None:
        self._save()
        put_weights(self.network, kept(self.state))
        message = f"training was interrupted in epoch {self.epoch + 1} of {self.options.epochs}"
        if self.checkpoint is None:
            raise StoppedError(message, "give a checkpoint to be able to resume")
        raise StoppedError(f"{message}; {self.checkpoint} holds it", "resume from the checkpoint")

    def _stopped_amid(self) -> StoppedError:
        message = f"training was interrupted amid a step of epoch {self.epoch + 1}"
        if self.checkpoint is None or not self.checkpoint.exists():
            return StoppedError(f"{message}; nothing of it is kept", "train anew")
        return StoppedError(
            f"{message}; {self.checkpoint} holds what was before", "resume from the checkpoint"
        )

    def _validate(self) -> dict[str, float]:
        if self.validation is None:
            return {}
        run = self._program_of("validation")
        # With averaging on, what is validated and stopped by are the averaged weights, for these
        # are what the training ends with.
        totals = run(kept(self.state), self.validation.pixels, self.validation.labels)
        curves = self.program.curves(totals)
        if not math.isfinite(curves["loss"]):
            self._diverged(f"the end of epoch {self.epoch + 1}", "validation loss")
        return {f"val_{name}": value for name, value in curves.items()}

    def _close_epoch(self, curves: dict[str, float], seconds: float) -> None:
        for name, value in curves.items():
            self.curves.setdefault(name, []).append(value)
        self.seconds.append(seconds)
        enough = self.best.after_epoch(self.epoch, curves, kept(self.state))
        asked = self._tell("after_epoch", curves)
        self.epoch, self.step, self.spent = self.epoch + 1, 0, 0.0
        self.totals = self.program.empty_totals()
        if enough or asked:
            self.stopped = "early stopping" if enough else "asked"
        self._look_up()

    def _tell(self, what: str, curves: dict[str, float]) -> bool:
        """Call the callbacks; whether one asked to stop."""
        if not self.callbacks:
            return False
        rate = self._rate()
        epoch = Epoch(self.epoch, self.options.epochs, rate, curves)
        for callback in self.callbacks:
            getattr(callback, what)(epoch)
        if epoch.learning_rate != rate:
            self._set_rate(epoch.learning_rate)
        return epoch.stop

    def _rate(self) -> float:
        return float(self.state.optimizer[self.rate_place])

    def _set_rate(self, rate: float) -> None:
        import jax.numpy as jnp

        # The rate is an input of the compiled program and no constant in it: a callback may change
        # it between epochs and nothing is compiled anew.
        held = self.state.optimizer[self.rate_place]
        self.state.optimizer[self.rate_place] = jnp.asarray(rate, held.dtype)

    def _report(self, note: str = "") -> None:
        done = self.epoch * max(self.steps, 1) + self.step
        if not note:
            note = f"epoch {min(self.epoch + 1, self.options.epochs)}/{self.options.epochs}"
            values = {name: some[-1] for name, some in self.curves.items()}
            if self.step:
                values = self.program.curves(self.totals)
            shown = [name for name in ("loss", "accuracy", "val_accuracy") if name in values]
            note = " ".join([note, *(f"{name} {values[name]:.4f}" for name in shown)])
        self.progress("train", done, self.options.epochs * max(self.steps, 1), note)

    def _finish(self) -> History:
        restored = bool(self.best.weights)
        state = self.state._replace(**self.best.weights) if restored else kept(self.state)
        put_weights(self.network, state)
        return History(
            curves={name: tuple(values) for name, values in self.curves.items()},
            seconds=tuple(self.seconds),
            best_epoch=self.best.epoch,
            stopped=self.stopped or "epochs",
            restored=restored,
            compiling=self.waited,
        )

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        began = time.perf_counter()
        facts = {
            "training": self._fingerprint(),
            "epoch": self.epoch,
            "step": self.step,
            "spent": self.spent,
            # Who asked for an end has it; asking to go on afterwards is not to be answered by
            # ending again.
            "stopped": "" if self.stopped == "asked" else self.stopped,
            "curves": self.curves,
            "seconds": self.seconds,
            "compiling": self.waited,
            "best": [self.best.value, self.best.epoch, self.best.waited],
            "callbacks": [callback.state() for callback in self.callbacks],
        }
        loss, images, metrics, bad = self.totals
        tensors = checkpoints.grouped(
            **self.state._asdict(),
            totals=[loss, images, bad, *metrics],
            **{f"best_{name}": arrays for name, arrays in self.best.weights.items()},
        )
        checkpoints.write(self.checkpoint, checkpoints.Checkpoint(tensors, facts))
        self.saved = time.perf_counter()
        # How long this one took decides when the next is due, so the pace follows the disk as it is
        # now.
        self.save_seconds = self.saved - began

    def _resume(self) -> None:
        import jax.numpy as jnp

        assert self.checkpoint is not None
        held = checkpoints.read(self.checkpoint)
        facts = held.facts
        if facts["training"] != self._fingerprint():
            raise RunError(
                f"{self.checkpoint} belongs to another training",
                "resume with the same network, images and options, or train anew",
            )

        def taken(name: str, like: list[Array]) -> list[Array]:
            arrays = zip(held.group(name), like, strict=True)
            return [jnp.asarray(array.reshape(one.shape), one.dtype) for array, one in arrays]

        self.state = State(*(taken(name, getattr(self.state, name)) for name in State._fields))
        loss, images, metrics, bad = self.totals
        loss, images, bad, *metrics = taken("totals", [loss, images, bad, *metrics])
        self.totals = Totals(loss, images, metrics, bad)
        # A checkpoint has best weights only where an epoch has been better than the ones before it.
        for name in ("trainable", "non_trainable"):
            if held.group(f"best_{name}"):
                self.best.weights[name] = taken(f"best_{name}", getattr(self.state, name))
        self.epoch, self.step, self.spent = facts["epoch"], facts["step"], facts["spent"]
        self.stopped, self.curves = facts["stopped"], facts["curves"]
        self.seconds = facts["seconds"]
        self.waited += facts.get("compiling", 0.0)  # unknown to earlier versions
        self.best.value, self.best.epoch, self.best.waited = facts["best"]
        for callback, memory in zip(self.callbacks, facts["callbacks"], strict=True):
            callback.restore(memory)

    def _fingerprint(self) -> str:
        """What a checkpoint must agree in: network, images, options, epochs with a schedule."""
        if not hasattr(self, "_known_fingerprint"):
            shapes = [(one.shape, str(one.dtype)) for group in self.state for one in group]
            options = self.options.to_dict()
            # With a constant rate more epochs are the same course continued; with a schedule every
            # step before would have had another rate.
            if is_constant(self.options):
                options["epochs"] = None
            said = json.dumps([shapes, options, self.preprocessing.to_dict(), len(self.callbacks)])
            digest = hashlib.sha256(said.encode())
            for images in (self.images, self.validation):
                if images is not None:
                    digest.update(np.asarray(images.pixels).data)
                    digest.update(np.asarray(images.labels).data)
            self._known_fingerprint = digest.hexdigest()
        return self._known_fingerprint
