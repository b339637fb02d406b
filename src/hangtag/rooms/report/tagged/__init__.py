"""Images with their tags in, a contact sheet out: a page to keep and correct them on.

``sheet`` chooses the images while they are tagged, ``page`` puts them on a page.
"""
