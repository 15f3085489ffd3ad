"""Which days of the files' accounts a run takes: what a file tells anew, and what is looked at again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from core import clock
from core.platforms import kept_months, platforms
from core.runs import Run
from core.settings import Settings
from ingest.agency.registrations import Agency, Registration
from ingest.client.caller import Caller
from ingest.collect.planner import Window
from ingest.files import journal
from ingest.files.account import PLATFORM, Account, Found, Refused, accounts, look, telling
from ingest.files.expected import overdue
from ingest.files.source import AccountDays, Source

# What is read anew is as urgent as the last unclosed month.
PRIORITY = 5


@dataclass
class Reading:
    """The files that a run has found, and what earlier runs have read of them."""

    now: datetime
    looked: dict[str, tuple[Account, Found]]
    memory: journal.Memory
    _days: dict[str, AccountDays]

    @classmethod
    def of(cls, settings: Settings, run: Run, agency: Agency) -> "Reading":
        """Look into the inbox, and remember in the ledger what is new; needs the warehouse lock."""
        now = clock.now()
        memory = journal.recall(settings, now)
        looked = {
            one.account_id: (one, look(one, frozenset(memory.columns.get(one.account_id, set()))))
            for one in accounts(agency)
        }
        journal.keep(settings, run.run_id, now, memory, looked.values())
        return cls(now, looked, memory, {})

    def source(self, caller: Caller) -> Source:
        """Return what the windows are taken from."""
        return Source(caller, self._days)

    def windows(
        self,
        planned: list[Window],
        seen: Mapping[tuple[str, date], datetime],
        *,
        forced: bool,
    ) -> list[Window]:
        """Return the windows that are taken; see ``ingest.platform.Reading``."""
        found: list[Window] = []
        for account_id, (account, files) in self.looked.items():
            days = self._days[account_id] = self._account_days(account, files, seen)
            for registration in account.registrations:
                own = [one for one in planned if one.registration == registration]
                wanted = {day for one in own for day in _days(one.from_date, one.to_date)}
                newest = self.memory.newest(account_id)
                taken = {
                    day: ""
                    for day, told in days.told.items()
                    if account.on(day) == registration
                    and (day in wanted or (not forced and _is_new(seen.get((account_id, day)), told.since)))
                    # A file that was read before the last one has nothing to say of a day that was landed.
                    and (
                        (account_id, day) not in seen
                        or self.memory.contents[account_id, told.by.content] >= newest.get(day, told.since)
                    )
                }
                taken |= {
                    day: reason
                    for day, reason in days.missing.items()
                    if account.on(day) == registration and (not forced or day in wanted)
                }
                found += self._spans(account, registration, own, taken)
        return found

    def _account_days(
        self, account: Account, files: Found, seen: Mapping[tuple[str, date], datetime]
    ) -> AccountDays:
        """Return what tells each day, and why days are not told that should be."""
        account_id = account.account_id
        contents = {key[1]: at for key, at in self.memory.contents.items() if key[0] == account_id}
        readings = {key[1]: at for key, at in self.memory.readings.items() if key[0] == account_id}
        told = telling(account, files, contents, readings, account.today)
        missing = {
            day: reason
            for day, reason in self._missing(account, files)
            if day not in told and (account_id, day) not in seen
        }
        return AccountDays(account, told, missing)

    def _missing(self, account: Account, files: Found) -> Iterator[tuple[date, str]]:
        """Yield the days that should be told, and why they may not be: the more exact reason last."""
        today = account.today(self.now)
        kept_from = _months_before(today, kept_months())
        if late := overdue(account, self.now):
            until, reason = late
            for one in account.registrations:
                for day in _days(max(one.started_on, kept_from), min(until, one.ended_on or until)):
                    yield day, f"no file of inbox/{account.account_id} tells it: {reason}"
        for bad in files.refused:
            if bad.since and bad.until:
                for day in _days(max(bad.since, kept_from), min(bad.until, today - timedelta(days=1))):
                    if account.on(day):
                        yield day, said(account.account_id, bad)

    def _spans(
        self, account: Account, registration: Registration, planned: list[Window], taken: Mapping[date, str]
    ) -> Iterator[Window]:
        """Yield windows of days that follow one another and are taken, or missing, for the same reason."""
        numbered = [(day, taken[day], number) for number, day in enumerate(sorted(taken))]
        for _, group in groupby(numbered, key=lambda one: (one[1], one[0] - timedelta(days=one[2]))):
            days = [day for day, _, _ in group]
            over = [one for one in planned if one.from_date <= days[-1] and days[0] <= one.to_date]
            yield Window(
                registration,
                days[0],
                days[-1],
                min((one.priority for one in over), default=PRIORITY),
                account.today(self.now),
                platforms()[PLATFORM].lookback_days,
                frozenset(day for one in over for day in one.healing if day in taken),
            )


def said(account_id: str, bad: Refused) -> str:
    """Return what a person has to know of a file that is not read."""
    return f"inbox/{account_id}/{bad.name}: {bad.reason}"


def _is_new(seen_at: datetime | None, since: datetime) -> bool:
    return seen_at is None or seen_at < since


def _days(since: date, until: date) -> list[date]:
    return [since + timedelta(days=n) for n in range((until - since).days + 1)]


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)
