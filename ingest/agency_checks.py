"""What must hold between the agency's files, and between the rows of one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from ingest.agency_columns import (
    ACCOUNTS,
    CLIENTS,
    CONVERSION_ACTIONS,
    IGNORED,
    RATES,
    RULES,
    WAIVERS,
)
from ingest.agency_files import File, Line, Problem
from ingest.agency_rules import instead, limits, parameters, waivable

Lines = dict[str, list[Line]]


def check(files: Lines, clients: frozenset[str]) -> Iterator[Problem]:
    """Yield every problem that a single cell does not show.

    ``clients`` are the ids that stand in the file of clients, in rows with a mistake too; none if that file
    is wrong as a whole.
    """
    for file in (ACCOUNTS, CONVERSION_ACTIONS, RULES, WAIVERS):
        yield from _known_client(file, files[file.name], clients)
    yield from _clients(files[CLIENTS.name])
    yield from _accounts(files[ACCOUNTS.name])
    yield from _conversion_actions(files[CONVERSION_ACTIONS.name])
    yield from _rules(files[RULES.name])
    yield from _waivers(files[WAIVERS.name])
    yield from _rates(files[RATES.name])


def _twice(file: File, lines: list[Line], key: tuple[str, ...]) -> Iterator[Problem]:
    seen: dict[tuple[object, ...], int] = {}
    for line in lines:
        value = tuple(line[name] for name in key)
        if value in seen:
            named = ", ".join(f"{name} {line[name]!s}" for name in key)
            yield Problem(file.name, line.number, f"{named} stands in line {seen[value]} already")
        seen.setdefault(value, line.number)


def _order(file: File, lines: list[Line], first: str, last: str) -> Iterator[Problem]:
    for line in lines:
        if line[first] and line[last] and line[first] > line[last]:
            yield Problem(file.name, line.number, f"{first} {line[first]} is after {last} {line[last]}")


def _known_client(file: File, lines: list[Line], known: frozenset[str]) -> Iterator[Problem]:
    if not known:
        return  # the file of clients is wrong as a whole, which is said once
    for line in lines:
        if line["client_id"] and line["client_id"] not in known:
            yield Problem(
                file.name,
                line.number,
                f"the client {line['client_id']!r} is unknown: it is not in {CLIENTS.name}",
            )


def _clients(lines: list[Line]) -> Iterator[Problem]:
    yield from _twice(CLIENTS, lines, ("client_id",))
    yield from _order(CLIENTS, lines, "started_on", "ended_on")


def _accounts(lines: list[Line]) -> Iterator[Problem]:
    yield from _order(ACCOUNTS, lines, "started_on", "ended_on")
    by_account = _grouped(lines, ("platform", "account_id"))
    for (platform, account), registered in by_account.items():
        for earlier, later in _overlaps(registered, "started_on", "ended_on"):
            yield Problem(
                ACCOUNTS.name,
                later.number,
                f"the {platform} account {account} has these days in line {earlier.number} already",
            )
    for (client, platform), registered in _grouped(lines, ("client_id", "platform")).items():
        first = registered[0]
        for line in registered:
            if line["currency"] != first["currency"]:
                yield Problem(
                    ACCOUNTS.name,
                    line.number,
                    f"client {client} has {line['currency']} on {platform}, but {first['currency']} in line"
                    f" {first.number}: register a second currency as a client of its own",
                )


def _conversion_actions(lines: list[Line]) -> Iterator[Problem]:
    file = CONVERSION_ACTIONS
    yield from _order(file, lines, "valid_from", "valid_to")
    for line in lines:
        if line["platform"] == "meta" and line["basis"] == "all_conversions":
            yield Problem(file.name, line.number, "basis 'all_conversions' exists on google only")
    for (_, client, action), mapped in _grouped(lines, ("platform", "client_id", "action_type")).items():
        for earlier, later in _overlaps(mapped, "valid_from", "valid_to"):
            whose = f"for client {client}" if client else "for all clients"
            yield Problem(
                file.name, later.number, f"{action!r} is mapped {whose} in line {earlier.number} already"
            )
    # On Meta one conversion comes under several action types: two of them summed would count it twice.
    on_meta = [line for line in lines if line["platform"] == "meta" and line["kpi"] != IGNORED]
    for (client, kpi), mapped in _grouped(on_meta, ("client_id", "kpi")).items():
        for earlier, later in _overlaps(mapped, "valid_from", "valid_to"):
            if earlier["action_type"] != later["action_type"]:
                whose = f"of client {client}" if client else "of all clients"
                yield Problem(
                    file.name,
                    later.number,
                    f"the KPI {kpi} {whose} has {earlier['action_type']!r} on meta in line {earlier.number}"
                    " already: action types overlap there, so only one of them may count",
                )


def _rules(lines: list[Line]) -> Iterator[Problem]:
    yield from _twice(RULES, lines, ("rule", "parameter", "client_id"))
    for line in lines:
        rule, parameter, value = line["rule"], line["parameter"], line["value"]
        if bool(parameter) != (value is not None):
            yield Problem(RULES.name, line.number, "parameter and value go together: one of them is empty")
        if rule not in parameters():
            why = f"no rule is called {rule!r}, so the line counts as nothing: {instead(rule, parameters())}"
            yield Problem(RULES.name, line.number, why, bearable=True)
        elif parameter and parameter not in parameters()[rule]:
            other = instead(parameter, parameters()[rule])
            why = f"the rule {rule} has no parameter {parameter!r}, so its value counts as nothing: {other}"
            yield Problem(RULES.name, line.number, why, bearable=True)
        elif parameter and value is not None:
            least, most = limits(rule, parameter)
            if not least <= value <= most:
                why = f"the value of {parameter} is {value}, and not from {least} to {most}"
                yield Problem(RULES.name, line.number, why)


def _waivers(lines: list[Line]) -> Iterator[Problem]:
    yield from _order(WAIVERS, lines, "from_date", "to_date")
    for line in lines:
        rule = line["rule"]
        if rule in waivable():
            continue
        if rule in parameters():
            why = f"{rule!r} finds nothing about a day: waive the rule that found it (health.findings)"
        else:
            why = f"no rule is called {rule!r}, so nothing is waived: {instead(rule, waivable())}"
        yield Problem(WAIVERS.name, line.number, why, bearable=True)


def _rates(lines: list[Line]) -> Iterator[Problem]:
    yield from _twice(RATES, lines, ("currency", "date"))
    for line in lines:
        if line["currency"] == "PLN" and line["pln"] != 1:
            yield Problem(RATES.name, line.number, f"one PLN is 1 PLN, not {line['pln']}")


def _grouped(lines: Iterable[Line], key: tuple[str, ...]) -> dict[tuple[str, ...], list[Line]]:
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[name] for name in key)].append(line)
    return groups


def _overlaps(lines: list[Line], first: str, last: str) -> Iterator[tuple[Line, Line]]:
    """Yield (earlier, later in the file) for rows that share days; an empty end is open."""
    ordered = sorted(lines, key=lambda line: (line[first] or date.min, line.number))
    latest = ordered[:1]
    for before, line in pairwise(ordered):
        if (before[last] or date.max) > (latest[0][last] or date.max):
            latest = [before]
        if (line[first] or date.min) <= (latest[0][last] or date.max):
            earlier, later = sorted((latest[0], line), key=lambda each: each.number)
            yield earlier, later
