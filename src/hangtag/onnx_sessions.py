"""Running ONNX models: the one place that imports onnxruntime, so that it sends nothing anywhere.

From 1.29 on onnxruntime uploads a number of this device, the model's name and Python's path by
default. It is silent only if a variable says so before it is first imported; its own call for it
comes too late. Whoever runs a model calls :func:`open_session`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Session = Any
"""An ``onnxruntime.InferenceSession``; onnxruntime has no types."""

SILENT = ("ORT_DISABLE_TELEMETRY", "1")
ONLY_FATAL = 4
MOST_THREADS = 8
"""Small networks on small images gain nothing from more."""


def open_session(model: bytes, *, threads: int | None = None) -> Session:
    """Open a model on the CPU.

    Args:
        model: The ONNX model.
        threads: Threads for one call; None takes the processors this process may use, 8 at most.

    Raises:
        RuntimeError: onnxruntime refuses the model.
    """
    onnxruntime = _onnxruntime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or min(_processors(), MOST_THREADS)
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = ONLY_FATAL
    # Threads that spin while they wait make one session faster and a busy machine slower.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - its exceptions have no common class but this
        raise RuntimeError(first_line(error)) from None


def answers(session: Session, output: str, images: NDArray[Any]) -> NDArray[np.float32]:
    """One output of a model of a single input for some images.

    Raises:
        RuntimeError: The model fails.
    """
    return answers_of(session, output, {session.get_inputs()[0].name: images})


def answers_of(
    session: Session, output: str, given: Mapping[str, NDArray[Any]]
) -> NDArray[np.float32]:
    """One output of a model for what its inputs are given.

    Raises:
        RuntimeError: The model fails.
    """
    try:
        result: NDArray[np.float32] = session.run([output], dict(given))[0]
    except Exception as error:  # noqa: BLE001 - its exceptions have no common class but this
        raise RuntimeError(first_line(error)) from None
    return result


def several(
    session: Session, outputs: Sequence[str], images: NDArray[np.uint8]
) -> list[NDArray[np.float32]]:
    """Several outputs of one run, as :func:`answers` gives one.

    Raises:
        RuntimeError: The model fails.
    """
    try:
        found = session.run(list(outputs), {session.get_inputs()[0].name: images})
    except Exception as error:  # noqa: BLE001 - its exceptions have no common class but this
        raise RuntimeError(first_line(error)) from None
    return [np.asarray(one) for one in found]


def _onnxruntime() -> ModuleType:
    os.environ.update([SILENT])
    import onnxruntime

    module: ModuleType = onnxruntime
    return module


def first_line(error: Exception) -> str:
    """What an error of a library says first, or what it is called where it says nothing."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
