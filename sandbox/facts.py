"""Facts that a platform changes: from an instant on it tells the new one, of all days, the past included.

A fact is ``{"name": …, "match": {…}, "from": …, "change": {…}}``. Without ``from`` it has always held. Facts
take effect in the order of their instants; ``README.md`` lists what can change.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import Clock, instant
from sandbox.data import seeds
from sandbox.data.accounts import Account
from sandbox.data.calendar import today
from sandbox.data.schema import META_ROWS, CustomConversion, GoogleAction, custom_conversions, google_actions
from sandbox.data.shape import per_euro
from sandbox.data.told import Counter, Late, Told, ToldCampaign
from sandbox.data.world import digits
from sandbox.faults.effect import only

_STATUSES = {"ENABLED": "ACTIVE", "REMOVED": "DELETED"}
"""Google's words for what Meta calls otherwise."""
_KNOWN_STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DELETED")
_CHANGES = {
    "account": {
        "name", "currency", "rate", "timezone", "status", "attribution", "retention_days",
    },
    "campaign": {"name", "status"},
    "action": {
        "name", "status", "primary", "click_window_days", "view_window_days", "late", "recreate", "of",
    },
}  # fmt: skip
_VALUES = {"purchases": "purchase_value"}
"""Which row of Meta holds the values of which counts."""


@dataclass(frozen=True)
class Match:
    """Of what the fact is told; an account is one id, a campaign an id, an action its id or present name."""

    platform: str = ""
    account: str = ""
    campaign: str = ""
    action: str = ""

    @property
    def subject(self) -> str:
        """What changes: the account itself, a campaign of it or an action."""
        return "action" if self.action else "campaign" if self.campaign else "account"

    def meets(self, account: Account) -> bool:
        """Return whether ``account`` is meant."""
        return self.platform in ("", account.platform) and self.account in ("", account.account_id)


@dataclass(frozen=True)
class Fact:
    """One fact; ``since`` is POSIX seconds, or None for always."""

    name: str
    match: Match
    since: float | None
    change: dict[str, Any]

    def day(self, account: Account) -> int:
        """Return the day number on which the fact begins in the account's time zone; 0 for always."""
        return 0 if self.since is None else today(account.timezone, self.since)


@dataclass
class Facts:
    """The facts that were put, and accounts as they are told under those in force."""

    clock: Clock
    facts: tuple[Fact, ...] = ()
    _seen: dict[tuple[Account, tuple[str, ...]], Account] = field(default_factory=dict)

    def put(self, given: Any) -> None:
        """Replace all facts by ``given``, one or a list; raises ValueError for one that cannot be read."""
        entries = given if isinstance(given, list) else [given]
        read = [_fact(entry, index) for index, entry in enumerate(entries)]
        self.facts = tuple(sorted(read, key=lambda fact: fact.since or float("-inf")))
        self._seen = {}

    def summary(self) -> list[dict[str, Any]]:
        """Return the facts' names in the order in which they take effect, and whether they have."""
        return [{"name": fact.name, "in_force": self._holds(fact)} for fact in self.facts]

    def seen(self, account: Account) -> Account:
        """Return ``account``, as it was planned, as its platform tells it now."""
        if not self.facts:
            return account
        names = tuple(fact.name for fact in self.facts if self._holds(fact) and fact.match.meets(account))
        if not names:
            return account
        key = (account, names)
        if key not in self._seen:
            self._seen[key] = self._told(account)
        return self._seen[key]

    def _holds(self, fact: Fact) -> bool:
        return fact.since is None or fact.since <= self.clock.now()

    def _told(self, account: Account) -> Account:
        google = account.platform == "google"
        counters = (
            tuple(
                Counter(one, (f"conversions:{one.action_id}", f"value:{one.action_id}"))
                for one in google_actions(account)
            )
            if google
            else tuple(Counter(one, (one.row, one.value_row)) for one in custom_conversions(account))
        )
        found = replace(account, told=Told(account, counters=counters))
        for fact in self.facts:
            if self._holds(fact) and fact.match.meets(account):
                found = _APPLIED[fact.match.subject](found, fact)
        return found


def _fact(given: Any, index: int) -> Fact:
    if not isinstance(given, dict):
        raise ValueError(f"a fact is an object, not {given!r}")
    only(given, {"name", "match", "from", "change"}, "a fact")
    match = _match(given.get("match", {}))
    change = given.get("change")
    if not isinstance(change, dict) or not change:
        raise ValueError("a fact needs a change")
    only(change, _CHANGES[match.subject], f"the change of {match.subject}")
    _check(match, change)
    return Fact(
        f"{index + 1}: {given.get('name') or 'fact'}",
        match,
        instant(given["from"]) if given.get("from") else None,
        change,
    )


def _match(given: dict[str, Any]) -> Match:
    only(given, {f.name for f in fields(Match)}, "match")
    match = Match(**{name: str(value) for name, value in given.items()})
    if (match.campaign or match.action) and not match.account:
        raise ValueError("a campaign or an action needs match.account")
    if match.campaign and match.action:
        raise ValueError("a fact is about a campaign or an action, not both")
    return replace(match, account=digits(match.account))


def _check(match: Match, change: dict[str, Any]) -> None:
    if "timezone" in change:
        ZoneInfo(change["timezone"])
    if match.subject == "campaign" and "status" in change and _campaign_status(change) not in _KNOWN_STATUSES:
        raise ValueError(f"a campaign's status is one of {', '.join(_KNOWN_STATUSES)}, ENABLED, REMOVED")
    if "late" in change:
        only(change["late"], {"share", "first_day", "last_day"}, "change.late")
    if "recreate" in change:
        only(change["recreate"], {"id", "old_name"}, "change.recreate")
    if "of" in change and (match.platform != "meta" or change["of"] not in META_ROWS):
        raise ValueError(f"change.of names one of Meta's rows: {', '.join(META_ROWS)}")
    if "rate" in change and "currency" not in change:
        raise ValueError("a rate belongs to a currency")


def _told(account: Account) -> Told:
    assert account.told is not None, "facts are applied to accounts that have a place for them"
    return account.told


def _of_account(account: Account, fact: Fact) -> Account:
    told, change = _told(account), fact.change
    if "timezone" in change:
        # Which day runs, and how old a day is, follow the zone.
        told = replace(told, origin=replace(told.origin, timezone=change["timezone"]))
    if "currency" in change:
        usual = per_euro(change["currency"]) / per_euro(account.currency)
        told = replace(told, rate=told.rate * float(change.get("rate", usual)))
    told = replace(
        told,
        attribution=change.get("attribution", told.attribution),
        status=str(change.get("status", told.status)),
        kept_days=int(change.get("retention_days", told.kept_days)),
    )
    return replace(
        account,
        told=told,
        name=change.get("name", account.name),
        currency=change.get("currency", account.currency),
        timezone=change.get("timezone", account.timezone),
    )


def _campaign_status(change: dict[str, Any]) -> str:
    return _STATUSES.get(change["status"], str(change["status"]))


def _of_campaign(account: Account, fact: Fact) -> Account:
    told, change = _told(account), fact.change
    known = {one.campaign_id: one for one in told.campaigns}
    own = known.get(fact.match.campaign, ToldCampaign(fact.match.campaign))
    if "status" in change:
        own = replace(own, statuses=(*own.statuses, (fact.day(account), _campaign_status(change))))
    own = replace(own, name=change.get("name", own.name))
    return replace(account, told=replace(told, campaigns=tuple((known | {own.campaign_id: own}).values())))


def _of_action(account: Account, fact: Fact) -> Account:
    told, change = _told(account), fact.change
    counters = list(told.counters)
    if "of" in change:
        counters.append(_added(account, fact))
    # The newest one that carries a name is the one that is meant.
    place = next(
        (
            index
            for index in reversed(range(len(counters)))
            if fact.match.action in (counters[index].id, counters[index].action.name)
        ),
        None,
    )
    if place is None:
        return account
    counter = counters[place]
    if "late" in change:
        late = change["late"]
        ends = float(late["last_day"])
        counter = replace(
            counter,
            late=Late(float(late["share"]), float(late.get("first_day", 0)), ends, fact.day(account)),
        )
    counter = replace(counter, action=_changed(counter.action, change))
    counters[place] = counter
    if "recreate" in change:
        counters[place : place + 1] = _recreated(account, counter, fact)
    return replace(account, told=replace(told, counters=tuple(counters)))


def _added(account: Account, fact: Fact) -> Counter:
    """Return a custom conversion that Meta counts from the fact's day on."""
    row = fact.change["of"]
    custom = CustomConversion(fact.match.action, fact.change.get("name", fact.match.action))
    return Counter(custom, (row, _VALUES.get(row, "")), since=fact.day(account))


def _changed(
    action: GoogleAction | CustomConversion, change: dict[str, Any]
) -> GoogleAction | CustomConversion:
    action = replace(action, name=change.get("name", action.name))
    if isinstance(action, CustomConversion):
        return replace(action, archived=change.get("status", "") in ("ARCHIVED", "REMOVED", "DELETED"))
    return replace(
        action,
        primary=bool(change.get("primary", action.primary)),
        click_days=int(change.get("click_window_days", action.click_days)),
        view_days=int(change.get("view_window_days", action.view_days)),
        status=change.get("status", action.status),
    )


def _recreated(account: Account, counter: Counter, fact: Fact) -> tuple[Counter, Counter]:
    """Return the old action, which counts no more, and a new one under its name, which counts from now on."""
    asked, day = fact.change["recreate"], fact.day(account)
    new_id = str(asked.get("id") or 700_000_000 + seeds.number("again", counter.id, day) % 100_000_000)
    old_name = asked.get("old_name", "")
    status = {} if old_name else {"status": "REMOVED"}
    old = replace(
        counter,
        until=min(counter.until, day - 1),
        action=_changed(counter.action, {"name": old_name or counter.action.name, **status}),
    )
    action = counter.action
    new = (
        replace(action, action_id=new_id)
        if isinstance(action, GoogleAction)
        else replace(action, custom_id=new_id)
    )
    return old, replace(counter, action=new, since=max(counter.since, day))


_APPLIED: dict[str, Callable[[Account, Fact], Account]] = {
    "account": _of_account,
    "campaign": _of_campaign,
    "action": _of_action,
}
