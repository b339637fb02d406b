"""Work of several threads comes back in order, and libraries' own threads are held."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from threadpoolctl import threadpool_info

from hangtag.geometry.threads import each, limited
from hangtag.progress import silent


def threads(kind):
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == kind}


def test_answers_come_in_the_order_of_the_tasks():
    told = []
    found = each(lambda one: -one, range(50), lambda *said: told.append(said[:3]), "x")
    assert list(found) == [-one for one in range(50)]
    assert told[-1] == ("x", 50, 50)


def test_a_tasks_error_is_the_callers():
    def work(one):
        return 1 // (one - 3)

    with pytest.raises(ZeroDivisionError):
        list(each(work, range(9), silent, "x"))


def test_libraries_take_as_many_threads_as_they_may_and_then_what_they_had():
    before = threads("blas")
    with limited(1):
        assert threads("blas") == {1}
        with limited(None):
            assert threads("blas") == {1}
    assert threads("blas") == before


LATER = """
import json, os
os.environ["OMP_NUM_THREADS"] = "3"
from hangtag.geometry.threads import limited
from threadpoolctl import threadpool_info
with limited(1, of="openmp"):
    before = [one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp"]
import sklearn.ensemble
def openmp():
    return sorted({one["num_threads"] for one in threadpool_info() if one["user_api"] == "openmp"})
free = openmp()
with limited(1, of="openmp"):
    held = openmp()
print(json.dumps([before, free, held]))
"""


def test_a_library_that_came_later_is_held_as_well():
    done = subprocess.run([sys.executable, "-c", LATER], capture_output=True, text=True, check=True)
    before, free, held = json.loads(done.stdout)
    assert before == []
    assert 3 in free
    assert held == [1]
