"""Fine-tuning: images, labels and the parts of a network go in, weights epoch by epoch come out.

Every core works at its own part of a batch, from drawing views over the frozen steps, which
onnxruntime runs, to the gradient of the others in JAX. A part is few images, so that what lies
between two steps stays near the processor, and always as many, so that sums are the same on any
number of cores.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hangtag.compilation_cache import remember_programs
from hangtag.errors import DivergedError
from hangtag.onnx_sessions import Session, answers, open_session
from hangtag.progress import Progress, silent
from hangtag.rooms.finetune.network import embeddings
from hangtag.rooms.finetune.parts import EMBEDDING, Parts, Weights
from hangtag.rooms.finetune.views import Album, Views

PART = 8
"""Images that one core works at together."""
HEAD = ("head/weights", "head/bias")
"""Names of what is learnt from nothing, beside the weights of the network's steps."""
FIRST, LAST, RISE = 1 / 25, 1e-4, 0.3
"""Step sizes at the start and the end as proportions of the largest, and when that is reached."""
DECAY, MEAN, SQUARE, LEAST = 0.01, 0.9, 0.999, 1e-8
"""Of AdamW: decay of weights, of both moments, and what is added to the root of the second."""
_RECENT = 20
State = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Recipe:
    """How a network is fine-tuned.

    Attributes:
        views: What it sees of images.
        epochs: Passes over all images.
        batch_size: Images of a step.
        learning_rate: Largest step of the network's own weights.
        head_rate: Likewise of the answers' weights, which begin at zero.
        smoothing: Proportion of every label that is spread over all classes.
        seed: Of all that is drawn.
    """

    views: Views
    epochs: int
    batch_size: int
    learning_rate: float
    head_rate: float
    smoothing: float
    seed: int


class Epoch(NamedTuple):
    """Where training stands after an epoch.

    Attributes:
        number: From 1.
        loss: Mean over all views of it.
        right: Proportion of its views that were answered rightly as they came.
        seconds: What it took.
        state: Weights and both moments, to go on from: ``now/…``, ``mean/…``, ``square/…``.
    """

    number: int
    loss: float
    right: float
    seconds: float
    state: State

    def weights(self) -> Weights:
        """The weights, those of :data:`HEAD` among them."""
        return {
            name.removeprefix("now/"): one
            for name, one in self.state.items()
            if name.startswith("now/")
        }


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt from.

    Attributes:
        album: The images.
        labels: ``(n,)`` class of each.
        n_classes: Classes there are.
    """

    album: Album
    labels: NDArray[np.int64]
    n_classes: int

    def weights(self) -> NDArray[np.float32]:
        """What each image counts: one over the root of its class's images, 1 in the mean.

        Between counting images and counting classes: rare classes are heard, and not as loudly
        as if their few images were all there is.
        """
        counts = np.bincount(self.labels, minlength=self.n_classes)
        each = 1 / np.sqrt(counts[self.labels])
        return np.asarray(each / each.mean(), np.float32)


@dataclass(eq=False)
class _Work:
    """One training: what all of its steps share."""

    parts: Parts
    lesson: Lesson
    recipe: Recipe
    gradient: Callable[..., Any]
    update: Callable[..., Any]
    session: Session = field(init=False)
    weights: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        # One thread a call: there is a call for every core.
        self.session = open_session(self.parts.frozen, threads=1)
        self.weights = self.lesson.weights()

    @property
    def part(self) -> int:
        return math.gcd(PART, self.recipe.batch_size)

    def one(self, now: Mapping[str, Any], rows: NDArray[np.int64], seeds: Sequence[Any]) -> Any:  # noqa: ANN401
        """Loss, right answers and gradients of one part of a batch."""
        seen = [
            self.lesson.album.view(row, self.recipe.views, np.random.default_rng(seed))
            for row, seed in zip(rows.tolist(), seeds, strict=True)
        ]
        value = answers(self.session, EMBEDDING, np.stack(seen))
        return self.gradient(now, value, self.lesson.labels[rows], self.weights[rows])


def epochs(
    parts: Parts,
    lesson: Lesson,
    recipe: Recipe,
    *,
    done: Epoch | None = None,
    progress: Progress = silent,
) -> Iterator[Epoch]:
    """Train, and stop after each epoch.

    Args:
        parts: The network.
        lesson: The images and their classes.
        recipe: How.
        done: An epoch to go on after; None begins anew.
        progress: Told how many images were seen.

    Raises:
        DivergedError: The loss left the finite numbers.
    """
    remember_programs()
    work = _Work(parts, lesson, recipe, *_programs(parts, recipe, lesson.n_classes))
    state = _begun(parts, lesson.n_classes) if done is None else done.state
    with ThreadPoolExecutor(cores(recipe.batch_size // work.part)) as crew:
        for number in range(0 if done is None else done.number, recipe.epochs):
            yield (last := _epoch(work, crew, number, state, progress))
            state = last.state


def _epoch(
    work: _Work, crew: ThreadPoolExecutor, number: int, state: State, progress: Progress
) -> Epoch:
    began, recipe, n = time.perf_counter(), work.recipe, len(work.lesson.labels)
    # Everything that is drawn is drawn by what it is for, so training that was stopped goes on
    # with the very views that it would have had.
    order = np.random.default_rng((recipe.seed, number)).permutation(n)
    steps = math.ceil(n / recipe.batch_size)
    # The last batch is filled up from the beginning: every step has as many.
    order = np.resize(order, steps * recipe.batch_size)
    losses, right = np.zeros(steps), 0
    for step in range(steps):
        places = np.arange(step * recipe.batch_size, (step + 1) * recipe.batch_size)
        found = _looked(work, crew, state, order, places, (recipe.seed, number))
        losses[step] = sum(loss for loss, _, _ in found) / recipe.batch_size
        right += sum(count for _, count, _ in found)
        taken = number * steps + step
        if not math.isfinite(losses[step]):
            raise DivergedError(
                f"fine-tuning left the finite numbers at step {taken + 1}",
                "a smaller learning rate",
            )
        factor = schedule(taken, recipe.epochs * steps)
        slopes = [slope for _, _, slope in found]
        state = work.update(state, slopes, np.float32(factor), np.float32(taken + 1))
        recent = losses[max(0, step - _RECENT) : step + 1].mean()
        said = f"epoch {number + 1} of {recipe.epochs}, loss {recent:.3f}"
        progress("finetune", taken + 1, recipe.epochs * steps, said)
    kept = {name: np.asarray(one) for name, one in state.items()}
    seconds = time.perf_counter() - began
    return Epoch(number + 1, float(losses.mean()), right / len(order), seconds, kept)


def _looked(
    work: _Work,
    crew: ThreadPoolExecutor,
    state: State,
    order: NDArray[np.int64],
    places: NDArray[np.int64],
    seed: tuple[int, ...],
) -> list[tuple[float, int, Any]]:
    """Loss, right answers and slopes of every part of a batch, in order."""
    now = {name: one for name, one in state.items() if name.startswith("now/")}

    def one(some: NDArray[np.int64]) -> tuple[float, int, Any]:
        (loss, right), slopes = work.one(now, order[some], [(*seed, place) for place in some])
        return float(loss), int(right), slopes

    return list(crew.map(one, places.reshape(-1, work.part)))


def schedule(step: int, steps: int) -> float:
    """The step size as a proportion of the largest: up for a third of the way, then down.

    L. N. Smith and N. Topin, "Super-convergence" (2018), both ways along a cosine.
    """
    top = RISE * steps
    first, last, factor = (
        (FIRST, 1.0, step / top) if step < top else (1.0, LAST, (step - top) / (steps - top))
    )
    return last + (first - last) * (1 + math.cos(math.pi * factor)) / 2


def _begun(parts: Parts, n_classes: int) -> State:
    width = parts.weights[_last_bias(parts)].shape[-1]
    head = dict(
        zip(HEAD, (np.zeros((width, n_classes), "f4"), np.zeros(n_classes, "f4")), strict=True)
    )
    now = {**parts.weights, **head}
    nothing = {name: np.zeros_like(one) for name, one in now.items()}
    kept = {"now": now, "mean": nothing, "square": nothing}
    return {f"{what}/{name}": one for what, all_ in kept.items() for name, one in all_.items()}


def _last_bias(parts: Parts) -> str:
    """Behind the last convolution nothing changes the number of channels."""
    return next(step.bias for step in reversed(parts.steps) if step.bias)


def _programs(parts: Parts, recipe: Recipe, n_classes: int) -> tuple[Any, Any]:
    """The compiled gradient of a part of a batch, and the compiled step."""
    import jax
    import jax.numpy as jnp

    weights, bias = (f"now/{name}" for name in HEAD)

    def loss(now: Any, value: Any, labels: Any, counts: Any) -> Any:  # noqa: ANN401
        own = {name.removeprefix("now/"): one for name, one in now.items()}
        sums = embeddings(own, value, parts.cut, parts.steps) @ now[weights] + now[bias]
        truth = jax.nn.one_hot(labels, n_classes) * (1 - recipe.smoothing)
        logs = jax.nn.log_softmax(sums)
        each = -((truth + recipe.smoothing / n_classes) * logs).sum(axis=1)
        return (each * counts).sum(), (sums.argmax(axis=1) == labels).sum()

    def update(state: Any, slopes: Any, factor: Any, step: Any) -> Any:  # noqa: ANN401
        """AdamW: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization" (2019)."""
        fresh: dict[str, Any] = {}
        for key in slopes[0]:
            name = key.removeprefix("now/")
            rate = factor * (recipe.head_rate if name in HEAD else recipe.learning_rate)
            slope = sum(one[key] for one in slopes) / recipe.batch_size
            mean = MEAN * state[f"mean/{name}"] + (1 - MEAN) * slope
            square = SQUARE * state[f"square/{name}"] + (1 - SQUARE) * slope**2
            way = (mean / (1 - MEAN**step)) / (jnp.sqrt(square / (1 - SQUARE**step)) + LEAST)
            fresh |= {
                f"now/{name}": state[key] * (1 - rate * DECAY) - rate * way,
                f"mean/{name}": mean,
                f"square/{name}": square,
            }
        return fresh

    return jax.jit(jax.value_and_grad(loss, has_aux=True)), jax.jit(update)


def cores(parts: int) -> int:
    """Cores that so many parts of a step keep busy, of those that this process may use."""
    known = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(known or 1, parts))
