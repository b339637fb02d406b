"""Which library runs, with how many threads, and how to turn it off."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import hangtag_kernels

DIGEST = """
import hashlib, os, sys
if sys.argv[1:]:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
import jax, jax.numpy as jnp, numpy as np
from hangtag_kernels import conv2d
random = np.random.default_rng(0)
shapes = (64, 13, 13, 28), (3, 3, 28, 56), (56,)
given = [jnp.asarray(random.normal(size=shape), jnp.float32) for shape in shapes]
found, back = jax.vjp(lambda *a: conv2d(*a, padding="same", activation="relu", pool=2), *given)
parts = [np.asarray(one).tobytes() for one in (found, *back(found))]
print(hashlib.sha256(b"".join(parts)).hexdigest())
"""


def python(*words, **environment):
    done = subprocess.run(
        [sys.executable, *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else done.stderr


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cannot choose processors here")
def test_one_processor_gives_the_same_bits_as_all():
    assert python("-c", DIGEST, "alone") == python("-c", DIGEST)


def test_the_environment_turns_the_kernels_off(monkeypatch):
    monkeypatch.setenv("HANGTAG_NATIVE", "0")
    assert hangtag_kernels.available() == ""
    monkeypatch.setenv("HANGTAG_NATIVE", "1")
    assert hangtag_kernels.available() in hangtag_kernels.INSTRUCTIONS


def test_the_environment_chooses_the_instructions():
    asked = "import hangtag_kernels; print(hangtag_kernels.available())"
    assert python("-c", asked, HANGTAG_NATIVE_ISA="generic") == "generic"
    assert "no instruction set 'mmx'" in python("-c", asked, HANGTAG_NATIVE_ISA="mmx")


def test_instructions_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="no instruction set 'sse9'"):
        hangtag_kernels.use_instructions("sse9")
