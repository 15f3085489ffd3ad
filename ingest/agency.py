"""The agency: its clients and the accounts registered for them, checked before anything is asked for."""

from dataclasses import dataclass
from datetime import date

from ingest import agency_columns as files
from ingest.agency_checks import check
from ingest.agency_files import File, Problem, read_all
from wholeday.errors import UserError
from wholeday.settings import Settings

FILES: tuple[File, ...] = (
    files.CLIENTS,
    files.ACCOUNTS,
    files.CONVERSION_ACTIONS,
    files.RULES,
    files.WAIVERS,
    files.RATES,
)
# So many problems are told at once; the rest would not be read.
SHOWN = 5


@dataclass(frozen=True)
class Registration:
    """An account that belongs to a client from ``started_on`` to ``ended_on`` (None: until further notice).

    Both are clipped to the client's own time with the agency.
    """

    platform: str
    account_id: str
    client_id: str
    currency: str
    timezone: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class Agency:
    """What the agency's files say about whom to collect; ``remarks`` name lines that count as nothing."""

    clients: dict[str, str]
    registrations: tuple[Registration, ...]
    remarks: tuple[str, ...] = ()

    def accounts(self, platform: str) -> int:
        """Return how many accounts of ``platform`` are registered."""
        return len({r.account_id for r in self.registrations if r.platform == platform})


def examine(settings: Settings) -> tuple[Agency, list[Problem]]:
    """Return what the files say as far as they can be understood, and every problem they have."""
    if not settings.agency.is_dir():
        return Agency({}, ()), [Problem(str(settings.agency), 0, "the agency's folder is missing")]
    contents = {file.name: read_all(settings.agency, file) for file in FILES}
    lines = {name: found.lines for name, found in contents.items()}
    problems = [problem for found in contents.values() for problem in found.problems]
    problems += check(lines, contents[files.CLIENTS.name].texts("client_id"))
    clients = {line["client_id"]: line for line in lines[files.CLIENTS.name]}
    registrations = []
    for line in lines[files.ACCOUNTS.name]:
        client = clients.get(line["client_id"])
        if client is None:
            continue
        ends = [end for end in (line["ended_on"], client["ended_on"]) if end]
        registration = Registration(
            platform=line["platform"],
            account_id=line["account_id"],
            client_id=line["client_id"],
            currency=line["currency"],
            timezone=line["timezone"],
            started_on=max(line["started_on"], client["started_on"]),
            ended_on=min(ends, default=None),
        )
        if registration.ended_on is None or registration.started_on <= registration.ended_on:
            registrations.append(registration)
    names = {client_id: client["client_name"] for client_id, client in clients.items()}
    remarks = tuple(str(problem) for problem in problems if problem.bearable)
    return Agency(names, tuple(registrations), remarks), problems


def load(settings: Settings) -> Agency:
    """Return the agency, or raise ``UserError`` with the first problems of its files and their number."""
    agency, found = examine(settings)
    problems = [problem for problem in found if not problem.bearable]
    if problems:
        shown = "; ".join(map(str, problems[:SHOWN]))
        more = (
            f"; and {len(problems) - SHOWN} more (python -m ingest check lists all)"
            if len(problems) > SHOWN
            else ""
        )
        raise UserError(
            f"nothing was collected, since the agency's files in {settings.agency} are wrong: {shown}{more}"
        )
    return agency
