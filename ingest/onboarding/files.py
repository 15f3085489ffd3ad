"""What the agency's files say when an onboarding begins, also if they have no rows yet."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from core.settings import Settings
from ingest.agency import registrations as agency
from ingest.agency.columns import (
    ACCOUNTS,
    CLIENTS,
    CONVERSION_ACTIONS,
    account_id,
)
from ingest.agency.files import (
    Contents,
    Line,
    Problem,
    read_all,
)
from ingest.agency.registrations import Registration
from ingest.onboarding.proposal import Known


@dataclass(frozen=True)
class Files:
    """The lines that matter to an onboarding.

    ``registered`` are the lines of accounts.csv, whether their client is in clients.csv or not; ``mistaken``
    are the account ids in lines that cannot be read. ``problems`` leave out that a file has no rows yet.
    """

    clients: Sequence[Line]
    client_ids: frozenset[str]
    actions: Sequence[Line]
    registered: Sequence[Registration]
    mistaken: frozenset[str]
    problems: Sequence[Problem]

    @classmethod
    def read(cls, settings: Settings) -> "Files":
        """Read the agency's files as far as they can be understood."""
        clients = read_all(settings.agency, CLIENTS)
        accounts = read_all(settings.agency, ACCOUNTS)
        empty = {
            file.name for file, contents in ((CLIENTS, clients), (ACCOUNTS, accounts)) if contents.is_bare
        }
        _, problems = agency.examine(settings)
        return cls(
            clients=clients.lines,
            client_ids=clients.texts("client_id"),
            actions=read_all(settings.agency, CONVERSION_ACTIONS).lines,
            registered=[_registration(line, clients.lines) for line in accounts.lines],
            mistaken=frozenset(_mistaken(accounts)),
            problems=[problem for problem in problems if problem.line or problem.file not in empty],
        )

    def known(self, client_id: str, since: date | None) -> Known:
        """Return what is known of the client; ``since`` is the first day that a person asked for."""
        line = next((line for line in self.clients if line["client_id"] == client_id), None)
        return Known(
            client_id=client_id,
            name=line["client_name"] if line else "",
            lines=self.actions,
            listed=client_id in self.client_ids,
            started_on=line["started_on"] if line else None,
            since=since,
        )


def _registration(line: Line, clients: Sequence[Line]) -> Registration:
    ends = [line["ended_on"], *(c["ended_on"] for c in clients if c["client_id"] == line["client_id"])]
    return Registration(
        platform=line["platform"],
        account_id=line["account_id"],
        client_id=line["client_id"],
        currency=line["currency"],
        timezone=line["timezone"],
        started_on=line["started_on"],
        ended_on=min((end for end in ends if end), default=None),
    )


def _mistaken(accounts: Contents) -> list[str]:
    found = []
    for raw in accounts.mistaken:
        with suppress(ValueError):
            found.append(account_id(raw.get("account_id", "")))
    return found
