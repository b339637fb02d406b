"""A search shared through Debian's PostgreSQL: started here, two workers, ended here."""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from hangtag.errors import FailedError, MissingError, OptionError
from hangtag.rooms.tune import space, tune
from hangtag.rooms.tune.storage import check_storage, shown


def programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


@pytest.fixture(scope="module")
def database():
    """The address of an empty database on a socket of its own."""
    where = programs()
    if where is None:
        pytest.skip("needs PostgreSQL: sudo apt-get install postgresql")
    if find_spec("psycopg") is None:
        pytest.skip("needs psycopg: pip install 'hangtag[postgres]'")
    place = Path(tempfile.mkdtemp(prefix="hangtag-postgres-"))
    before = []
    if os.geteuid() == 0:  # the server refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(place, user.pw_uid, user.pw_gid)
        before = ["runuser", "-u", "postgres", "--"]

    def run(program: str, *words: str) -> None:
        command = [*before, str(where / program), "-D", str(place / "data"), *words]
        subprocess.run(command, check=True, cwd=place, stdout=subprocess.DEVNULL, timeout=120)

    run("initdb", "--auth=trust", "--username=hangtag", "--no-sync", "--encoding=UTF8")
    options = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off"
    run("pg_ctl", "start", "--wait", "-l", str(place / "log"), "-o", options)
    try:
        yield f"postgresql://hangtag@/postgres?host={place}"
    finally:
        run("pg_ctl", "stop", "--mode=immediate")
        shutil.rmtree(place, ignore_errors=True)


def test_workers_share_a_search_in_postgresql_survive_a_kill_and_it_goes_on(
    database, objectives, tmp_path, notes
):
    options = {"method": "random", "storage": database, "name": "shared", "seed": 2}
    drawn = tune(lambda p, w: 0.0, space("x=0:40"), method="random", trials=8, seed=2).trials
    deadly = objectives.Slow(tmp_path, seconds=0.3, deadly=drawn[2].parameters["x"])
    first = tune(deadly, space("x=0:40"), trials=6, workers=2, **options)
    assert [one.parameters for one in first.trials] == [one.parameters for one in drawn[:6]]
    assert [one.number for one in first.trials if one.state != "finished"] == [3]
    assert "was killed 2 times" in first.trials[2].reason
    assert len(notes(tmp_path, "ended")) == 5
    pids = {line.split()[1] for line in (tmp_path / "began").read_text().splitlines()}
    assert len(pids) >= 2
    longer = tune(deadly, space("x=0:40"), trials=8, workers=1, resume=True, **options)
    assert longer.trials[:6] == first.trials
    assert len(longer.finished) == 7


def test_an_address_that_nobody_answers_is_one_sentence_without_the_password():
    if find_spec("psycopg") is None:
        pytest.skip("needs psycopg: pip install 'hangtag[postgres]'")
    address = "postgresql://me:secret@127.0.0.1:1/none"
    with pytest.raises(FailedError) as error:
        tune(lambda p, w: 0.0, space("x=1,2"), method="grid", storage=address)
    assert "me:***@127.0.0.1" in error.value.message
    assert "secret" not in error.value.message + error.value.hint
    assert shown(address) == "postgresql://me:***@127.0.0.1:1/none"


def test_without_the_driver_the_command_that_installs_it_is_said(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingError) as error:
        check_storage("postgresql://host/database")
    assert error.value.hint == "pip install 'hangtag[postgres]'"


def test_another_database_is_refused():
    with pytest.raises(OptionError, match="kept in mysql"):
        check_storage("mysql://host/database")
