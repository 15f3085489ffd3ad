"""``python -m benchmarks.timetravel``: runs, events and rollbacks, then every publication asked for again."""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.chaos.facts.sequence import Lab
from benchmarks.timetravel.travel import Tally, Travel

SEED = 20261101


def main() -> int:
    """Travel; 1 if a figure as of an earlier moment is another than readers had."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.timetravel", description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=60, help="after the first one; each a day or a week later"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="timetravel-") as folder, Lab(Path(folder)) as lab:
        travel = Travel(lab, asked.seed)
        travel.go(asked.runs)
        travel.compare()
        kept = travel.notes.rows_of(travel.settings.landing)
    print("\n".join(_report(travel.tally, len(travel.notes.publications), kept)))
    print(f"  time                                    {(time.monotonic() - began) / 60:8.1f} min")
    return int(travel.tally.wrong > 0)


def _report(tally: Tally, publications: int, kept: int) -> list[str]:
    warm = range(1, len(tally.run_seconds))
    shares = [100 * tally.history_seconds[one] / tally.run_seconds[one] for one in warm]
    counts = {
        "publications": publications,
        "rows as of a random moment of each": tally.rows,
        "  of which differ (target: 0)": tally.wrong,
        "  changed later": tally.changed_later,
        "  of a release that is pruned": tally.pruned,
        "  of one that a rollback showed again": tally.rolled_back,
        "days that had been taken back then": tally.gaps,
        "rows that the ledger keeps for all": kept,
    }
    happened = ", ".join(f"{name} {count}" for name, count in sorted(tally.happened.items()))
    lines = [f"timetravel: {happened}"]
    lines += [f"  {name:38} {count:10,}" for name, count in counts.items()]
    if shares:
        seconds = statistics.median(tally.history_seconds[1:])
        lines.append(f"  CPU of a run for its history           {seconds:9.2f} s")
        lines.append(f"    of a run in this process             {statistics.median(shares):9.1f} %")
    return lines


if __name__ == "__main__":
    sys.exit(main())
