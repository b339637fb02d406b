"""What `pip install hangtag` gives people: wheels, an empty environment, the demonstration.

python deploy/try_wheel.py           builds the wheels first; hangtag-kernels where there is c++
python deploy/try_wheel.py FOLDER    takes the wheels of a folder, with hangtag-kernels if there

The demonstration runs on digits. Prints a JSON object: seconds of each step by the clock and of
the processor (which a busy machine lengthens less), and what the installed commands said. Ends
with exit code 1 where one failed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
Seconds = dict[str, dict[str, float]]
PLACES = ("HANGTAG_CACHE", "HANGTAG_RUNS", "HOME", "USERPROFILE", "LOCALAPPDATA")


def built(dist: Path) -> None:
    """Build the wheels into a folder, from copies: building leaves files beside the sources."""
    uv = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(dist)]
    _done([*uv, str(ROOT)], ROOT)
    if shutil.which("c++"):
        copy = dist.parent / "kernels"
        shutil.copytree(ROOT / "kernels", copy, ignore=shutil.ignore_patterns("build"))
        _done([*uv, str(copy)], dist.parent)


def tried(dist: Path, place: Path) -> dict[str, Any]:
    """Install the wheels of a folder into an environment in `place`, and run the demonstration."""
    (wheel,) = dist.glob("hangtag-*.whl")
    seconds: Seconds = {}
    inside = place / "environment"
    _timed(seconds, "environment", lambda: venv.create(inside, with_pip=True))
    programs = inside / ("Scripts" if os.name == "nt" else "bin")
    python, hangtag = str(programs / "python"), str(programs / "hangtag")
    alone = _alone(place, programs)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    native = bool(list(dist.glob("hangtag_kernels-*.whl"))) and os.name != "nt"
    extra = ["--find-links", str(dist), f"{wheel}[native]"] if native else [str(wheel)]
    _timed(seconds, "install", lambda: _done([*install, *extra], place))
    demo = _timed(
        seconds, "demo", lambda: _done([hangtag, "demo", "--json", "--quiet"], place, alone)
    )
    where = [python, "-c", "import hangtag; print(hangtag.__file__)"]
    return {
        "seconds": seconds,
        "together": {
            kind: round(sum(one[kind] for one in seconds.values()), 1)
            for kind in ("clock", "processor")
        },
        "python": sys.version.split()[0],
        "demo": json.loads(demo),
        "doctor": json.loads(_done([hangtag, "doctor", "--json"], place, alone)),
        "studies": _done([hangtag, "study", "list", "--json"], place, alone),
        "imported": _done(where, place, alone).strip(),
        "native": native,
    }


def _alone(place: Path, programs: Path) -> dict[str, str]:
    """An environment that knows nothing of this checkout, and from which nothing is downloaded."""
    names = {"HANGTAG_DATA": "", "HANGTAG_MIRROR": "http://127.0.0.1:9", "PATH": str(programs)}
    names |= {name: str(place / name.lower()) for name in PLACES}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return kept | names


def _done(command: list[str], place: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=place,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _timed(seconds: Seconds, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work returns
    began, before = time.monotonic(), os.times()
    result = work()
    after = os.times()
    children = after.children_user + after.children_system  # nothing on Windows
    seconds[name] = {
        "clock": round(time.monotonic() - began, 1),
        "processor": round(children - before.children_user - before.children_system, 1),
    }
    return result


def main() -> None:
    """Build where no folder is named, try, print."""
    with tempfile.TemporaryDirectory(prefix="hangtag-wheel-") as name:
        place = Path(name)
        dist = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else place / "dist"
        if len(sys.argv) == 1:
            built(dist)
        print(json.dumps(tried(dist, place), indent=1))


if __name__ == "__main__":
    main()
