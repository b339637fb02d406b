"""What can be asked of each verb: one record a verb, and all that is derived from it.

Only the standard library is imported here, since ``hangtag --help`` reads it. To add an option to a
verb: one field of its request (``looking.py``, …); what a field can say is in ``base.py``, how
values are written in ``values.py``.
Names stand in the stub beside this file.
"""

from hangtag.lazily import on_demand

__getattr__, __dir__ = on_demand(__name__, __file__)
