"""The compiled program of an epoch: a Keras network in, functions that run many steps at once out.

One step is Keras' own step (``stateless_call``, the compiled loss, ``stateless_apply``) written as
a pure function; a chunk of steps is a compiled loop over it. The bounds of the loop are arguments,
so one program serves chunks of every length, and an epoch is the same steps however it is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train import data
from hangtag.rooms.train.augment import augmented, augments
from hangtag.rooms.train.averaging import moved
from hangtag.rooms.train.compiling import place_of
from hangtag.rooms.train.metrics import METRICS, Metric
from hangtag.rooms.train.operations import rows, stack, update
from hangtag.rooms.train.schedule import is_constant, rate_factor
from hangtag.rooms.train.state import State

if TYPE_CHECKING:
    from jax import Array
    from keras import Model

VALIDATION_BATCH = 256
"""Images looked at together when nothing is learned: fewer would not fill the cores."""


class Totals(NamedTuple):
    """What is added up over the steps of an epoch.

    Attributes:
        loss: Sum over images of the batch losses.
        images: Images so far.
        metrics: The running sums of each metric, in the order asked for.
        bad_step: First step whose loss was not finite; -1 while there is none.
    """

    loss: Array
    images: Array
    metrics: list[Array]
    bad_step: Array


class Program:
    """What runs on the device for one network and one way to train it.

    Args:
        network: A built and compiled ``keras.Model``; used for tracing only, never changed.
        preprocessing: Applied to every batch inside the program.
        options: Batch size, metrics, changes to images, schedule and averaging.
        steps: Steps of one epoch, the smaller last one included.
    """

    def __init__(
        self,
        network: Model,
        *,
        preprocessing: Preprocessing,
        options: TrainingOptions,
        steps: int,
    ) -> None:
        import jax

        self.network = network
        self.preprocessing = preprocessing
        self.options, self.steps = options, steps
        self.batch_size = options.batch_size
        self.rate_place = place_of(network, network.optimizer.learning_rate)
        self.count_place = place_of(network, network.optimizer.iterations)
        self.names = tuple(options.metrics)
        self.metrics: list[Metric] = [METRICS[name]() for name in self.names]
        self.stack = stack.planned(network, options, preprocessing)
        # State and totals are given away: the program writes the new ones over the old, and weights
        # and moments are in memory once and not twice.
        self.run_chunk = jax.jit(self._chunk, donate_argnums=(0, 1))
        self.run_tail = jax.jit(self._tail, donate_argnums=(0, 1))
        self.run_validation = jax.jit(self._validation)

    def empty_totals(self) -> Totals:
        """Totals of no step at all."""
        import jax.numpy as jnp

        sums = [metric.empty() for metric in self.metrics]
        # Images are counted as whole numbers: a float32 stops counting by one at 16,777,216.
        return Totals(jnp.zeros(()), jnp.zeros((), jnp.int32), sums, jnp.full((), -1, jnp.int32))

    def curves(self, totals: Totals) -> dict[str, float]:
        """Loss and metrics of `totals`, as Python floats."""
        import numpy as np

        values = {"loss": float(totals.loss) / max(int(totals.images), 1)}
        for name, metric, sums in zip(self.names, self.metrics, totals.metrics, strict=True):
            values[name] = metric.value(np.asarray(sums))
        return values

    def _chunk(
        self,
        state: State,
        totals: Totals,
        pixels: Array,
        labels: Array,
        order: Array,
        bounds: Array,
    ) -> tuple[State, Totals]:
        """Steps ``bounds[0]`` to ``bounds[1]`` of an epoch; ends early when the loss is lost.

        ``bounds[2]`` is how many threads may work where the steps are one native call; 0 is all.
        """
        import jax

        if self.stack is not None:
            return self._stacked(state, totals, (pixels, labels, order), bounds)

        # A loss that is not finite ends the chunk at once: every later step would only spread it,
        # and the last good weights are what a person wants to keep.
        def going_on(carry: tuple[Array, State, Totals]) -> Array:
            step, _, totals = carry
            return (step < bounds[1]) & (totals.bad_step < 0)

        def one(carry: tuple[Array, State, Totals]) -> tuple[Array, State, Totals]:
            step, state, totals = carry
            # The order of the epoch is drawn once and sliced, so that however an epoch is cut into
            # chunks (for progress, for Ctrl-C) the same images meet in the same batches.
            own = jax.lax.dynamic_slice(order, [step * self.batch_size], [self.batch_size])
            batch = rows.take(pixels, own)
            state, totals = self._step(state, totals, step, batch, labels[own])
            return step + 1, state, totals

        _, state, totals = jax.lax.while_loop(going_on, one, (bounds[0], state, totals))
        return state, totals

    def _stacked(
        self, state: State, totals: Totals, images: tuple[Array, Array, Array], bounds: Array
    ) -> tuple[State, Totals]:
        """The steps of a chunk as one native call."""
        assert self.stack is not None
        done = state.optimizer[self.count_place]
        found = stack.run(
            self.stack,
            state.trainable,
            state.optimizer,
            images,
            rates=self._rates(state, done - bounds[0]),
            bounds=bounds,
            loss=totals.loss,
        )
        after = list(found.optimizer)
        after[self.count_place] = done + found.done.astype(done.dtype)
        count = found.done * self.batch_size
        sums = [one.at[0].add(found.right).at[1].add(count) for one in totals.metrics]
        totals = Totals(found.loss, totals.images + count, sums, found.bad_step)
        return state._replace(trainable=found.weights, optimizer=after), totals

    def _rates(self, state: State, before: Array) -> Array:
        """Adam's step length for every step of an epoch that `before` steps were done before."""
        import jax.numpy as jnp

        # Bias correction of Adam (Kingma and Ba, 2015) folded into the step length, as Keras does
        # it: the moments themselves stay uncorrected, and epsilon is therefore outside of the
        # correction.
        rule = self.stack.rule  # type: ignore[union-attr]
        done = before + jnp.arange(self.steps)
        rates = state.optimizer[self.rate_place]
        if not is_constant(self.options):
            rates = rates * rate_factor(done, options=self.options, steps=self.steps)
        times = done.astype(jnp.float32) + 1
        first, second = (jnp.power(jnp.float32(one), times) for one in (rule.beta_1, rule.beta_2))
        lengths: Array = rates * jnp.sqrt(1 - second) / (1 - first)
        return lengths

    def _tail(
        self, state: State, totals: Totals, pixels: Array, labels: Array, order: Array
    ) -> tuple[State, Totals]:
        """The last, smaller batch of an epoch, a step of its own as in Keras."""
        # A shape of its own needs a program of its own; a padded batch would be quicker to compile
        # and would change batch normalisation and every mean of a loss.
        full = order.shape[0] // self.batch_size
        own = order[full * self.batch_size :]
        return self._step(state, totals, full, rows.take(pixels, own), labels[own])

    def _step(
        self, state: State, totals: Totals, step: Array, pixels: Array, labels: Array
    ) -> tuple[State, Totals]:
        import jax
        import jax.numpy as jnp

        done = state.optimizer[self.count_place]
        if augments(self.options):
            # The key of a step is made of the run's key and the step's number and of nothing else:
            # a resumed training draws what an uninterrupted one would have drawn.
            own = jax.random.wrap_key_data(state.random[0], impl="threefry2x32")
            key = jax.random.fold_in(own, done)
            pixels = augmented(pixels, key, options=self.options, preprocessing=self.preprocessing)
        slope = jax.value_and_grad(self._loss, has_aux=True)
        (loss, (answers, non_trainable)), gradients = slope(
            state.trainable, state.non_trainable, pixels, labels, training=True
        )
        trainable, optimizer = self._update(state, gradients)
        # The last bad step would do as well: the loop ends with the first.
        bad = jnp.where(jnp.isfinite(loss), totals.bad_step, jnp.asarray(step, jnp.int32))
        totals = self._add(totals, loss, labels, answers)._replace(bad_step=bad)
        after = State(trainable, non_trainable, optimizer, state.averaged, state.random)
        averages = moved(state.averaged, after, done, self.options.average)
        return after._replace(averaged=averages), totals

    def _update(self, state: State, gradients: list[Array]) -> tuple[list[Array], list[Array]]:
        """Weights and optimizer after one step, with the learning rate of this step."""
        before, rate = list(state.optimizer), state.optimizer[self.rate_place]
        if not is_constant(self.options):
            done = before[self.count_place]
            # The scheduled rate is lent to the optimizer for one step, which reads it from its
            # variable.
            before[self.rate_place] = rate * rate_factor(
                done, options=self.options, steps=self.steps
            )
        trainable, optimizer = update.apply(
            self.network.optimizer, before, gradients, state.trainable
        )
        optimizer[self.rate_place] = rate  # the full one stays: callbacks see and set it
        return trainable, optimizer

    def _validation(self, state: State, pixels: Array, labels: Array) -> Totals:
        """Loss and metrics of images nothing is learned from, in one program."""
        import jax

        # Batches here change nothing but speed and memory: nothing is learned, and batch statistics
        # are the moving ones.
        size = min(VALIDATION_BATCH, labels.shape[0])
        full = labels.shape[0] // size

        def one(batch: Array, totals: Totals) -> Totals:
            first = batch * size
            part = jax.lax.dynamic_slice_in_dim
            return self._look(state, totals, part(pixels, first, size), part(labels, first, size))

        totals: Totals = jax.lax.fori_loop(0, full, one, self.empty_totals())
        if labels.shape[0] % size:
            totals = self._look(state, totals, pixels[full * size :], labels[full * size :])
        return totals

    def _look(self, state: State, totals: Totals, pixels: Array, labels: Array) -> Totals:
        loss, (answers, _) = self._loss(
            state.trainable, state.non_trainable, pixels, labels, training=False
        )
        return self._add(totals, loss, labels, answers)

    def _loss(
        self,
        trainable: list[Array],
        non_trainable: list[Array],
        pixels: Array,
        labels: Array,
        *,
        training: bool,
    ) -> tuple[Array, tuple[Array, list[Array]]]:
        """Loss with every penalty, the answers, and what the forward pass left in the layers."""
        from keras import StatelessScope

        images = data.prepared(pixels, self.preprocessing)
        network = self.network
        given = [
            *zip(network.trainable_variables, trainable, strict=True),
            *zip(network.non_trainable_variables, non_trainable, strict=True),
        ]
        # One scope for answers and loss, so that penalties on weights see these weights.
        with StatelessScope(state_mapping=given) as scope:
            answers = network(images, training=training)
            loss = network.compute_loss(images, labels, answers, None, training=training)
        # What a layer did not touch has no current value in the scope and stays as it was.
        left = [
            held if (new := scope.get_current_value(variable)) is None else new
            for variable, held in zip(network.non_trainable_variables, non_trainable, strict=True)
        ]
        return loss, (answers, left)

    def _add(self, totals: Totals, loss: Array, labels: Array, answers: Array) -> Totals:
        import jax.numpy as jnp

        # Every row counts, as no batch is padded; metrics take the mask for those that might be.
        counted = jnp.ones(labels.shape, bool)
        sums = [
            metric.add(one, labels, answers, counted)
            for metric, one in zip(self.metrics, totals.metrics, strict=True)
        ]
        images = labels.shape[0]
        # Keras gives the mean of a batch; an epoch's mean must weigh a smaller last batch by its
        # images.
        return Totals(totals.loss + loss * images, totals.images + images, sums, totals.bad_step)
