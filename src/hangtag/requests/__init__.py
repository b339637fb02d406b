"""What can be asked of each verb: one record a verb, and all that is derived from it.

Only the standard library is imported here, since ``hangtag --help`` reads it. To add an option to a
verb: one field of its request (``looking.py``, …); what a field can say is in ``base.py``, how
values are written in ``values.py``.
"""

from hangtag.requests.base import Option, Request, command_line, options_of, schema
from hangtag.requests.keywords import takes
from hangtag.requests.loading import LoadOptions, Source
from hangtag.requests.looking import ExploreRequest

__all__ = [
    "ExploreRequest",
    "LoadOptions",
    "Option",
    "Request",
    "Source",
    "command_line",
    "options_of",
    "schema",
    "takes",
]
