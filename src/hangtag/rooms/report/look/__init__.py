"""A summary in, the page of what is in a set out.

To add a section: a function in ``page.py`` from what is looked at to a block, and one line in its
``SECTIONS``. Only imported by what draws.
"""
