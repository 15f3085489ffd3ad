"""Rows of Meta's insights, page by page, into account-days: split, ordered, added up."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from types import GenericAlias
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from core.measures import on_wire
from ingest.platform_api import (
    Allowance,
    CampaignFacts,
    Chunk,
    DayAnswers,
    Row,
    Sums,
    WindowAnswers,
    refused,
)

# What is measured of campaigns and accounts, by field.
_DELIVERED, _CONVERTED = on_wire("meta", "delivery"), on_wire("meta", "conversions")
METRICS = (*_DELIVERED, *_CONVERTED)
MEASURES = {field: Allowance.of(measure, "meta") for field, measure in {**_DELIVERED, **_CONVERTED}.items()}
# Measures that are an entry in a list of action types, like the conversions.
_ENTRIES = {
    field: measure.wire["meta"].entry for field, measure in _DELIVERED.items() if measure.wire["meta"].entry
}
_PLAIN, _BY_ACTION = tuple(field for field in _DELIVERED if field not in _ENTRIES), tuple(_CONVERTED)
_LISTS = (*_BY_ACTION, *_ENTRIES)
_ROW_KEYS = frozenset(
    {"date_start", "date_stop", "account_id", "account_currency", "campaign_id", "campaign_name", *_PLAIN}
    | {"attribution_setting"}
)
_ENTRY_KEYS = frozenset({"action_type", "value"})
_DAY, _CAMPAIGN, _ACTION = attrgetter("date_start"), attrgetter("campaign_id"), attrgetter("action_type")
_MEASURED = {name: attrgetter(name) for name in METRICS}
_canonical = msgspec.json.Encoder().encode


class Converted(Struct, gc=False):
    """What a campaign's row says of its conversions."""

    action_values: Any
    actions: Any
    campaign_id: Any


# What the account's own row says; written in the order of the names.
Total: Any = msgspec.defstruct("Total", [(name, Any) for name in sorted(METRICS)], gc=False)


class Rows:
    """Reads pages of insights straight into objects, in half the time that dictionaries take.

    Their attributes are the keys on the wire, ``UNSET`` where a row lacks one, and written in the order of
    their names, whatever the platform's. A key that is met for the first time becomes an attribute too:
    nothing that came is lost.
    """

    def __init__(self) -> None:
        self._learn(_ROW_KEYS, _ENTRY_KEYS)

    def read(self, content: bytes) -> Any | None:
        """Return the page that ``content`` is; None for anything but a page whose keys are known by now."""
        try:
            return self._reader.decode(content)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def taken(self, body: Any) -> tuple[list[Any], dict[str, Any] | None]:
        """Return (rows, paging) of a page that was read, or of the dictionaries of one that could not be."""
        page = self._widened(body) if isinstance(body, dict) else body
        return page.data, page.paging

    def _widened(self, body: dict[str, Any]) -> Any:
        rows: list[Row] = body["data"]
        entries = [entry for row in rows for name in _LISTS for entry in row.get(name) or ()]
        self._learn(self._row_keys | _keys(rows) - set(_LISTS), self._entry_keys | _keys(entries))
        return msgspec.convert({key: body.get(key) for key in ("data", "paging")}, self._page)

    def _learn(self, row_keys: frozenset[str], entry_keys: frozenset[str]) -> None:
        self._row_keys, self._entry_keys = row_keys, entry_keys
        entry = _struct("Entry", dict.fromkeys(entry_keys, Any))
        lists = dict.fromkeys(_LISTS, GenericAlias(list, entry) | None | UnsetType)
        row = _struct("InsightsRow", dict.fromkeys(row_keys, Any) | lists)
        self._page = msgspec.defstruct(
            "Page",
            [("data", GenericAlias(list, row)), ("paging", dict[str, Any] | None, None)],
            forbid_unknown_fields=True,
        )
        self._reader = msgspec.json.Decoder(self._page)


def _struct(name: str, types: dict[str, Any]) -> type[Struct]:
    # A key that was learned may be no name at all ("7d_click"), and it is not asked for by name.
    known = _ROW_KEYS | _ENTRY_KEYS | set(_LISTS)
    names = {key if key in known else f"learned_{n}": key for n, key in enumerate(sorted(types))}
    fields = [(attribute, types[key], UNSET) for attribute, key in names.items()]
    return msgspec.defstruct(name, fields, rename=names, gc=False, forbid_unknown_fields=True)


def _keys(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset().union(*rows)


def take_campaigns(answers: WindowAnswers, account_id: str, rows: list[Any]) -> None:
    """Sort a page of campaigns' rows into their days: delivery, and apart from it the actions."""
    campaigns = answers.campaigns
    for day, group in _by_day("delivery", answers, account_id, rows):
        _add(day, day.campaigns, group)
        group.sort(key=_CAMPAIGN)
        day.attribution |= {row.attribution_setting for row in group} - {UNSET}
        converted = []
        for row in group:
            if row.campaign_id not in campaigns and row.campaign_id:
                campaigns[row.campaign_id] = CampaignFacts.of(row.campaign_id, row.campaign_name, None, None)
            if row.actions is not UNSET or row.action_values is not UNSET:
                converted.append(Converted(row.action_values, row.actions, row.campaign_id))
                row.actions = row.action_values = UNSET
            row.campaign_name = UNSET
        day.delivery.append(Chunk.of(list(map(_CAMPAIGN, group)), _canonical(group)))
        if converted:
            day.conversions.append(Chunk.of(list(map(_CAMPAIGN, converted)), _canonical(converted)))


def take_totals(answers: WindowAnswers, account_id: str, rows: list[Any]) -> None:
    """Sort a page of the account's own rows into their days."""
    for day, group in _by_day("control_totals", answers, account_id, rows):
        _add(day, day.account, group)
        for row in group:
            total = {name: measured(row) for name, measured in _MEASURED.items()}
            day.control_totals.append(_canonical(Total(**total)))


def _by_day(
    answer: str, answers: WindowAnswers, account_id: str, rows: list[Any]
) -> Iterator[tuple[DayAnswers, list[Any]]]:
    """Yield the rows day by day, without the keys that say what was asked for; refuses what was not."""
    answers.rows += len(rows)
    for text, rows_of_day in groupby(rows, _DAY):
        group = list(rows_of_day)
        if not {row.date_stop for row in group} <= {text, UNSET}:
            raise refused(answer, "a row covers more than one day")
        if not {row.account_id for row in group} <= {account_id, UNSET}:
            raise refused(answer, "a row is about another account")
        if text not in answers.days:
            raise answers.outside(answer, text)
        answers.days[text].currencies |= {row.account_currency for row in group} - {UNSET}
        for row in group:
            row.date_start = row.date_stop = row.account_id = UNSET
        yield answers.days[text], group


def _add(day: DayAnswers, sums: Sums, rows: list[Any]) -> None:
    """Add up what the rows measured, and put their actions in order: Meta's own means nothing."""
    try:
        for name in _PLAIN:
            values = map(_MEASURED[name], rows)
            sums[name][""] += sum([float(value) for value in values if value is not UNSET])
        for name in _LISTS:
            by_action, entry_of = sums[name], _ENTRIES.get(name)
            for entries in map(_MEASURED[name], rows):
                if entries:
                    if len(entries) > 1:
                        entries.sort(key=_ACTION)
                    for entry in entries:
                        if entry_of is None:
                            by_action[entry.action_type] += float(entry.value)
                        elif entry.action_type == entry_of:
                            by_action[""] += float(entry.value)
    except (TypeError, ValueError, OverflowError):
        day.comparable = False
