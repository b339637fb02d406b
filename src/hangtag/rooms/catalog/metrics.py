"""What a search measures by, kept with the encoder that it was learned on."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, delete, select

from hangtag.errors import FormatError
from hangtag.geometry import Metric, metric_from_arrays
from hangtag.rooms.catalog.schema import encoder, metric


def metric_of(connection: Connection, number: int) -> Metric | None:
    """The metric of an encoder, by its number; None where its own directions are compared.

    Raises:
        FormatError: It is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    asked = select(metric.c.arrays, encoder.c.width).join(encoder)
    kept = connection.execute(asked.where(metric.c.encoder == number)).first()
    if kept is None:
        return None
    try:
        found = metric_from_arrays(load(kept.arrays))
    except (SafetensorError, KeyError, ValueError):
        found = None
    if found is None or len(found.middle) != kept.width:
        raise FormatError(
            "what a search of this catalog measures by is damaged", "bring a copy back"
        )
    return found


def put_metric(connection: Connection, number: int, learned: Metric | None) -> None:
    """Keep the metric of an encoder in place of what was kept; None keeps none."""
    from safetensors.numpy import save

    connection.execute(delete(metric).where(metric.c.encoder == number))
    if learned is not None:
        arrays = {name: np.ascontiguousarray(one) for name, one in learned.arrays().items()}
        connection.execute(metric.insert().values(encoder=number, arrays=save(arrays)))


def damaged_metrics(connection: Connection) -> list[str]:
    """A sentence for every metric that cannot be read."""
    wrong = []
    for (number,) in connection.execute(select(metric.c.encoder)).all():
        try:
            metric_of(connection, number)
        except FormatError as error:
            wrong.append(error.message)
    return wrong
