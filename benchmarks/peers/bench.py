"""Wholeday's collector beside others, on the same rows from the same server in the same run."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

from benchmarks.landing import collect, write_agency
from benchmarks.measure import Cost, measure, median
from benchmarks.peers import install
from benchmarks.peers.collectors import PEERS, Counted, Peer, counted
from benchmarks.prepared import FIRST_DAY, Shape, render
from benchmarks.served import serving

SHAPE = Shape(accounts=3, days=365, campaigns=200)
ACCOUNTS = [str(1000 + number) for number in range(SHAPE.accounts)]
LAST_DAY = FIRST_DAY + timedelta(SHAPE.days - 1)
TARGET_COLLECTORS, TARGET_DICTIONARIES = 10, 2.5

_OURS = """
select count(*), count(distinct (date, row ->> 'campaign_id')), sum((row ->> 'spend')::decimal(18, 2))
from (select date, unnest(from_json(delivery, '["json"]')) as row from ledger.account_days)
"""
_DICTIONARIES = """
select count(*), count(distinct (date_start, campaign_id)), sum(spend::decimal(18, 2)) from rows.insights
"""


@dataclass(frozen=True)
class Side:
    """One collector's median cost, and the rows it brought of the first ``days`` of ``accounts``."""

    name: str
    accounts: list[str]
    days: int
    cost: Cost
    counted: Counted

    @property
    def pace(self) -> Cost:
        """The cost of a thousand rows."""
        thousands = self.counted.distinct / 1000
        return Cost(self.cost.wall / thousands, self.cost.cpu / thousands, self.cost.peak)


def bench(repeats: int) -> None:
    """Measure and print; a peer is minutes of work, so each is measured once."""
    size = f"{SHAPE.rows:,} rows of {SHAPE.accounts} accounts, or some of them"
    print(f"peers: {size}, one server; wholeday and dictionaries median of {repeats}, collectors once")
    with tempfile.TemporaryDirectory() as name, serving("benchmarks.peers.server", SHAPE) as port:
        folder = Path(name)
        ours = _told(_ours(folder, port, repeats))
        dictionaries = _told(_dictionaries(folder, port, repeats))
        peers = [_told(side) for side in _peers(folder, port)]
    if peers:
        best = min(peers, key=lambda side: side.pace.cpu)
        _compare(f"best collector ({best.name})", best, ours, TARGET_COLLECTORS)
    _compare("dictionaries", dictionaries, ours, TARGET_DICTIONARIES)
    print("  a collector writes its messages to a file; loading them into a database would come on top")
    print("  a sitecustomize of two lines points the SDK of Meta to this server; nothing else is changed")


def _ours(folder: Path, port: int, repeats: int) -> Side:
    agency = write_agency(folder / "agency", SHAPE)
    costs = [collect(folder / f"warehouse-{number}", agency, port, SHAPE) for number in range(repeats)]
    file = folder / "warehouse-0" / "landing.duckdb"
    return Side("wholeday", ACCOUNTS, SHAPE.days, median(costs), _queried(file, _OURS))


def _dictionaries(folder: Path, port: int, repeats: int) -> Side:
    def load(number: int) -> Cost:
        place = folder / f"dictionaries-{number}"
        place.mkdir()
        script = Path(__file__).with_name("dictionaries.py")
        command = [sys.executable, "-P", str(script), "--folder", str(place)]
        command += ["--base-url", f"http://127.0.0.1:{port}/v26.0", "--accounts", *ACCOUNTS]
        command += ["--first", str(FIRST_DAY), "--last", str(LAST_DAY)]
        # In a folder of its own, dlt has its own defaults, and not the project's settings.
        return measure(command, place, {"RUNTIME__DLTHUB_TELEMETRY": "false"})

    costs = [load(number) for number in range(repeats)]
    file = folder / "dictionaries-0" / "dictionaries.duckdb"
    return Side("dlt, dictionaries", ACCOUNTS, SHAPE.days, median(costs), _queried(file, _DICTIONARIES))


def _peers(folder: Path, port: int) -> Iterator[Side]:
    for peer in PEERS:
        try:
            yield _peer(peer, folder, port)
        except subprocess.CalledProcessError as problem:
            print(f"  {peer.requirement} is left out, since this failed: {problem.cmd}", flush=True)


def _peer(peer: Peer, folder: Path, port: int) -> Side:
    programs = install.environment(peer.requirement)
    settings, place = peer.environment(port), folder / peer.requirement
    days = min(peer.days, SHAPE.days)
    window = FIRST_DAY, FIRST_DAY + timedelta(days - 1)
    command = peer.prepare(programs, place, os.environ | settings, ACCOUNTS[0], *window)
    cost = measure(command, place, settings, output=place / "messages.jsonl")
    return Side(peer.requirement, ACCOUNTS[:1], days, cost, counted(place / "messages.jsonl", window[1]))


def _queried(file: Path, query: str) -> Counted:
    with duckdb.connect(str(file), read_only=True) as database:
        rows, distinct, spend = database.execute(query).fetchall()[0]
    return Counted(rows, distinct, spend)


def _told(side: Side) -> Side:
    """Print what ``side`` took, and whether every row and every cent of its days is there."""
    cost, rows = side.cost, side.counted
    expected = [
        row
        for account in side.accounts
        for row in render(int(account), SHAPE).campaigns[: side.days * SHAPE.campaigns]
    ]
    spend = sum((Decimal(json.loads(row)["spend"]) for row in expected), Decimal(0))
    missing = f"INCOMPLETE: spend {rows.spend} of {spend}, of {len(expected):,} rows"
    verdict = "every row" if (rows.distinct, rows.spend) == (len(expected), spend) else missing
    twice = f", {rows.rows - rows.distinct:,} more than once or unasked" if rows.rows > rows.distinct else ""
    print(
        f"  {side.name:42} {rows.distinct:7,} rows  {rows.distinct / cost.wall:7,.0f} rows/s"
        f"  {cost.wall:6.1f} s wall  {cost.cpu:6.1f} s CPU  {cost.peak:5.0f} MB peak  {verdict}{twice}",
        flush=True,
    )
    return side


def _compare(name: str, other: Side, ours: Side, target: float) -> None:
    wall, cpu = other.pace.wall / ours.pace.wall, other.pace.cpu / ours.pace.cpu
    print(f"  ratio per row to {name:50} {wall:5.1f} wall  {cpu:5.1f} CPU   (target: {target})")
