"""The nouns: frozen records that travel between the verbs, and nothing that computes for long.

One file per noun family; import the names from here.
They stand in the stub beside this file. Arrays in a record are never written to.
"""

from hangtag.lazily import on_demand

__getattr__, __dir__ = on_demand(__name__, __file__)
