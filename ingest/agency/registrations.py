"""The agency: its clients and the accounts registered for them, as far as its files can be understood."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core import clock
from core.errors import UserError
from core.settings import Settings
from ingest.agency import columns as files
from ingest.agency import folder as agency_folder
from ingest.agency import journal as agency_ledger
from ingest.agency.files import (
    Contents,
    Line,
    Problem,
    content,
    parse,
)
from ingest.agency.resolve import FILES, NOTHING, State, resolve

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
class MappedAction:
    """A line of conversion_actions.csv, in force from ``valid_from`` to ``valid_to``, both included."""

    platform: str
    client_id: str
    action_type: str
    kpi: str
    valid_from: date = date.min
    valid_to: date = date.max

    def holds(self, day: date) -> bool:
        """Say whether the line is in force on ``day``."""
        return self.valid_from <= day <= self.valid_to


@dataclass(frozen=True)
class Agency:
    """The accounts that the agency's files register; ``remarks`` name lines that do not count."""

    clients: dict[str, str]
    registrations: tuple[Registration, ...]
    remarks: tuple[str, ...] = ()
    mapping: tuple[MappedAction, ...] = ()
    texts: agency_ledger.Texts = field(default_factory=dict, compare=False, repr=False)
    """The contents that it was read from, by the name of the file."""
    state: State = field(default=NOTHING, compare=False, repr=False)
    """Every line that counts."""

    def accounts(self, platform: str) -> int:
        """Return how many accounts of ``platform`` are registered."""
        return len({r.account_id for r in self.registrations if r.platform == platform})


def examine(settings: Settings) -> tuple[Agency, list[Problem]]:
    """Return what the files say as far as they can be understood, and every problem they have.

    Leaves the ledger alone: what counts instead of a line is taken from the last build.
    """
    _, contents, unreadable = _read(settings)
    state = resolve(contents, agency_folder.read(settings))
    return _agency(state), [*unreadable, *state.problems]


def adopt(settings: Settings) -> None:
    """Let an older ledger begin with the files of its last release; needs the warehouse lock."""
    agency_ledger.adopt(settings)


def check(settings: Settings) -> None:
    """Raise ``UserError`` if one of the files cannot be read as a whole; a single line stops no run."""
    _readable(settings)


def load(settings: Settings, *, written: bool = False) -> Agency:
    """Return the agency as it counts now; needs the warehouse lock, since it looks into the ledger.

    ``written``: for the models and the sandbox too. Raises ``UserError`` if one of the files cannot be read
    as a whole, or registers no account.
    """
    now, texts = clock.now(), _readable(settings)
    with agency_ledger.history(settings, now) as history:
        history.now(texts, now)
        state = history.state()
        found = replace(_registered(settings, state), texts=texts)
        if written:
            agency_folder.write(settings, state, history.since(state.lines(files.CONVERSION_ACTIONS)))
        return found


def keep(settings: Settings, run_id: str, read: Agency | None = None) -> None:
    """Keep the files' contents in the ledger, if they are new; needs the warehouse lock.

    ``read`` was read before, so that what is kept is what was collected by. Raises as ``check`` does.
    """
    texts = read.texts if read else _readable(settings)
    agency_ledger.keep(settings, run_id, texts, clock.now())


def prepare(settings: Settings, instant: datetime) -> str | None:
    """Write what counted at ``instant`` for the models, from the ledger alone; needs the warehouse lock.

    Returns what a person has to know of it: that the ledger knew no content of the files yet.
    """
    with agency_ledger.history(settings, instant) as history:
        state = history.state()
        agency_folder.write(settings, state, history.since(state.lines(files.CONVERSION_ACTIONS)))
        if history.is_later:
            first = history.moments[0].read_at
            return (
                f"the ledger keeps the agency's files since {first:%Y-%m-%d %H:%M} UTC, which is after"
                f" {instant:%Y-%m-%d %H:%M}: the candidate is built with their first content"
            )
    return None


def _read(settings: Settings) -> tuple[agency_ledger.Texts, dict[str, Contents], list[Problem]]:
    """Return the text of each file, what it says, and what of it cannot be read as a whole."""
    if not settings.agency.is_dir():
        return {}, {}, [Problem(str(settings.agency), 0, "the agency's folder is missing", fatal=True)]
    texts, contents = {}, {}
    for file in FILES:
        texts[file.name], problems = content(settings.agency, file)
        read = Contents(problems=problems) if problems else parse(file, texts[file.name])
        contents[file.name] = read
    return texts, contents, [problem for read in contents.values() for problem in read.problems]


def _readable(settings: Settings) -> agency_ledger.Texts:
    texts, _, problems = _read(settings)
    _refuse(settings, problems)
    return texts


def _refuse(settings: Settings, problems: Iterable[Problem]) -> None:
    listed = list(problems)
    if not listed:
        return
    shown = "; ".join(map(str, listed[:SHOWN]))
    more = f"; and {len(listed) - SHOWN} more (python -m ingest check lists all)" if listed[SHOWN:] else ""
    raise UserError(
        f"nothing was collected, since the agency's files in {settings.agency} are wrong: {shown}{more}"
    )


def _registered(settings: Settings, state: State) -> Agency:
    if not state.lines(files.ACCOUNTS):
        # No day would be expected, and an empty release be shown.
        _refuse(settings, (problem for problem in state.problems if not problem.bearable))
    return _agency(state)


def _agency(state: State) -> Agency:
    clients = {line["client_id"]: line for line in state.lines(files.CLIENTS)}
    registrations = []
    for line in state.lines(files.ACCOUNTS):
        client = clients[line["client_id"]]
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
    mapping = _mapping(state.lines(files.CONVERSION_ACTIONS))
    remarks = tuple(map(str, state.problems))
    return Agency(names, tuple(registrations), remarks, mapping, state=state)


def _mapping(lines: Iterable[Line]) -> tuple[MappedAction, ...]:
    return tuple(
        MappedAction(
            platform=line["platform"],
            client_id=line["client_id"] or "",
            action_type=line["action_type"],
            kpi=line["kpi"],
            valid_from=line["valid_from"] or date.min,
            valid_to=line["valid_to"] or date.max,
        )
        for line in lines
    )
