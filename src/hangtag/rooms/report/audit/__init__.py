"""Findings in, the page of an audit out: one file per section, ``checks`` has the words of each.

To add a section: a file with a function from :class:`~hangtag.rooms.report.audit.audited.Audited`
to a block, and one line in ``page.py``. A check that is not in ``checks.py`` is shown all the same,
under its own name. Only imported by what draws.
"""
