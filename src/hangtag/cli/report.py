"""``hangtag report``: an evaluated run in, one offline HTML file out."""

from __future__ import annotations

from hangtag.cli.console import bars, next_step, say, say_json
from hangtag.cli.options import Json, OutFile, Quiet, RunPlace


def report(
    run: RunPlace = "latest", out: OutFile = None, as_json: Json = False, quiet: Quiet = False
) -> None:
    """Write the report of a run: one HTML file that needs no network."""
    import hangtag

    with bars(quiet=quiet or as_json) as progress:
        path = hangtag.report(run, out=out, progress=progress)
    if as_json:
        say_json({"report": str(path), "bytes": path.stat().st_size})
        return
    say(f"report  {path}  ({path.stat().st_size / 1e6:.1f} MB)")
    next_step(f"open {path} in a browser", quiet=quiet)
