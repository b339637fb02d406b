"""The page of a study: what each of its steps came to, beside what a document reports.

``page`` puts it together, ``verdict`` says what came of it, ``reported`` sets figures side by side,
``steps`` makes a section of every step from its ``figures``, ``tables`` and what is ``live``.
"""
