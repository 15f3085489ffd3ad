"""Who takes part in a batch: one client with one account for every pair of a kind and a seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import copy

from benchmarks.detect.kinds import Kind
from core.settings import ROOT

CURRENCIES = ("PLN", "PLN", "EUR", "GBP", "HUF", "USD", "CZK", "JPY")
TIMEZONE = "Europe/Warsaw"


@dataclass(frozen=True)
class Client:
    """One client of a batch and what happens to it."""

    client_id: str
    platform: str
    account_id: str
    currency: str
    kind: Kind
    seed: int


def batches(kinds: list[Kind], seeds: range, size: int) -> Iterator[list[Client]]:
    """Yield batches of at most ``size`` clients, kinds and platforms mixed."""
    pairs = [(kind, seed) for kind in kinds for seed in seeds]
    pairs.sort(key=lambda pair: sha256(f"{pair[0].name} {pair[1]}".encode()).digest())
    clients = [_client(number, kind, seed) for number, (kind, seed) in enumerate(pairs, start=1)]
    for begin in range(0, len(clients), size):
        yield clients[begin : begin + size]


def _client(number: int, kind: Kind, seed: int) -> Client:
    draw = int.from_bytes(sha256(f"{kind.name} {seed}".encode()).digest()[:16])
    platform = kind.platform or ("meta", "google")[seed % 2]
    length = 15 if platform == "meta" else 10
    account = str(10 ** (length - 1) + draw % (9 * 10 ** (length - 1)))
    return Client(f"client-{number}", platform, account, CURRENCIES[draw >> 64 & 7], kind, seed)


def write_agency(folder: Path, clients: list[Client], day: date) -> None:
    """Write the agency's files for ``clients`` in a trial of ``day``; all else as in the example."""
    folder.mkdir(parents=True)
    members = ["client_id,client_name,started_on,ended_on,completeness_target,owner"]
    accounts = ["account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on"]
    for client in clients:
        kind = client.kind
        start = day + timedelta(kind.started)
        end = "" if kind.ended is None else str(day + timedelta(kind.ended))
        members.append(f"{client.client_id},Hotel {client.client_id},{start},{end},99,desk")
        facts = (client.account_id, client.platform, client.client_id, client.currency, TIMEZONE)
        accounts.append(",".join((*facts, str(kind.tracking).lower(), str(start), end)))
    (folder / "clients.csv").write_text("\n".join(members) + "\n", encoding="utf-8")
    (folder / "accounts.csv").write_text("\n".join(accounts) + "\n", encoding="utf-8")
    for name in ("rules.csv", "waivers.csv", "rates.csv"):
        copy(ROOT / "agency" / name, folder / name)
    actions = (ROOT / "agency" / "conversion_actions.csv").read_text(encoding="utf-8").splitlines()
    everyone = [line for line in actions if line.startswith("platform,") or line.split(",")[1] == ""]
    (folder / "conversion_actions.csv").write_text("\n".join(everyone) + "\n", encoding="utf-8")
