"""Ctrl-C is answered within a second, however long a call would have gone on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

CALLS = """
import json, os, signal, threading, time
import jax, jax.numpy as jnp, numpy as np
from hangtag_kernels import Rule, conv2d, dense, train_stack, two_nearest

STEPS = 1_000_000
SHAPES = (784, 128), (128,), (128, 10), (10,)
IMAGES, KERNEL = jnp.ones((32, 64, 64, 64)), jnp.ones((15, 15, 64, 64))
ROWS, WEIGHTS = jnp.ones((8192, 4096)), jnp.ones((4096, 8192))

LINE = jax.block_until_ready((jnp.zeros(32 * STEPS, jnp.int32), jnp.zeros(STEPS)))

def stack(steps=STEPS):
    held = [[jnp.zeros(shape) for shape in SHAPES] for _ in range(3)]
    images = jnp.zeros((4, 784), jnp.uint8), jnp.zeros(4, jnp.int32)
    bounds, rule = jnp.asarray([0, steps, 0], jnp.int32), Rule(32, (True, False))
    order, rates = LINE
    return train_stack(*held, *images, order, rates=rates, bounds=bounds, loss=0.0, rule=rule)

CALLS = {
    "train_stack": stack,
    "conv2d": lambda: conv2d(IMAGES, KERNEL, padding="same"),
    "conv2d gradient": lambda: jax.grad(lambda k: conv2d(IMAGES, k, padding="same").sum())(KERNEL),
    "dense": lambda: dense(ROWS, WEIGHTS),
    "dense gradient": lambda: jax.grad(lambda w: dense(ROWS, w).sum())(WEIGHTS),
    "two_nearest": lambda: two_nearest(np.ones((10**5, 99), "f4"), np.ones((10**5, 99), "f4")),
}

def now():
    return np.asarray([time.perf_counter(), time.process_time() / len(os.sched_getaffinity(0))])

def press():
    pressed.append(now())
    os.kill(os.getpid(), signal.SIGINT)

# Compiled before: what is pressed between the interpreter's last look and the kernel's first is
# heard when the call ends.
jax.block_until_ready(stack(1))

found = {}
for name, call in CALLS.items():
    pressed = []
    timer = threading.Timer(0.3, press)
    timer.start()
    try:
        jax.block_until_ready(call())
        time.sleep(0.1)
    except (KeyboardInterrupt, jax.errors.JaxRuntimeError):
        found[name] = (now() - pressed[0]).tolist()
        try:  # the interpreter's own, when the call's error came first
            time.sleep(0.1)
        except KeyboardInterrupt:
            pass
    timer.cancel()
print(json.dumps([found, list(CALLS)]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="counts processors by it")
def test_ctrl_c_is_answered_within_a_second():
    done = subprocess.run(
        [sys.executable, "-c", CALLS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found, calls = json.loads(done.stdout)
    assert sorted(found) == sorted(calls), "some came to their end before"
    # By the clock, or by the processors where other programs have them; a build that watches every
    # access looks up as often, and each piece of work takes that much longer.
    assert max(map(min, found.values())) < float(os.environ.get("HANGTAG_SLOWED", "1")), found
