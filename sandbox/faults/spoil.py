"""What the faults that strike one request do to its data and its rows."""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from sandbox.clock import instant
from sandbox.data import seeds
from sandbox.data.accounts import Account, Registry
from sandbox.data.book import Book, Cube
from sandbox.data.calendar import day_number
from sandbox.data.schema import google_actions, rows
from sandbox.data.shape import minor_units
from sandbox.data.world import digits
from sandbox.faults.rules import Rule

Bools = npt.NDArray[np.bool_]
META_EVENTS = ("messages", "calls", "leads", "checkouts", "purchases")


@dataclass(frozen=True)
class Spoil:
    """The rules that strike a request; without any, everything stays as it is."""

    rules: tuple[Rule, ...] = ()

    # the account

    def account(self, account: Account) -> Account:
        """Return the account as it is reported."""
        for rule in self.rules:
            other = rule.effect.account
            account = replace(
                account,
                name=other.get("name", account.name),
                currency=other.get("currency", account.currency),
                timezone=other.get("timezone", account.timezone),
            )
        return account

    def source(self, registry: Registry, account: Account) -> Account:
        """Return the account whose figures are served."""
        for rule in self.rules:
            other = registry.find(account.platform, digits(rule.effect.serve_account))
            account = other or account
        return account

    def status(self, status: str, campaign_id: str) -> str:
        """Return a campaign's status as it is reported."""
        for rule in self.rules:
            if rule.effect.campaign_status and _names(rule, campaign_id):
                status = rule.effect.campaign_status
        return status

    def job(self) -> dict[str, Any]:
        """Return what an async run's status says instead."""
        return {key: value for rule in self.rules for key, value in rule.effect.job.items()}

    # the figures

    def cube(self, book: Book, account: Account, first: int, last: int, now: float) -> Cube:
        """Return the account's figures with what the rules do to them."""
        cube = book.cube(account, first, last, now)
        for rule in self.rules:
            cube = _replaced(rule, book, cube, now)
            cube = _changed(rule, cube)
        return cube

    # the rows

    @property
    def touches_rows(self) -> bool:
        """Whether a page can only be cut out of the changed whole."""
        return any(_touches_rows(rule) for rule in self.rules)

    def rows(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows with what the rules do to them."""
        for rule in self.rules:
            if _touches_rows(rule):
                given = list(_rows(rule, given))
        return given


def _touches_rows(rule: Rule) -> bool:
    effect = rule.effect
    return bool(
        effect.drop_rows
        or effect.duplicate
        or effect.drop_keys
        or effect.set
        or effect.rename
        or effect.rewrite
    )


def _replaced(rule: Rule, book: Book, cube: Cube, now: float) -> Cube:
    """Return ``cube`` with the struck days taken from another day or another instant."""
    effect = rule.effect
    if effect.as_of or effect.hours_ago:
        then = instant(effect.as_of) if effect.as_of else now - effect.hours_ago * 3600
        return _struck(rule, cube, book.cube(cube.account, cube.first, cube.last, then))
    days = cube.values.shape[2]
    if effect.from_day:
        other = day_number(date.fromisoformat(effect.from_day))
        there = book.cube(cube.account, other, other, now)
        return _struck(
            rule, cube, replace(there, first=cube.first, values=np.repeat(there.values, days, axis=2))
        )
    if effect.shift_days:
        there = book.cube(cube.account, cube.first - effect.shift_days, cube.last - effect.shift_days, now)
        return _struck(rule, cube, replace(there, first=cube.first))
    return cube


def _struck(rule: Rule, cube: Cube, other: Cube) -> Cube:
    """Return ``cube`` with the struck days of ``other``, over the campaigns of both."""
    campaigns = tuple(dict.fromkeys((*cube.campaigns, *other.campaigns)))
    values = np.zeros((len(campaigns), *cube.values.shape[1:]), dtype=np.int64)
    struck = _days(rule, cube)
    place = {campaign: index for index, campaign in enumerate(campaigns)}
    for index, campaign in enumerate(cube.campaigns):
        values[place[campaign]] = np.where(struck, 0, cube.values[index])
    width = other.values.shape[2]
    for index, campaign in enumerate(other.campaigns):
        values[place[campaign]][:, :width] += np.where(struck[:width], other.values[index], 0)
    return replace(cube, campaigns=campaigns, values=values)


def _changed(rule: Rule, cube: Cube) -> Cube:
    """Return ``cube`` with figures scaled or shifted and campaigns left out, on the struck days."""
    effect = rule.effect
    if not (effect.scale or effect.add or effect.hide_campaigns) or not cube.campaigns:
        return cube
    values = cube.values.copy()
    struck = _cells(rule, cube)
    for metric, factor in effect.scale.items():
        for row in metric_rows(cube.account, metric):
            values[:, row, :] = np.where(struck, np.rint(values[:, row, :] * factor), values[:, row, :])
    for metric, amount in effect.add.items():
        for row in metric_rows(cube.account, metric):
            largest = np.argmax(np.where(struck, values[:, row, :], -1), axis=0)
            days = np.arange(values.shape[2])
            added = round(amount * _unit(cube.account, row))
            values[largest, row, days] += np.where(struck[largest, days], added, 0)
    if {"conversions", "value"} <= effect.scale.keys():
        _follow(cube, values)
    for index, campaign in enumerate(cube.campaigns):
        if seeds.uniform("hide", rule.name, campaign.campaign_id) < effect.hide_campaigns:
            values[index] = np.where(struck[index], 0, values[index])
    return replace(cube, values=values)


def _follow(cube: Cube, values: npt.NDArray[np.int64]) -> None:
    """Take the value away where counts were scaled down to nothing: no conversion has a value then."""
    names = rows(cube.account)
    for row, name in enumerate(names):
        value = {"purchases": "purchase_value"}.get(name, name.replace("conversions:", "value:"))
        if value != name and value in names:
            emptied = (values[:, row] == 0) & (cube.values[:, row] != 0)
            values[:, names.index(value)][emptied] = 0


def metric_rows(account: Account, metric: str) -> list[int]:
    """Return the rows of the account's matrices that a metric of the fault language means."""
    names = rows(account)
    if metric == "*":
        return list(range(len(names)))
    if metric in names:
        return [names.index(metric)]
    if metric in ("conversions", "value"):
        meta = META_EVENTS if metric == "conversions" else ("purchase_value",)
        return [i for i, name in enumerate(names) if name in meta or name.startswith(f"{metric}:")]
    group, _, wanted = metric.partition(":")
    ids = [action.action_id for action in google_actions(account) if wanted == action.name]
    if ids and group in ("conversions", "value"):
        return [names.index(f"{group}:{ids[0]}")]
    return []


def _unit(account: Account, row: int) -> int:
    name = rows(account)[row]
    if name in ("spend", "purchase_value") or (account.platform == "meta" and name.startswith("value:")):
        return minor_units(account.currency)
    return 1_000_000 if account.platform == "google" and ":" in name else 1


def _days(rule: Rule, cube: Cube) -> Bools:
    """Return which days of ``cube`` the rule strikes."""
    numbers = np.arange(cube.first, cube.first + cube.values.shape[2])
    if rule.match.date is None:
        return np.ones(len(numbers), dtype=bool)
    return np.asarray((numbers >= rule.match.date[0]) & (numbers <= rule.match.date[1]))


def _cells(rule: Rule, cube: Cube) -> Bools:
    """Return which campaigns and days of ``cube`` the rule strikes."""
    named = np.array([_names(rule, campaign.campaign_id) for campaign in cube.campaigns], dtype=bool)
    return np.asarray(named[:, None] & _days(rule, cube)[None, :])


def _names(rule: Rule, campaign_id: str) -> bool:
    return not rule.match.campaign or campaign_id in rule.match.campaign


def _rows(rule: Rule, given: list[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    effect = rule.effect
    for row in given:
        if not _meant(rule, row):
            yield row
            continue
        mark = repr(sorted(row.items(), key=lambda item: item[0]))
        if seeds.uniform("drop", rule.name, mark) < effect.drop_rows:
            continue
        changed = _row(rule, row)
        yield changed
        if seeds.uniform("duplicate", rule.name, mark) < effect.duplicate:
            yield changed


def _meant(rule: Rule, row: dict[str, Any]) -> bool:
    campaign_id = row.get("campaign_id") or row.get("campaign", {}).get("id") or ""
    if not _names(rule, campaign_id):
        return False
    if rule.match.date is None:
        return True
    day = row.get("date_start") or row.get("segments", {}).get("date")
    return day is not None and rule.match.date[0] <= day_number(date.fromisoformat(day)) <= rule.match.date[1]


def _row(rule: Rule, row: dict[str, Any]) -> dict[str, Any]:
    effect = rule.effect
    if not (effect.drop_keys or effect.set or effect.rename or effect.rewrite):
        return row
    row = copy.deepcopy(row)
    for key in effect.drop_keys:
        holder, name = _holder(row, key)
        holder.pop(name, None)
    for key, value in effect.set.items():
        holder, name = _holder(row, key)
        holder[name] = value
    for key, new in effect.rename.items():
        holder, name = _holder(row, key)
        if name in holder:
            holder[new] = holder.pop(name)
    for key, (pattern, replacement) in effect.rewrite.items():
        holder, name = _holder(row, key)
        if isinstance(holder.get(name), str):
            holder[name] = re.sub(pattern, replacement, holder[name])
    return row


def _holder(row: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    """Return the object that holds a dotted key, and the last part of the key."""
    *path, name = key.split(".")
    for part in path:
        row = row.setdefault(part, {})
    return row, name
