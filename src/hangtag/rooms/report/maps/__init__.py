"""Maps in, a section in which one can walk through them out, and the page of that section.

``mapped`` holds what is shown and checks it, ``sheets`` the small images, ``island`` what the
script gets, ``figure`` the drawing for paper, ``palette`` the colours. Only imported by what draws.
"""
