"""The files of one account: what each tells, which of them tells a day, and what is wrong with the others."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import structlog

from ingest.agency.columns import IGNORED
from ingest.agency.file_formats import FILE_FORMATS
from ingest.agency.registrations import Agency, Registration
from ingest.files import inbox, reading
from ingest.files.format import Format
from ingest.files.inbox import InboxFile
from ingest.files.reading import FileDays
from ingest.files.table import RefusedError

PLATFORM = "files"

_log = structlog.get_logger()


@dataclass(frozen=True)
class Account:
    """A registered account of files: its registrations, its declared format, and the actions it maps."""

    account_id: str
    registrations: tuple[Registration, ...]
    declared: Format
    mapped: frozenset[str]

    def on(self, day: date) -> Registration | None:
        """Return the registration that has ``day``."""
        for one in self.registrations:
            if one.started_on <= day and (one.ended_on is None or day <= one.ended_on):
                return one
        return None

    def currency(self, day: date) -> str | None:
        """Return the currency that the account is registered in on ``day``."""
        found = self.on(day)
        return found.currency if found else None

    def today(self, now: datetime) -> date:
        """Return the running day where the account is."""
        return now.astimezone(ZoneInfo(self.registrations[-1].timezone)).date()


def accounts(agency: Agency) -> list[Account]:
    """Return the registered accounts of files."""
    formats = {line["account_id"]: line for line in agency.state.lines(FILE_FORMATS)}
    listed: dict[str, list[Registration]] = {}
    for one in sorted(agency.registrations, key=lambda one: (one.account_id, one.started_on)):
        if one.platform == PLATFORM:
            listed.setdefault(one.account_id, []).append(one)
    return [
        Account(account_id, tuple(found), Format.of(formats.get(account_id)), _mapped(agency, found))
        for account_id, found in listed.items()
    ]


def _mapped(agency: Agency, registrations: Iterable[Registration]) -> frozenset[str]:
    clients = {"", *(one.client_id.casefold() for one in registrations)}
    return frozenset(
        reading.key_of(line.action_type)
        for line in agency.mapping
        if line.platform == PLATFORM and line.client_id.casefold() in clients and line.kpi != IGNORED
    )


@dataclass(frozen=True)
class Accepted:
    """A file that can be read: its ``content`` and the ``reading`` of it, as hashes, and what it tells."""

    file: InboxFile
    content: str
    reading: str
    days: FileDays


@dataclass(frozen=True)
class Refused:
    """A file that is not read, why, and the days that it names, if it names any."""

    name: str
    content: str
    reason: str
    since: date | None = None
    until: date | None = None
    grows: bool = False


@dataclass(frozen=True)
class Found:
    """The files of an account in the order of their arrival."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def look(account: Account, columns: frozenset[str] = frozenset()) -> Found:
    """Read the files of an account; ``columns`` are those that its files had before.

    A file that lacks one of them would tell zeros where it tells nothing.
    """
    found = Found()
    files, waiting = inbox.files(account.account_id)
    found.refused.extend(Refused(one.name, "", one.reason, grows=one.grows) for one in waiting)
    had = set(columns)
    for file in files:
        content = hashlib.sha256(file.content + b"\0" + (file.beside or b"")).hexdigest()[:32]
        try:
            days = reading.read(
                file.name, file.content, file.beside, account.declared, account.mapped, account.currency
            )
            if not account.declared.columns and (lacking := sorted(had - set(days.columns))):
                raise RefusedError(
                    "the column is missing, and earlier files of the account have it: name the columns that"
                    " they all have in files.csv",
                    account.declared.header_row,
                    lacking[0],
                )
        except RefusedError as problem:
            found.refused.append(Refused(file.name, content, str(problem), *_span(file)))
            continue
        except Exception as defect:
            # A defect that one file brings to light must not cost the other accounts their day.
            _log.exception("defect")
            reason = f"a defect of wholeday stopped it ({type(defect).__name__}); the log has the details"
            found.refused.append(Refused(file.name, content, reason, *_span(file)))
            continue
        had |= set(days.columns)
        read_as = hashlib.sha256(repr((content, account.declared, sorted(account.mapped))).encode())
        found.accepted.append(Accepted(file, content, read_as.hexdigest()[:32], days))
    return found


def _span(file: InboxFile) -> tuple[date | None, date | None]:
    from ingest.files import sidecar

    try:
        told = sidecar.of(file.name, file.beside)
    except RefusedError:
        return None, None
    return told.since, told.until


@dataclass(frozen=True)
class Told:
    """What tells a day, and since when it is read as it is now."""

    by: Accepted
    since: datetime


def telling(
    account: Account,
    found: Found,
    first_read: Mapping[str, datetime],
    read_since: Mapping[str, datetime],
    on_day: Callable[[datetime], date],
) -> dict[date, Told]:
    """Return what tells each day: of the files that cover it, the one that was read first last.

    ``first_read`` says when each content was read first, ``read_since`` since when each reading of one is as
    it is. A day that was not over when its file was read first is not told by it.
    """
    told: dict[date, Told] = {}
    order = sorted(
        enumerate(found.accepted), key=lambda numbered: (first_read[numbered[1].content], numbered[0])
    )
    for _, one in order:
        over = on_day(first_read[one.content])
        for day in one.days.covered():
            if day < over and account.on(day):
                told[day] = Told(one, read_since[one.reading])
    return told
