from __future__ import annotations

import subprocess
import sys

import pytest

from hangtag import memory
from hangtag.errors import MachineError


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".", 1)).write_text(f"{text}\n")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    return tmp_path


def test_a_container_of_the_new_kind_limits_what_is_free(root):
    (root / "proc/self/cgroup").write_text("0::/box/inner\n")
    groups = root / "sys/fs/cgroup"
    group(groups / "box/inner", memory_max="max", memory_current=5, memory_stat="anon 5")
    group(groups / "box", memory_max=1000, memory_current=400, memory_stat="inactive_file 100")
    assert memory._groups(root) == 700


def test_a_container_of_the_old_kind_limits_what_is_free(root):
    (root / "proc/self/cgroup").write_text("5:cpu:/\n4:memory,hugetlb:/box\n0::/\n")
    box = root / "sys/fs/cgroup/memory/box"
    group(box, memory_limit_in_bytes=900, memory_usage_in_bytes=300)
    group(box, memory_stat="cache 200\ntotal_inactive_file 50")
    assert memory._groups(root) == 650


def test_no_limit_is_no_limit(root):
    assert memory._groups(root) is None
    (root / "proc/self/cgroup").write_text("4:memory:/\n")
    everything = root / "sys/fs/cgroup/memory"
    group(everything, memory_limit_in_bytes=(1 << 63) - 4096, memory_usage_in_bytes=1)
    group(everything, memory_stat="cache 1")
    assert memory._groups(root) is None


def test_a_limit_on_addresses_counts_and_is_named():
    code = (
        "import resource\n"
        "from hangtag import memory\n"
        "from hangtag.errors import MachineError\n"
        "resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000))\n"
        "assert 0 < memory.free() < 300_000_000\n"
        "try: memory.check_room('a forest')\n"
        "except MachineError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("a forest needs ")
    assert "the limit here leaves 0." in done.stdout


def test_without_a_limit_there_is_room(monkeypatch):
    monkeypatch.setattr(memory, "address_space", lambda: None)
    memory.check_room("anything", base=1 << 60)
    monkeypatch.setattr(memory, "address_space", lambda: 1)
    with pytest.raises(MachineError):
        memory.check_room("anything")
