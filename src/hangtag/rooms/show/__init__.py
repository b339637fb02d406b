"""What a person sees of a record: a card in a notebook, a drawing by matplotlib, a table.

Records hand over to here when they are asked (``records/upstairs.py``). To show another record: a
function for its class in ``cards``, ``plots`` or ``frames``, below the one of the same name.
"""

from hangtag.rooms.show.cards import card
from hangtag.rooms.show.frames import frame
from hangtag.rooms.show.plots import plot

__all__ = ["card", "frame", "plot"]
