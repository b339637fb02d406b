"""What a verb came to, told once: a record goes in; its numbers, sentences and tables come out.

There is a file per verb, each with a function ``told``. Studies keep what it gives as a step's
outcome; notebooks show it as a card and give its first table as a frame (``notebook``). To tell of
another verb: a file here; what all share is in ``shared``.
"""
