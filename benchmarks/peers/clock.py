"""Times a peer's epochs and prints one JSON line: wall and processor seconds, peak memory."""

from __future__ import annotations

import json
import resource
import time


class Clock:
    def __init__(self) -> None:
        self.wall: list[float] = []
        self.processor: list[float] = []
        self._started = time.perf_counter()

    def start(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        self.wall.append(time.perf_counter() - self._wall)
        self.processor.append(time.process_time() - self._processor)

    def report(self, **facts: object) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            json.dumps({"wall": self.wall, "processor": self.processor, "peak_mb": peak, **facts})
        )
