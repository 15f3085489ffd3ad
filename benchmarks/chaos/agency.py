"""A small agency that has every awkward thing: both platforms, two accounts in one client, three zones."""

import shutil
from datetime import date
from pathlib import Path

from core.settings import ROOT

STARTED = date(2026, 10, 1)

# client, platform, account, currency, time zone
_ACCOUNTS = (
    ("dune", "meta", "act_9100000001", "EUR", "Europe/Berlin"),
    ("dune", "google", "910-000-0002", "EUR", "Europe/Berlin"),
    ("fjord", "google", "910-000-0003", "JPY", "Asia/Tokyo"),
    ("fjord", "google", "910-000-0004", "JPY", "Asia/Tokyo"),
    ("grove", "meta", "act_9100000005", "USD", "America/New_York"),
)


def write(folder: Path) -> Path:
    """Write the agency's files into ``folder``; rules, rates and the default actions are the example's."""
    folder.mkdir(parents=True)
    clients = [f"{name},Hotel {name.title()},{STARTED},,99.5,desk" for name in ("dune", "fjord", "grove")]
    accounts = [
        f"{account},{platform},{client},{currency},{zone},true,{STARTED},"
        for client, platform, account, currency, zone in _ACCOUNTS
    ]
    example = ROOT / "agency"
    head, *actions = (example / "conversion_actions.csv").read_text(encoding="utf-8").splitlines()
    tables = {
        "clients": ["client_id,client_name,started_on,ended_on,completeness_target,owner", *clients],
        "accounts": [
            "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on",
            *accounts,
        ],
        "conversion_actions": [head, *(line for line in actions if not line.split(",")[1])],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in ("rules", "waivers", "rates"):
        shutil.copy(example / f"{name}.csv", folder)
    return folder
