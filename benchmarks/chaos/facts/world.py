"""The agency's files and the three accounts: what is registered, what the platforms count, what edits do."""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from benchmarks.chaos.facts.plan import FOREIGN, GOOGLE, META, WORLDS
from core.settings import ROOT
from sandbox.data.accounts import Account, Registry, drawn_size
from sandbox.data.calendar import day_number
from sandbox.data.campaigns import campaigns
from sandbox.data.schema import google_actions
from sandbox.data.world import load

SEED = 20251124
STARTED = date(2026, 7, 1)
FIRST_RUN = date(2026, 8, 14)
CUSTOM_ID, CUSTOM_NAME = "4770001", "Room booking"
"""The custom conversion of Meta that reports reservations; the agency maps it by its name."""
LINKS = {"Europe/Berlin": "Arctic/Longyearbyen", "Europe/Kyiv": "Europe/Kiev", "Europe/Warsaw": "Poland"}
"""Another name of each zone, by IANA."""

_CLIENTS = "client_id,client_name,started_on,ended_on,completeness_target,owner"
_ACCOUNTS = "account_id,platform,client_id,currency,timezone,conversion_tracking,started_on,ended_on"
_ACTIONS = "platform,client_id,action_type,kpi,basis,valid_from,valid_to"
_WAIVERS = "rule,client_id,platform,from_date,to_date,reason,expires_on"
_REGISTERED = {
    META: ("meta", "dune", "EUR", "Europe/Berlin"),
    GOOGLE: ("google", "dune", "EUR", "Europe/Kyiv"),
    FOREIGN: ("google", "fjord", "PLN", "Europe/Warsaw"),
}
_KPIS = {
    ("google", "Reservation"): ("reservations", "conversions"),
    ("google", "Contact form"): ("email_contacts", "conversions"),
    ("google", "Calls from ads"): ("click_to_call", "all_conversions"),
    ("meta", CUSTOM_NAME): ("reservations", ""),
    ("meta", "offsite_conversion.fb_pixel_lead"): ("email_contacts", ""),
    ("meta", "click_to_call_call_confirm"): ("click_to_call", ""),
}
Row = dict[str, str]


@cache
def accounts(world: int) -> dict[str, str]:
    """Return the id of each account of a world; all are of a size that has conversions on most days."""
    found = {}
    for name, platform in ((META, "meta"), (GOOGLE, "google"), (FOREIGN, "google")):
        medium = (
            str(number)
            for number in range(9_200_000_001, 9_200_001_000)
            if drawn_size(SEED, platform, str(number)) == "medium"
        )
        places = [next(medium) for _ in range(2 * WORLDS)]
        found[name] = places[2 * world + (name == FOREIGN)]
    return found


def register_all(folder: Path) -> Path:
    """Write the accounts of all worlds into ``folder``, for the sandbox to serve."""
    folder.mkdir(parents=True)
    rows = [row for world in range(WORLDS) for row in _registrations(world)]
    _write(folder / "accounts.csv", _ACCOUNTS, rows)
    return folder


@cache
def _registry(agency: Path) -> Registry:
    return load(SEED, agency)


def _registrations(world: int) -> Iterator[Row]:
    for name, account_id in accounts(world).items():
        platform, client, currency, zone = _REGISTERED[name]
        yield {
            "account_id": account_id,
            "platform": platform,
            "client_id": client,
            "currency": currency,
            "timezone": zone,
            "conversion_tracking": "true",
            "started_on": str(STARTED),
            "ended_on": "",
        }


@dataclass
class World:
    """The files as they are now, and the ids that count as reservations by account."""

    folder: Path
    served: Path
    number: int
    counted: dict[str, list[str]] = field(default_factory=dict)
    """Per account, every id that has carried the name that the agency maps to reservations."""

    def __post_init__(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.ids = accounts(self.number)
        self.accounts = list(_registrations(self.number))
        self.clients = [self._client(name) for name in ("dune", "fjord")]
        self.actions = [
            {"platform": platform, "client_id": "", "action_type": action, "kpi": kpi, "basis": basis}
            for (platform, action), (kpi, basis) in _KPIS.items()
        ]
        self.waivers: list[Row] = []
        known = {action for _, action in _KPIS}
        with (ROOT / "agency" / "conversion_actions.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if not row["client_id"] and row["action_type"] not in known:
                    self.actions.append(row | {"kpi": "ignore"})
        shutil.copy(ROOT / "agency" / "rates.csv", self.folder)
        rules = (ROOT / "agency" / "rules.csv").read_text(encoding="utf-8").splitlines()
        # Fixed bounds say nothing of a change, and something of every small account.
        shadow = [
            line.removesuffix(",live") + ",shadow" if line.startswith("usual_bounds,") else line
            for line in rules
        ]
        (self.folder / "rules.csv").write_text("\n".join(shadow) + "\n", encoding="utf-8")
        self.counted = {
            META: [CUSTOM_ID],
            **{name: [self.google_id(name, "Reservation")] for name in (GOOGLE, FOREIGN)},
        }
        self.save()

    @staticmethod
    def _client(name: str) -> Row:
        return {
            "client_id": name,
            "client_name": f"Hotel {name.title()}",
            "started_on": str(STARTED),
            "ended_on": "",
            "completeness_target": "99.5",
            "owner": "team",
        }

    def planned(self, name: str) -> Account:
        """Return the account as the sandbox planned it."""
        found = _registry(self.served).find(platform_of(name), self.ids[name])
        assert found is not None, "the sandbox serves the accounts of every world"
        return found

    def google_id(self, name: str, action: str) -> str:
        """Return the id of a conversion action as it was in the beginning."""
        return next(one.action_id for one in google_actions(self.planned(name)) if one.name == action)

    def running_campaigns(self, name: str, day: date) -> list[str]:
        """Return the campaigns that run on ``day``, the largest first."""
        number = day_number(day)
        found = [one for one in campaigns(SEED, self.planned(name), number) if one.last >= number + 2]
        return [one.campaign_id for one in sorted(found, key=lambda one: -one.daily)]

    def save(self) -> None:
        """Write the files that edits change."""
        for name, header in (
            ("clients", _CLIENTS),
            ("accounts", _ACCOUNTS),
            ("actions", _ACTIONS),
            ("waivers", _WAIVERS),
        ):
            file = "conversion_actions" if name == "actions" else name
            _write(self.folder / f"{file}.csv", header, getattr(self, name))

    # what a person writes

    def respell(self, name: str) -> None:
        """Write another name of the same zone."""
        for row in self.lines(name):
            row["timezone"] = LINKS.get(row["timezone"], row["timezone"])
        self.save()

    def replace_lines(self, name: str, started: list[str], lines: list[list[str]]) -> None:
        """Write ``lines`` instead of the lines of the account that begin on the days ``started``."""
        old = [row for row in self.lines(name) if row["started_on"] in started]
        self.accounts = [row for row in self.accounts if row not in old]
        self.accounts += [dict(zip(_ACCOUNTS.split(","), line, strict=True)) for line in lines]
        self.accounts.sort(key=lambda row: row["started_on"])
        self.save()

    def add_client(self, line: list[str]) -> None:
        """Add a line of ``clients.csv``."""
        self.clients.append(dict(zip(_CLIENTS.split(","), line, strict=True)))
        self.save()

    def start_client(self, client: str, day: str) -> None:
        """Let a client begin on another day."""
        for row in self.clients:
            if row["client_id"] == client:
                row["started_on"] = day
        self.save()

    def repeat_actions(self, old: str, new: str) -> None:
        """Repeat the own lines of a client for another one."""
        self.actions += [row | {"client_id": new} for row in self.actions if row["client_id"] == old]
        self.save()

    def name_by_id(self, name: str, action_id: str) -> None:
        """Add a line for an action's id that counts as the account's reservations do."""
        for client in {row["client_id"] for row in self.lines(name)}:
            self._map(self._reservation(name, client) | {"client_id": client, "action_type": action_id})
        self.save()

    def succeed(self, name: str, action: str, day: date) -> None:
        """Let another action count the reservations from ``day`` on; the ones before end there."""
        for client in {row["client_id"] for row in self.lines(name)}:
            last = self._reservation(name, client)
            own = [row for row in self.actions if row["kpi"] == last["kpi"]]
            for row in own:
                if row["platform"] == last["platform"] and not row.get("valid_to"):
                    row["valid_to"] = str(day - timedelta(days=1))
            new = {"client_id": client, "action_type": action, "valid_from": str(day)}
            self._map(last | new)
        self.save()

    def map_lines(self, lines: list[list[str]]) -> None:
        """Add lines of ``conversion_actions.csv``."""
        for line in lines:
            self._map(dict(zip(_ACTIONS.split(","), line, strict=True)))
        self.save()

    def end_name(self, name: str, action: str, day: str) -> None:
        """End the line that names an action on ``day``: the client's own, or else the one for all."""
        self._line(name, action, self.lines(name)[-1]["client_id"])["valid_to"] = day
        self.save()

    def drop_name(self, name: str, client: str, action: str) -> None:
        """Take away the client's own lines that name an action."""
        dropped = platform_of(name), client, action
        self.actions = [
            row for row in self.actions if (row["platform"], row["client_id"], row["action_type"]) != dropped
        ]
        self.save()

    def waive(self, rule: str, client: str, platform: str, first: date, last: date) -> None:
        """Waive what a rule says of a client's days."""
        row = {
            "rule": rule,
            "client_id": client,
            "platform": platform,
            "from_date": str(first),
            "to_date": str(last),
            "reason": "looked at",
            "expires_on": str(last + timedelta(days=180)),
        }
        self.waivers.append(row)
        self.save()

    def account_of(self, platform: str, account_id: str) -> str | None:
        """Return which of the three accounts an id is."""
        return next(
            (
                name
                for name, own in self.ids.items()
                if own == account_id.removeprefix("act_") and platform_of(name) == platform
            ),
            None,
        )

    def expected(self, until: date) -> Iterator[tuple[str, str, date]]:
        """Yield client, account and day of every registered day up to ``until``."""
        for name in self.ids:
            for row in self.lines(name):
                day = date.fromisoformat(row["started_on"])
                last = min(until, date.fromisoformat(row["ended_on"])) if row["ended_on"] else until
                while day <= last:
                    yield row["client_id"], name, day
                    day += timedelta(days=1)

    def expects(self, platform: str, account_id: str, day: str) -> bool:
        """Return whether a day of an account is registered."""
        name = self.account_of(platform, account_id)
        return name is not None and any(
            row["started_on"] <= day and (not row["ended_on"] or day <= row["ended_on"])
            for row in self.lines(name)
        )

    def frozen(self, name: str, day: date) -> bool:
        """Return whether the day is registered with what the platform told once and tells no more."""
        last = self.lines(name)[-1]
        return str(day) < last["started_on"]

    def lines(self, name: str) -> list[Row]:
        """Return the registrations of one of the three accounts."""
        return [
            row
            for row in self.accounts
            if (row["platform"], row["account_id"]) == (platform_of(name), self.ids[name])
        ]

    def _map(self, row: Row) -> None:
        """Add a line, in the place of one that says something else of the same action."""
        key = ("platform", "client_id", "action_type", "valid_from")
        self.actions = [
            one for one in self.actions if any(one.get(part, "") != row.get(part, "") for part in key)
        ]
        self.actions.append(row)

    def _line(self, name: str, action: str, client: str) -> Row:
        """Return what counts of an action for a client: its own line, or else the one for all."""
        platform = platform_of(name)
        own = [row for row in self.actions if (row["platform"], row["action_type"]) == (platform, action)]
        found = [row for row in own if row["client_id"] == client]
        return (found or [row for row in own if not row["client_id"]] or own)[-1]

    def _reservation(self, name: str, client: str) -> Row:
        platform = platform_of(name)
        own = [
            row
            for row in self.actions
            if row["platform"] == platform
            and row["kpi"] == "reservations"
            and row["client_id"] in ("", client)
        ]
        return own[-1] | {"valid_from": "", "valid_to": ""}


def platform_of(name: str) -> str:
    """Return the platform of one of the three accounts."""
    return _REGISTERED[name][0]


def _write(path: Path, header: str, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header.split(","), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
