"""Whether a training can be done as asked: everything that goes in, an error or nothing out.

Checked before anything is compiled or written. To add an optimizer: a row in :data:`OPTIMIZERS`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hangtag.errors import OptionError, SpecError, nearest
from hangtag.records import Preprocessing, TrainingOptions
from hangtag.rooms.train.metrics import METRICS
from hangtag.rooms.train.schedule import SCHEDULES

if TYPE_CHECKING:
    from keras import Model

OPTIMIZERS = {"adam": "Adam", "rmsprop": "RMSprop", "sgd": "SGD"}
"""Names in ``TrainingOptions.optimizer`` and Keras' class for each."""


def check_options(options: TrainingOptions, *, validated: bool) -> None:
    """Check the numbers and names of `options`.

    Raises:
        OptionError: One of them cannot be; the hint says what can.
    """
    for name in ("epochs", "batch_size"):
        check_whole(name, getattr(options, name), 1)
    check_whole("seed", options.seed, 0)
    if options.early_stopping is not None:
        check_whole("early_stopping", options.early_stopping, 1)
    if options.optimizer not in OPTIMIZERS:
        raise OptionError(
            f"there is no optimizer '{options.optimizer}'", nearest(options.optimizer, OPTIMIZERS)
        )
    rate = options.learning_rate
    if rate is not None and not (math.isfinite(rate) and rate > 0):
        raise OptionError(f"a learning rate is above 0; got {rate}", "1e-3 is a usual start")
    for metric in options.metrics:
        if metric not in METRICS:
            raise OptionError(f"there is no metric '{metric}'", nearest(metric, METRICS))
    _check_monitor(options, validated=validated)
    _check_refinements(options)


def check_images(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    preprocessing: Preprocessing,
    what: str = "training",
) -> None:
    """Check that `images` are what `preprocessing` takes and have a label each.

    Raises:
        OptionError: They are not.
    """
    check_pixels(images, preprocessing, what)
    if len(images) == 0:
        raise OptionError(f"{what} needs at least one image; got none")
    if labels.shape != (len(images),):
        raise OptionError(f"{what} got {len(images)} images and labels of shape {labels.shape}")
    if not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise OptionError(
            f"{what} needs a class number from 0 for every image",
            "leave unlabelled images (-1) out",
        )


def check_pixels(images: NDArray[np.uint8], preprocessing: Preprocessing, what: str) -> None:
    """Check that `images` have the type and shape that `preprocessing` takes.

    Raises:
        OptionError: They have not.
    """
    if images.dtype != np.uint8 or images.shape[1:] != preprocessing.picture_shape:
        raise OptionError(
            f"{what} wants uint8 images of {preprocessing.picture_shape}; "
            f"got {images.dtype} of {images.shape[1:]}",
            "use the preprocessing that was fitted on these images",
        )


def check_network(network: Model, labels: NDArray[np.int64], preprocessing: Preprocessing) -> None:
    """Check that `network` takes these images and answers for these classes.

    Raises:
        SpecError: It takes another shape or has fewer outputs than there are classes.
    """
    check_input(network, preprocessing)
    answers = network.output_shape
    highest = int(labels.max())
    if len(answers) != 2 or answers[1] <= highest:
        raise SpecError(
            f"network '{network.name}' answers with {tuple(answers[1:])}; "
            f"the labels go up to class {highest}",
            f"its last layer should have at least {highest + 1} units",
        )


def check_input(network: Model, preprocessing: Preprocessing) -> None:
    """Check that `network` takes what `preprocessing` gives; builds it when it is not built.

    Raises:
        SpecError: It takes another shape.
    """
    wanted = preprocessing.output_shape
    # A network that is not built yet has no shape to be wrong: it takes what it is built with
    # below.
    takes = tuple(network.input_shape[1:]) if network.built else wanted
    if takes != wanted:
        raise SpecError(
            f"network '{network.name}' takes images of {takes}; the preprocessing gives {wanted}",
            "build the network with input_shape=preprocessing.output_shape",
        )
    if not network.built:
        network.build((None, *wanted))


def one_each(what: str, given: Any, kind: type, many: int) -> list[Any]:  # noqa: ANN401
    """Give one of `kind` per network, from one for all or a sequence of them.

    Raises:
        OptionError: There are no networks, or not as many as there are networks.
    """
    if many == 0:
        raise OptionError("training several networks needs at least one; got none")
    every = [given] * many if isinstance(given, kind) else list(given)
    if len(every) != many:
        raise OptionError(
            f"{many} networks need {what} for each of them; got {len(every)}",
            f"give one {what} for all, or {many} in the order of the networks",
        )
    return every


def check_alike(networks: Sequence[Model]) -> None:
    """Check that the weights of the first network fit all `networks`.

    Raises:
        SpecError: One of them has other shapes.
    """
    shapes = [[tuple(one.shape) for one in network.variables] for network in networks]
    for number, own in enumerate(shapes):
        if own != shapes[0]:
            raise SpecError(
                f"network {number + 1} cannot start from the weights of network 1: "
                "their shapes differ",
                "start networks of different form from their own weights",
            )


def _check_monitor(options: TrainingOptions, *, validated: bool) -> None:
    # A monitor is checked only for its name where nothing goes by it, so that a recipe with the
    # default monitor trains without validation images, too.
    asked = options.early_stopping is not None or options.restore_best
    known = ["loss", *options.metrics]
    if options.monitor.removeprefix("val_") not in known:
        every = [*known, *(f"val_{name}" for name in known)]
        raise OptionError(
            f"there is no curve '{options.monitor}' to monitor", nearest(options.monitor, every)
        )
    if asked and options.monitor.startswith("val_") and not validated:
        raise OptionError(
            f"'{options.monitor}' cannot be monitored without validation images",
            "give validation images, or monitor='loss'",
        )


PROPORTIONS = ("momentum", "label_smoothing", "average")


def _check_refinements(options: TrainingOptions) -> None:
    """Check what is off unless asked for."""
    for name in PROPORTIONS:
        check_number(name, getattr(options, name), below=1)
    for name in ("weight_decay", "warmup"):
        check_number(name, getattr(options, name))
    for name in ("shift", "cutout"):
        check_whole(name, getattr(options, name), 0)
    for name in ("flip", "nesterov"):
        if not isinstance(getattr(options, name), bool):
            raise OptionError(f"{name} is true or false; got {getattr(options, name)!r}")
    _check_schedule(options)
    # Keras would take it in silence and do nothing with it; a search over such an option would vary
    # nothing and report noise.
    if options.momentum and options.optimizer == "adam":
        raise OptionError("adam has no momentum to choose", "leave it out, or take sgd")
    if options.nesterov and not (options.momentum and options.optimizer == "sgd"):
        raise OptionError("nesterov is a kind of momentum of sgd", "give momentum=0.9 too")


def _check_schedule(options: TrainingOptions) -> None:
    if options.schedule not in SCHEDULES:
        raise OptionError(
            f"there is no schedule '{options.schedule}'", nearest(options.schedule, SCHEDULES)
        )
    if options.warmup > options.epochs or (options.warmup and options.schedule == "one-cycle"):
        raise OptionError(
            f"{options.warmup:g} epochs of warmup do not go with schedule '{options.schedule}' "
            f"over {options.epochs} epochs",
            "one-cycle has a warmup of its own; any other lasts no longer than the training",
        )


def check_number(name: str, value: object, *, below: float = math.inf) -> None:
    """Check that `value` is a number from 0 and less than `below`.

    Raises:
        OptionError: It is not.
    """
    # True is 1 in Python; as a weight decay it is a slip.
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not 0 <= value < below:  # type: ignore[operator]
        limit = "" if below == math.inf else f" and below {below:g}"
        raise OptionError(f"{name} is a number from 0{limit}; got {value!r}")


def check_whole(name: str, value: object, least: int) -> None:
    """Check that `value` is a whole number of at least `least`.

    Raises:
        OptionError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(f"{name} is a whole number of at least {least}; got {value!r}")
