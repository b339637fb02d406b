"""Random calls of every entry of the library, past the checks in Python, against float64.

Shapes are 1, odd and large; numbers have NaN, infinities and what is too small for full precision
among them; one program in five is spoiled: an absurd number, or a shape that does not fit. A call
must give the right values or be refused in words, in less than a second. To add an entry: a
function that draws a ``Program``, a line in ``running.ENTRIES``.

``make random-calls`` makes 10,000 calls of every entry with every instruction set of this
processor and prints a table; the tests make a few.
"""
