"""What must hold of a line beyond its cells, and between the lines of one file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from core.platforms import platforms
from ingest.agency.columns import (
    ACCOUNTS,
    CLIENTS,
    CONVERSION_ACTIONS,
    IGNORED,
    RATES,
    RULES,
    SETTINGS,
    WAIVERS,
)
from ingest.agency.file_formats import FILE_FORMATS
from ingest.agency.files import File, Line
from ingest.agency.rules import (
    instead,
    limits,
    parameters,
    waivable,
)
from ingest.agency.settings import check, settings

# Two lines that contradict each other, and a template of what is said of either: ``mine`` and ``theirs`` are
# the lines, ``other`` is where theirs stands.
Clash = tuple[Line, Line, str]

_TWICE_REGISTERED = "the {mine[platform]} account {mine[account_id]} has these days in {other} already"
_TWO_CURRENCIES = (
    "client {mine[client_id]} has {mine[currency]} on {mine[platform]}, but {theirs[currency]} in {other}:"
    " register a second currency as a client of its own"
)
_TWICE_MAPPED = "{{mine[action_type]!r}} is mapped {whose} in {{other}} already"
_TWO_ACTIONS = (
    "the KPI {{mine[kpi]}} {whose} has {{theirs[action_type]!r}} on meta in {{other}} already: action types"
    " overlap there, so only one of them may count"
)

_SPANS = {
    CLIENTS.name: ("started_on", "ended_on"),
    ACCOUNTS.name: ("started_on", "ended_on"),
    CONVERSION_ACTIONS.name: ("valid_from", "valid_to"),
    WAIVERS.name: ("from_date", "to_date"),
}


def of_line(file: File, line: Line) -> Iterator[str]:
    """Yield why ``line`` cannot be understood, though each of its cells can."""
    if file.name in _SPANS:
        first, last = _SPANS[file.name]
        if line[first] and line[last] and line[first] > line[last]:
            yield f"{first} {line[first]} is after {last} {line[last]}"
    if file is CONVERSION_ACTIONS and line["basis"] == "all_conversions":
        having = [platform.name for platform in platforms().values() if platform.counts_twice]
        if line["platform"] not in having:
            yield f"basis 'all_conversions' exists on {', '.join(having)} only"
    if file is RATES and line["currency"] == "PLN" and line["pln"] != 1:
        yield f"one PLN is 1 PLN, not {line['pln']}"
    if file is RULES:
        yield from _threshold(line)
    if file is SETTINGS and line["setting"] in settings():
        try:
            check(line["setting"], line["value"])
        except ValueError as problem:
            yield f"{line['setting']} {line['value'][:60]!r} {problem}"


def remarks(file: File, line: Line) -> Iterator[str]:
    """Yield what a person should know of a ``line`` that is understood and counts as nothing."""
    if file is WAIVERS and line["rule"] not in waivable():
        rule = line["rule"]
        if rule in parameters():
            yield f"{rule!r} finds nothing about a day: waive the rule that found it (health.findings)"
        else:
            yield f"no rule is called {rule!r}, so nothing is waived: {instead(rule, waivable())}"
    if file is RULES:
        rule, parameter = line["rule"], line["parameter"]
        if rule not in parameters():
            yield f"no rule is called {rule!r}, so the line counts as nothing: {instead(rule, parameters())}"
        elif parameter and parameter not in parameters()[rule]:
            other = instead(parameter, parameters()[rule])
            yield f"the rule {rule} has no parameter {parameter!r}, so its value counts as nothing: {other}"
    if file is SETTINGS and line["setting"] not in settings():
        setting = line["setting"]
        yield f"no setting is called {setting!r}, so it sets nothing: {instead(setting, settings())}"


def clashes(file: File, lines: Iterable[Line]) -> Iterator[Clash]:
    """Yield every pair of ``lines`` that cannot both be true."""
    listed = list(lines)
    if file in (CLIENTS, RULES, RATES, SETTINGS, FILE_FORMATS):
        yield from _twice(file, listed)
    elif file is ACCOUNTS:
        yield from _accounts(listed)
    elif file is CONVERSION_ACTIONS:
        yield from _conversion_actions(listed)


def _threshold(line: Line) -> Iterator[str]:
    rule, parameter, value = line["rule"], line["parameter"], line["value"]
    if bool(parameter) != (value is not None):
        yield "parameter and value go together: one of them is empty"
    elif parameter in parameters().get(rule, ()):
        least, most = limits(rule, parameter)
        if not least <= value <= most:
            yield f"the value of {parameter} is {value}, and not from {least} to {most}"


def _twice(file: File, lines: list[Line]) -> Iterator[Clash]:
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in lines:
        # Two ids that differ in case alone are one.
        groups[tuple(str(line[name] or "").casefold() for name in file.identity)].append(line)
    for listed in groups.values():
        filled = [name for name in file.identity if listed[0][name]]
        named = ", ".join(f"{name} {{mine[{name}]}}" for name in filled)
        for line in listed[1:]:
            yield listed[0], line, f"{named} stands in {{other}} already"


def _accounts(lines: list[Line]) -> Iterator[Clash]:
    for registered in _grouped(lines, ("platform", "account_id")).values():
        for earlier, later in _overlaps(registered, "started_on", "ended_on"):
            yield earlier, later, _TWICE_REGISTERED
    for registered in _grouped(lines, ("client_id", "platform")).values():
        for line in registered:
            if line["currency"] != registered[0]["currency"]:
                yield registered[0], line, _TWO_CURRENCIES


def _conversion_actions(lines: list[Line]) -> Iterator[Clash]:
    for mapped in _grouped(lines, ("platform", "client_id", "action_type")).values():
        for earlier, later in _overlaps(mapped, "valid_from", "valid_to"):
            yield earlier, later, _TWICE_MAPPED.format(whose=_whose("for", later))
    # Where one conversion comes under several action types, two of them summed would count it twice.
    overlapping = [
        line for line in lines if platforms()[line["platform"]].types_overlap and line["kpi"] != IGNORED
    ]
    for mapped in _grouped(overlapping, ("platform", "client_id", "kpi")).values():
        for earlier, later in _overlaps(mapped, "valid_from", "valid_to"):
            if earlier["action_type"] != later["action_type"]:
                yield earlier, later, _TWO_ACTIONS.format(whose=_whose("of", later))


def _whose(preposition: str, line: Line) -> str:
    return f"{preposition} client {{mine[client_id]}}" if line["client_id"] else f"{preposition} all clients"


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
