"""Queries, from the checked statement to rows as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.data.accounts import Account
from sandbox.data.calendar import today
from sandbox.data.campaigns import Campaign
from sandbox.data.schema import GoogleAction, google_actions
from sandbox.faults.spoil import Spoil
from sandbox.google import fields
from sandbox.google.conditions import meeting
from sandbox.google.errors import query_error
from sandbox.google.fields import Customer
from sandbox.google.gaql import Statement
from sandbox.google.report import Report, report
from sandbox.google.window import window
from sandbox.state import Sandbox

Row = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """The customer that a query is put to; ``account`` is None for the manager account."""

    customer: Customer
    account: Account | None
    clients: tuple[Customer, ...]
    """The customers below it, itself first."""


def rows(sandbox: Sandbox, caller: Caller, statement: Statement, spoil: Spoil) -> list[Row]:
    """Return all rows of ``statement``; raises GoogleError."""
    fields.checked(statement)
    metrics = any(field.startswith(("metrics.", "segments.")) for field in statement.fields)
    if metrics and caller.account is None:
        raise query_error(
            "REQUESTED_METRICS_FOR_MANAGER",
            "Metrics cannot be requested for a manager account. To retrieve metrics, issue separate requests "
            "against each client account under the manager account.",
        )
    match statement.resource:
        case "customer_client":
            found = _clients(caller, statement)
        case "conversion_action":
            found = _actions(caller, statement)
        case "customer" if not metrics:
            found = _customer(caller, statement)
        case _:
            found = _reported(sandbox, caller, statement, spoil) if caller.account else []
    return spoil.rows(found)


def _clients(caller: Caller, statement: Statement) -> list[Row]:
    client = _described(caller.clients, "customer_client", fields.CUSTOMER_CLIENT, statement)
    own = _described((caller.customer,), "customer", fields.CUSTOMER, statement)[0]
    return _ordered(statement, [row | own for row in client])


def _customer(caller: Caller, statement: Statement) -> list[Row]:
    return _ordered(statement, _described((caller.customer,), "customer", fields.CUSTOMER, statement))


def _actions(caller: Caller, statement: Statement) -> list[Row]:
    kinds: tuple[GoogleAction, ...] = google_actions(caller.account) if caller.account else ()
    customer = caller.customer.account_id
    readers = {
        name: (lambda kind, read=read: read(kind, customer))
        for name, read in fields.CONVERSION_ACTION.items()
    }
    own = _described((caller.customer,), "customer", fields.CUSTOMER, statement)[0]
    return _ordered(
        statement, [row | own for row in _described(kinds, "conversion_action", readers, statement)]
    )


def _described(subjects: Sequence[Any], owner: str, readers: Any, statement: Statement) -> list[Row]:
    """Return, per subject, all attributes of ``owner``; ``_ordered`` keeps the selected ones."""
    return [{f"{owner}.{name}": read(subject) for name, read in readers.items()} for subject in subjects]


def _ordered(statement: Statement, flat: list[Row]) -> list[Row]:
    """Return flat rows filtered, ordered, cut and nested."""
    kept = meeting(statement.conditions, lambda field: [row.get(field) for row in flat], len(flat))
    found = [flat[place] for place in kept]
    for field, descending in reversed(statement.order):
        found.sort(key=lambda row: row[field], reverse=descending)
    owners = dict.fromkeys([field.partition(".")[0] for field in statement.fields] + [statement.resource])
    names = [*(f"{owner}.resource_name" for owner in owners), *statement.fields]
    return [_nested({name: row[name] for name in names}) for row in found[: statement.limit]]


def _nested(flat: Row) -> Row:
    """Return dotted snake_case names as nested camelCase objects."""
    row: Row = {}
    for name, value in flat.items():
        if value is None:
            continue
        *path, last = [fields.camel(part) for part in name.split(".")]
        holder = row
        for part in path:
            holder = holder.setdefault(part, {})
        holder[last] = value
    return row


def _reported(sandbox: Sandbox, caller: Caller, statement: Statement, spoil: Spoil) -> list[Row]:
    account = caller.account
    if account is None:
        return []
    now = sandbox.clock.now()
    running = today(account.timezone, now)
    asked = window(statement, running, account.kept_days)
    source = spoil.source(sandbox.registry, account)
    cube = spoil.cube(sandbox.book, source, asked.first, asked.last, now)
    statuses = {
        c: spoil.status(fields.campaign_status(c, running), c.campaign_id)
        for c in sandbox.book.campaigns(source, now)
    }
    made = report(statement, cube, tuple(statuses))
    return _Writer(caller.customer, statement, made, statuses, running).rows()


class _Writer:
    """Writes the rows of one report; objects that many rows share are made once."""

    def __init__(
        self,
        customer: Customer,
        statement: Statement,
        made: Report,
        statuses: dict[Campaign, str],
        running: int,
    ) -> None:
        self.customer, self.statement, self.made = customer, statement, made
        self.statuses, self.running = statuses, running

    def rows(self) -> list[Row]:
        """Return the rows filtered, ordered and cut."""
        conditions = [one for one in self.statement.conditions if one.field != "segments.date"]
        places = meeting(conditions, self.column, len(self.made))
        for field, descending in reversed(self.statement.order):
            values = self.column(field)
            places.sort(key=values.__getitem__, reverse=descending)
        places = places[: self.statement.limit]
        subjects = [self._subject(subject) for subject in self.made.subjects]
        segments = [
            [self._segments(action, period) for period in self.made.periods] for action in self.made.actions
        ]
        metrics = self._metrics()
        made = self.made
        subject, action, period = made.subject.tolist(), made.action.tolist(), made.period.tolist()
        found = []
        for place in places:
            row = dict(subjects[subject[place]])
            if metrics:
                row["metrics"] = metrics[place]
            segment = segments[action[place]][period[place]]
            if segment:
                row["segments"] = segment
            found.append(row)
        return found

    def column(self, field: str) -> Sequence[Any]:
        """Return the values of a field, one per row of the report."""
        made = self.made
        owner, _, name = field.partition(".")
        if owner == "metrics":
            return made.metric(field)
        if owner == "customer":
            return [fields.CUSTOMER[name](self.customer)] * len(made)
        if field in fields.TIME_SEGMENTS:
            return [made.periods[place].get(field) for place in made.period.tolist()]
        if field in fields.ACTION_SEGMENTS:
            return [self._of_action(made.actions[place]).get(field) for place in made.action.tolist()]
        values = [self._of_campaign(subject, name) for subject in made.subjects]
        return [values[place] for place in made.subject.tolist()]

    def _of_campaign(self, campaign: Campaign | None, name: str) -> Any:
        if campaign is None:
            return None
        status = self.statuses.get(campaign) or fields.campaign_status(campaign, self.running)
        return fields.CAMPAIGN[name](campaign, status)

    def _of_action(self, action: GoogleAction | None) -> Row:
        if action is None:
            return {}
        customer = self.customer.account_id
        return {
            "segments.conversion_action": f"customers/{customer}/conversionActions/{action.action_id}",
            "segments.conversion_action_name": action.name,
            "segments.conversion_action_category": action.category,
        }

    def _subject(self, campaign: Campaign | None) -> Row:
        selected = self.statement.fields
        flat: Row = {}
        if self.statement.resource == "campaign":
            flat["campaign.resource_name"] = self._of_campaign(campaign, "resource_name")
        if self.statement.resource == "customer" or any(field.startswith("customer.") for field in selected):
            flat["customer.resource_name"] = fields.CUSTOMER["resource_name"](self.customer)
        for field in selected:
            owner, _, name = field.partition(".")
            if owner == "customer":
                flat[field] = fields.CUSTOMER[name](self.customer)
            elif owner == "campaign":
                flat[field] = self._of_campaign(campaign, name)
        return _nested(flat)

    def _segments(self, action: GoogleAction | None, period: Row) -> Row:
        flat = self._of_action(action) | period
        return {
            fields.camel(name.removeprefix("segments.")): flat[name]
            for name in self.statement.fields
            if name in flat
        }

    def _metrics(self) -> list[Row]:
        names = [field for field in dict.fromkeys(self.statement.fields) if field in fields.METRICS]
        columns = [
            list(map(str, self.made.metric(name)))
            if fields.METRICS[name] == "int64"
            else self.made.metric(name)
            for name in names
        ]
        keys = [fields.camel(name.removeprefix("metrics.")) for name in names]
        return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]
