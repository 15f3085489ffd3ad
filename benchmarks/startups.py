"""A warm daily run against the sum of what its tools take merely to start."""

import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, measure, median
from core.settings import ROOT
from sandbox.process import SandboxProcess

NOW = "2026-11-24T06:00:00+00:00"
TARGET = 1.6


def bench(repeats: int) -> None:
    """Measure runs and start-ups in turn, so that both see the same machine; print the medians' ratio."""
    with tempfile.TemporaryDirectory() as name, SandboxProcess(agency=ROOT / "agency", now=NOW) as sandbox:
        folder = Path(name)
        settings = sandbox.env | {
            "WHOLEDAY_NOW": NOW,
            "WHOLEDAY_WAREHOUSE": str(folder / "warehouse"),
            "WHOLEDAY_SITE": str(folder / "site"),
        }
        empty = _empty_project(folder / "empty")
        commands = {
            "import dlt": ([sys.executable, "-c", "import dlt"], ROOT),
            "dbt build of an empty project": ([str(Path(sys.executable).with_name("dbt")), "build"], empty),
            "import great_expectations": ([sys.executable, "-c", "import great_expectations"], ROOT),
            "make run": (["make", "--silent", "run"], ROOT),
        }
        costs: dict[str, list[Cost]] = {label: [] for label in commands}
        for number in range(repeats + 1):
            for label, (command, place) in commands.items():
                cost = measure(command, place, settings)
                if number > 0:  # the first round warms caches and collects the history
                    costs[label].append(cost)
    medians = {label: median(rows) for label, rows in costs.items()}
    floor = sum(cost.wall for label, cost in medians.items() if label != "make run")
    print(f"a warm daily run of 16 clients, median of {repeats}")
    for label, cost in medians.items():
        print(f"  {label:30} {cost.wall:6.2f} s wall  {cost.cpu:6.2f} s CPU  {cost.peak:6.0f} MB peak")
    print(f"  ratio to the start-ups         {medians['make run'].wall / floor:6.2f}   (target: {TARGET})")


def _empty_project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "dbt_project.yml").write_text(
        "name: empty\nversion: '1.0'\nprofile: empty\nflags: {send_anonymous_usage_stats: false}\n"
    )
    (folder / "profiles.yml").write_text(
        "empty:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: empty.duckdb, threads: 2}\n"
    )
    return folder
