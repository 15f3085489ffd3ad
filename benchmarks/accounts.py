"""A thousand accounts in one run: memory, and whether an account costs more when there are many."""

import tempfile
from dataclasses import replace
from pathlib import Path

import duckdb

from benchmarks.landing import collect, write_agency
from benchmarks.measure import Cost, median
from benchmarks.prepared import Shape
from benchmarks.served import serving

SHAPE = Shape(accounts=1000, days=28, campaigns=10)
FEW, HALF = 100, 550
TARGET_RATIO, TARGET_MEMORY = 1.15, 700


def bench(repeats: int) -> None:
    """Measure and print.

    A run's start-up would hide a growing cost in the figures of few accounts, so what is compared is what
    one more account costs: between 100 and 550, and between 550 and 1,000.
    """
    sizes = (FEW, HALF, SHAPE.accounts)
    costs: dict[int, list[Cost]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as name, serving("benchmarks.prepared", SHAPE) as port:
        folder = Path(name)
        agencies = {
            size: write_agency(folder / f"agency-{size}", replace(SHAPE, accounts=size)) for size in sizes
        }
        for number in range(repeats):
            for size in sizes:
                warehouse = folder / f"warehouse-{size}-{number}"
                costs[size].append(collect(warehouse, agencies[size], port, SHAPE))
                _check(warehouse, size)
    few, half, all_of_them = (median(costs[size]) for size in sizes)
    print(f"{SHAPE.accounts:,} accounts x {SHAPE.days} days in one run, median of {repeats}")
    for size, cost in zip(sizes, (few, half, all_of_them), strict=True):
        print(
            f"  {size:5,} accounts  {cost.wall:6.1f} s wall  {cost.cpu:6.1f} s CPU  {cost.peak:5.0f} MB peak"
            f"  {1000 * cost.wall / size:6.1f} ms wall an account"
        )
    wall = (all_of_them.wall - half.wall) / (half.wall - few.wall)
    cpu = (all_of_them.cpu - half.cpu) / (half.cpu - few.cpu)
    print(f"  one more account, late to early  {wall:6.2f} wall  {cpu:6.2f} CPU  (target: {TARGET_RATIO})")
    print(f"  memory                           {all_of_them.peak:6.0f} MB  (target: {TARGET_MEMORY})")


def _check(warehouse: Path, accounts: int) -> None:
    with duckdb.connect(str(warehouse / "landing.duckdb"), read_only=True) as ledger:
        found = ledger.execute("select count(*) from ledger.account_days").fetchall()[0][0]
    # The running day is one more.
    if found not in (accounts * SHAPE.days, accounts * (SHAPE.days + 1)):
        raise SystemExit(
            f"benchmarks: {found:,} account-days of {accounts} accounts landed; nothing is measured"
        )
