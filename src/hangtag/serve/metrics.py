"""What is counted while serving, as Prometheus reads it (text format 0.0.4).

Written here since it is a page of code: the official client keeps registries for programs of many
libraries, which this is not.
"""

from __future__ import annotations

import os
import threading
from collections import Counter, defaultdict
from pathlib import Path

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; the bar of one image over HTTP, 100 ms, is one of them."""

KIND = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Requests by route and status, how long they took, and images."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: Counter[str] = Counter()
        self._images: Counter[str] = Counter()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self._lock:
            self._requests[method, route, status] += 1
            # Kept one bucket each and summed when asked: counting is what happens often.
            place = next((n for n, top in enumerate(BUCKETS) if seconds <= top), len(BUCKETS))
            self._buckets[route][place] += 1
            # A counter of whole microseconds: floats added for months would lose the small ones.
            self._seconds[route] += round(seconds * 1e6)

    def images(self, tagged: int, unknown: int, unreadable: int) -> None:
        """Count images that were answered for."""
        with self._lock:
            self._images.update(tagged=tagged, unknown=unknown, unreadable=unreadable)

    def text(self, gauges: dict[str, float]) -> str:
        """All of it.

        Args:
            gauges: What is so at this moment, by name without ``hangtag_``.
        """
        with self._lock:
            lines = [*self._counted(), *self._timed()]
        for name, value in {**gauges, **_process()}.items():
            lines += [f"# TYPE hangtag_{name} gauge", f"hangtag_{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _counted(self) -> list[str]:
        lines = ["# TYPE hangtag_requests_total counter"]
        for (method, route, status), n in sorted(self._requests.items()):
            named = f'method="{method}",route="{route}",status="{status}"'
            lines.append(f"hangtag_requests_total{{{named}}} {n}")
        lines.append("# TYPE hangtag_pictures_total counter")
        return lines + [
            f'hangtag_pictures_total{{answer="{answer}"}} {self._images[answer]}'
            for answer in ("tagged", "unknown", "unreadable")
        ]

    def _timed(self) -> list[str]:
        lines = ["# TYPE hangtag_request_seconds histogram"]
        for route, counts in sorted(self._buckets.items()):
            below = 0
            for top, n in zip((*BUCKETS, "+Inf"), counts, strict=True):
                below += n
                name = f'hangtag_request_seconds_bucket{{route="{route}",le="{top}"}}'
                lines.append(f"{name} {below}")
            lines.append(
                f'hangtag_request_seconds_sum{{route="{route}"}} {self._seconds[route] / 1e6:g}'
            )
            lines.append(f'hangtag_request_seconds_count{{route="{route}"}} {below}')
        return lines


def _process() -> dict[str, float]:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return {}
    return {"resident_bytes": pages * os.sysconf("SC_PAGE_SIZE")}
