"""Where the accounts come from: ``world.toml``, and the accounts that an agency has registered."""

import csv
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.data.accounts import Account, Registry, drawn_size

WORLD = Path(__file__).parent.parent / "world.toml"


def digits(account_id: str) -> str:
    """Return an account id without ``act_`` and dashes."""
    return re.sub(r"\D", "", account_id)


def load(seed: int, agency: Path | None = None, world: Path = WORLD) -> Registry:
    """Return the accounts of ``world`` and those of the ``agency``'s accounts.csv that it lacks."""
    registry = Registry()
    for entry in tomllib.loads(world.read_text(encoding="utf-8"))["account"]:
        registry.add(_described(entry))
    if agency is not None:
        for account in _registered(seed, agency / "accounts.csv"):
            registry.add(account)
    return registry


def _described(entry: dict[str, Any]) -> Account:
    breaks = tuple((first, last) for first, last in entry.get("breaks", []))
    return Account(**{**entry, "account_id": digits(entry["account_id"]), "breaks": breaks})


def _registered(seed: int, path: Path) -> list[Account]:
    """Return one account per platform and id of ``path``; an account that changed client is one account."""
    if not path.exists():
        return []
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("account_id") and row.get("platform") in ("meta", "google"):
                rows.setdefault((row["platform"], digits(row["account_id"])), []).append(row)
    return [_drawn(seed, platform, account_id, entries) for (platform, account_id), entries in rows.items()]


def _drawn(seed: int, platform: str, account_id: str, entries: list[dict[str, str]]) -> Account:
    starts = [date.fromisoformat(entry["started_on"]) for entry in entries if entry.get("started_on")]
    ends = [date.fromisoformat(entry["ended_on"]) if entry.get("ended_on") else None for entry in entries]
    return Account(
        platform="meta" if platform == "meta" else "google",
        account_id=account_id,
        name=f"Hotel {account_id[-6:]}",
        currency=entries[-1].get("currency") or "EUR",
        timezone=entries[-1].get("timezone") or "Europe/Warsaw",
        size=drawn_size(seed, platform, account_id),
        since=min(starts, default=date(2025, 1, 1)),
        until=None if None in ends else max(end for end in ends if end is not None),
        tracking=(entries[-1].get("conversion_tracking") or "true").lower() != "false",
    )
