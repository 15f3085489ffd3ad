"""``make detect``: faults and legitimate events through the whole pipeline, and what is found of them.

Seeds below 1000 are those the rules were tuned with; the report uses others.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from benchmarks.detect import kinds, plan, trial
from benchmarks.detect.score import Score, Table

REPORTING = 1000


def main() -> int:
    """Run the trials and print the table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detect", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="pairs of each kind")
    parser.add_argument("--first-seed", type=int, default=REPORTING)
    parser.add_argument("--kind", default="", help="only kinds whose name has this in it")
    parser.add_argument("--batch", type=int, default=200, help="clients of one installation")
    parser.add_argument("--jobs", type=int, default=2, help="batches side by side")
    parser.add_argument("--why", action="store_true", help="list every miss and every false alarm")
    asked = parser.parse_args()
    chosen = [kind for kind in kinds.load() if asked.kind in kind.name]
    table = Table({kind.name: Score(kind) for kind in chosen})
    began = time.monotonic()
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    batches = list(plan.batches(chosen, seeds, asked.batch))
    for number, (clients, seen) in enumerate(_performed(batches, asked.first_seed, asked.jobs), start=1):
        table.add(clients, seen)
        print(
            f"batch {number} of {len(batches)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True
        )
    print("\n".join(table.lines()))
    if asked.why:
        print("\n".join(["", *sorted(table.missed)]))
    return 1 if table.shares.missed() else 0


def _performed(
    batches: list[list[plan.Client]], first_seed: int, jobs: int
) -> Iterator[tuple[list[plan.Client], trial.Seen]]:
    with tempfile.TemporaryDirectory(prefix="detect-") as folder, ThreadPoolExecutor(jobs) as pool:
        begun = {
            pool.submit(trial.perform, batch, first_seed + number, Path(folder) / str(number)): batch
            for number, batch in enumerate(batches)
        }
        for done in as_completed(begun):
            yield begun[done], done.result()


if __name__ == "__main__":
    sys.exit(main())
