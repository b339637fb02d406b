"""A shop's work that needs several rooms: tagging by models and heads, colors, duplicates, search.

The rooms ``catalog`` and ``search`` know of no model and no photo file; verbs of the workbench
open what is asked for. What is between them is here, a file per matter.
"""
