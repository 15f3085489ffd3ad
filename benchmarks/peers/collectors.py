"""The peers: how each is configured, and how the rows in what it printed are counted."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

SITE = Path(__file__).with_name("site")
TOKEN = "prepared"  # noqa: S105 - the prepared server takes any


@dataclass(frozen=True)
class Counted:
    """``rows`` that came; those of what was asked, ``distinct`` by date and campaign; their ``spend``."""

    rows: int
    distinct: int
    spend: Decimal


@dataclass(frozen=True)
class Peer:
    """A collector from the package index, reading ads of one account, one row a day each.

    ``arguments(config, catalog)`` are those of the sync, ``discover(config)`` those that print what can be
    selected; ``select`` makes the catalog of it.
    """

    requirement: str
    program: str
    config: Callable[[str, date, date], dict[str, Any]]
    discover: Callable[[Path], list[str]]
    select: Callable[[str], Any]
    arguments: Callable[[Path, Path], list[str]]
    days: int = 365
    """So many days it is given: at 9 ms a row, all of them would take a quarter of an hour."""

    def environment(self, port: int) -> dict[str, str]:
        """Return the settings that point Meta's SDK to the prepared server; no code is changed."""
        return {"PYTHONPATH": str(SITE), "PEER_GRAPH": f"http://127.0.0.1:{port}"}

    def prepare(
        self, programs: Path, folder: Path, environment: dict[str, str], account: str, first: date, last: date
    ) -> list[str]:
        """Write configuration and catalog into ``folder`` and return the command of the sync."""
        folder.mkdir()
        config, catalog = folder / "config.json", folder / "catalog.json"
        config.write_text(json.dumps(self.config(account, first, last)))
        program = str(programs / self.program)
        said = subprocess.run(
            [program, *self.discover(config)], env=environment, capture_output=True, text=True, check=True
        )
        catalog.write_text(json.dumps(self.select(said.stdout)))
        return [program, *self.arguments(config, catalog)]


def _singer_selected(said: str, stream: str) -> Any:
    catalog = json.loads(said)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] == stream]
    for entry in catalog["streams"][0]["metadata"]:
        entry["metadata"]["selected"] = True
    return catalog


def _airbyte_selected(said: str) -> Any:
    messages = map(json.loads, said.splitlines())
    streams = next(one for one in messages if one["type"] == "CATALOG")["catalog"]["streams"]
    stream = next(one for one in streams if one["name"] == "ads_insights")
    return {
        "streams": [{"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "append"}],
    }


PEERS = (
    Peer(
        "tap-facebook==1.26.0",
        "tap-facebook",
        lambda account, first, last: {
            "account_id": account,
            "access_token": TOKEN,
            "start_date": f"{first}T00:00:00Z",
            "end_date": f"{last}T00:00:00Z",
            "insights_buffer_days": 1,
        },
        lambda config: ["--config", str(config), "--discover"],
        lambda said: _singer_selected(said, "ads_insights"),
        lambda config, catalog: ["--config", str(config), "--properties", str(catalog)],
    ),
    Peer(
        "meltano-tap-facebook==0.9.0",
        "tap-facebook",
        lambda account, first, last: {
            "account_id": account,
            "access_token": TOKEN,
            "start_date": f"{first}T00:00:00Z",
            "end_date": f"{last}T00:00:00Z",
            "insight_reports_list": [],
        },
        lambda config: ["--config", str(config), "--discover"],
        lambda said: _singer_selected(said, "adsinsights_default"),
        lambda config, catalog: ["--config", str(config), "--catalog", str(catalog)],
    ),
    Peer(
        "airbyte-source-facebook-marketing==6.1.9",
        "source-facebook-marketing",
        lambda account, first, last: {
            "account_ids": [account],
            "credentials": {"auth_type": "Service", "access_token": TOKEN},
            "start_date": f"{first}T00:00:00Z",
            "end_date": f"{last}T00:00:00Z",
            "insights_lookback_window": 1,
        },
        lambda config: ["discover", "--config", str(config)],
        _airbyte_selected,
        lambda config, catalog: ["read", "--config", str(config), "--catalog", str(catalog)],
        days=60,
    ),
)


def counted(output: Path, last: date) -> Counted:
    """Count the records in the messages that a peer printed; days after ``last`` were not asked for."""
    rows, seen, spend = 0, set(), Decimal(0)
    for record in _records(output):
        rows += 1
        key = record["date_start"][:10], record["campaign_id"]
        if key not in seen and key[0] <= last.isoformat():
            seen.add(key)
            spend += Decimal(str(record["spend"]))
    return Counted(rows, len(seen), spend)


def _records(output: Path) -> Iterator[dict[str, Any]]:
    with output.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith('{"type"') and '"RECORD"' in line[:20]:
                record = json.loads(line)["record"]
                yield record.get("data", record)
