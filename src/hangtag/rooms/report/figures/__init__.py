"""Facts in, figures out: what is drawn is computed elsewhere, and every figure can be a file.

To add a figure: a file with ``draw(facts) -> list[Drawn]`` and one line in ``every.FAMILIES``; a
section shows it with ``inline``. The files here are imported by what draws, since they bring
matplotlib; this one stays light.
"""
