"""What came of one verb, told with its figures and tables on a page of its own.

``page`` puts it together, ``clusters`` and ``candidates`` make what some verbs show besides.
"""
