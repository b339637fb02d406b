"""libtiff's own lines on stderr: silenced once, as what is wrong with a file is said by us.

libtiff prints what it finds odd from C, past Python's warnings and past whoever reads our errors.
Its two handlers are taken away for the whole process, before the first image is opened: swapping
stderr around each image would not be safe in threads, and one store of a pointer is.
"""

from __future__ import annotations

import ctypes

from PIL import _imaging


def silence() -> bool:
    """Take libtiff's handlers away; where it cannot be found nothing is done.

    Returns:
        Whether it was found.
    """
    try:
        # Looked up through Pillow's module, the name is found in the very libtiff that it was
        # linked with, wherever that lies and however many others there are.
        linked = ctypes.CDLL(_imaging.__file__)
        handlers = (linked.TIFFSetErrorHandler, linked.TIFFSetWarningHandler)
    except (OSError, AttributeError, TypeError):  # without TIFF, or on a system that hides it
        return False
    for handler in handlers:
        handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        handler(None)
    return True
