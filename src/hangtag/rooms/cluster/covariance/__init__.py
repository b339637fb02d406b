"""The shapes a component of a Gaussian mixture may have, one file each.

To add a shape: a file with a class that satisfies ``family.Family``, a line in ``table.py``.
"""
