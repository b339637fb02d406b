from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from hangtag import troubles


@pytest.mark.parametrize("number", sorted(troubles.SYSTEM), ids=errno.errorcode.get)
def test_every_known_number_of_the_system_is_a_sentence_with_the_place(number):
    found = troubles.named(OSError(number, os.strerror(number), "/place/tags.csv"))
    assert found is not None
    assert found.message.startswith("/place/tags.csv: ")
    assert found.hint
    assert found.exit_code == 1


def test_memory_is_known_in_every_form():
    with pytest.raises(MemoryError) as too_much:
        np.zeros((1 << 40, 1 << 10))
    said = "there is not enough memory for this"
    for error in (
        too_much.value,
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 68719476736 bytes."),
        RuntimeError("[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : std::bad_alloc"),
        RuntimeError("Failed to allocate memory for requested buffer of size 1"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
    ):
        assert troubles.named(error).message == said


def test_what_a_library_wrapped_is_found():
    outer = RuntimeError("could not save")
    outer.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert troubles.named(outer).message == "the disk is full"


def test_a_mistake_of_ours_is_no_trouble_of_the_machine():
    mistake = KeyError("labels")
    mistake.__context__ = OSError(errno.ENOSPC, "seen while we handled it")
    assert troubles.named(mistake) is None
    assert troubles.named(OSError("without a number")) is None
