"""The native kernel for nearest centres, where there is one: nothing in, the function or None out.

The kernels are a package of their own that may be missing; ``HANGTAG_NATIVE=0`` turns them off.
Which of both ways is taken changes no result: what rounding could decide is decided in float64.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Found = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]
TwoNearest = Callable[[NDArray[np.float32], NDArray[np.float32], "NDArray[np.int64] | None"], Found]


def two_nearest() -> TwoNearest | None:
    """What finds the two least products of rows and weights; None when NumPy has to."""
    if importlib.util.find_spec("hangtag_kernels") is None:
        return None
    import hangtag_kernels

    if "two_nearest" not in dir(hangtag_kernels):
        return None  # a package older than this
    try:
        turned_on = hangtag_kernels.available()
    except ValueError:  # an instruction set is asked for that this processor does not have
        return None
    found: TwoNearest = hangtag_kernels.two_nearest
    return found if turned_on else None
