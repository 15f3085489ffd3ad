"""Cost of a whole command: wall time, CPU time and peak memory of it and the processes it waited for."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """``wall`` and ``cpu`` in seconds, ``peak`` in MB (of the largest single process)."""

    wall: float
    cpu: float
    peak: float


def measure(
    command: Sequence[str], folder: Path, settings: Mapping[str, str], output: Path | None = None
) -> Cost:
    """Run ``command`` in ``folder`` with ``settings`` in its environment; stop everything if it fails.

    What it prints goes to ``output``, and what it logs to a file beside it; without one, the former is lost.
    """
    with ExitStack() as files:
        out = files.enter_context((output or Path(os.devnull)).open("w"))
        log = files.enter_context(output.with_suffix(".log").open("w")) if output else None
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | dict(settings), stdout=out, stderr=log
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        said = output.with_suffix(".log").read_text(errors="replace")[-2000:] if output else ""
        sys.exit(f"benchmarks: '{' '.join(command)}' failed; nothing is measured\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Iterable[Cost]) -> Cost:
    """Return the median of each figure."""
    rows = list(costs)
    return Cost(*(statistics.median(getattr(row, name) for row in rows) for name in ("wall", "cpu", "peak")))
