"""Landing of a million campaign rows, against the floor; peak memory of the collector."""

import json
import sys
import tempfile
import urllib.request
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import Cost, measure, median
from benchmarks.prepared import FIRST_DAY, Shape
from benchmarks.served import serving
from core.settings import ROOT

SHAPE = Shape(accounts=40, days=365, campaigns=69)


def bench(repeats: int) -> None:
    """Measure and print; the floor fetches exactly what the collector asked for."""
    with tempfile.TemporaryDirectory() as name, serving("benchmarks.prepared", SHAPE) as port:
        folder = Path(name)
        agency = write_agency(folder / "agency", SHAPE)
        collected, floors = [], []
        for number in range(repeats):
            collected.append(collect(folder / f"warehouse-{number}", agency, port))
            floors.append(fetch_and_read(folder, port))
    landing, floor = median(collected), median(floors)
    print(f"landing of {SHAPE.rows:,} campaign rows, {SHAPE.accounts} accounts, median of {repeats}")
    print(f"  collector  {landing.wall:6.1f} s wall  {landing.cpu:6.1f} s CPU  {landing.peak:6.0f} MB peak")
    print(f"  floor      {floor.wall:6.1f} s wall  {floor.cpu:6.1f} s CPU  {floor.peak:6.0f} MB peak")
    wall, cpu = landing.wall / floor.wall, landing.cpu / floor.cpu
    print(f"  ratio      {wall:6.2f}   wall  {cpu:6.2f}   CPU  (target: 3)")
    print(f"  memory     {landing.peak:6.0f} MB (target: 700)")


def collect(warehouse: Path, agency: Path, port: int, shape: Shape = SHAPE) -> Cost:
    """Collect everything into a new warehouse, in one run, with the settings of a real platform."""
    instant = FIRST_DAY + timedelta(shape.days)
    return measure(
        [sys.executable, "-m", "ingest", "collect"],
        ROOT,
        {
            "WHOLEDAY_API": "live",
            "WHOLEDAY_AGENCY": str(agency),
            "WHOLEDAY_WAREHOUSE": str(warehouse),
            "WHOLEDAY_NOW": f"{instant}T06:00:00+00:00",
            "SOURCES__META_ADS__BASE_URL": f"http://127.0.0.1:{port}",
            "SOURCES__META_ADS__ACCESS_TOKEN": "prepared",
            "SOURCES__META_ADS__MIN_INTERVAL_SECONDS": "0",
            "SOURCES__META_ADS__MAX_REQUESTS_PER_RUN": "1000000",
        },
    )


def fetch_and_read(folder: Path, port: int) -> Cost:
    """Replay the insight requests that the server has seen so far (of one collection) as the floor does."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_asked") as answer:
        asked = list(dict.fromkeys(json.load(answer)))
    paths = folder / "asked.json"
    paths.write_text(json.dumps(asked))
    return measure(
        [sys.executable, "-m", "benchmarks.floor", "--port", str(port), "--asked", str(paths)], ROOT, {}
    )


def write_agency(folder: Path, shape: Shape) -> Path:
    """Register the prepared accounts, one client each."""
    folder.mkdir(parents=True)
    numbers = [1000 + n for n in range(shape.accounts)]
    files = {
        "clients": ["client_id,client_name,started_on,ended_on,completeness_target,owner"]
        + [f"client_{n},Client {n},{FIRST_DAY},,99.5,desk" for n in numbers],
        "accounts": [
            "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on"
        ]
        + [f"{n},meta,client_{n},EUR,Europe/Berlin,true,{FIRST_DAY}," for n in numbers],
        "conversion_actions": [
            "platform,client_id,action_type,kpi,basis,valid_from,valid_to",
            "meta,,lead,email_contacts,,,",
        ],
        "rules": ["rule,severity,blocks,parameter,value,client_id,mode"],
        "waivers": ["rule,client_id,platform,from_date,to_date,reason,expires_on"],
        "rates": ["currency,date,pln"],
    }
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    return folder
