"""What a finding advises, and what a person then writes into the agency's files."""

import csv
import re
from collections.abc import Callable
from datetime import date

from benchmarks.chaos.facts.look import Finding
from benchmarks.chaos.facts.plan import META
from benchmarks.chaos.facts.world import World

_PRINTED = re.compile(r"`([^`]+)`")
_END = re.compile(r"end the line of the name with valid_to (\d{4}-\d{2}-\d{2})")
_FORMER = re.compile(r"by its former name (.+) in agency/conversion_actions\.csv; write instead of that line")
_EARLIER_START = re.compile(r"In agency/clients\.csv write started_on (\S+) in the line of (\S+?)(?:\.|$)")
_REPEATED = re.compile(r"(\S+) has \d+ lines? of its own for \S+ in .*?: repeat them for (\S+)")


def follow(world: World, finding: Finding) -> str:
    """Do what ``finding`` advises; return which edit it was, or nothing where it advises none."""
    edit = _EDITS.get(finding.rule)
    account = world.account_of(finding.platform, finding.account_id) if finding.account_id else None
    return edit(world, account, finding) if edit and account else ""


def _printed(finding: Finding) -> list[list[str]]:
    """Return the cells of each line that the finding prints for one of the agency's files."""
    return [next(csv.reader([line])) for line in _PRINTED.findall(finding.message)]


def _write(world: World, account: str, finding: Finding, former: str = "") -> str:
    """Write the printed lines, in the place of the client's own line of the name ``former``."""
    lines = [cells for cells in _printed(finding) if cells[0] in ("google", "meta")]
    if lines:
        if former:
            world.drop_name(account, finding.client_id, former)
        world.map_lines(lines)
        return "write the id"
    return _waive(world, account, finding) if _printed(finding) else ""


def _write_id(world: World, account: str, finding: Finding) -> str:
    former = _FORMER.search(finding.message)
    return _write(world, account, finding, former[1] if former else "")


def _map(world: World, account: str, finding: Finding) -> str:
    """Write the printed line; if it only says ignore, let the action succeed the one before.

    Two of one KPI would count twice on Meta.
    """
    lines = _printed(finding)
    if lines and lines[0][3] != "ignore":
        return _write(world, account, finding)
    action = lines[0][2] if lines else finding.metric
    if account == META:
        world.succeed(account, action, date.fromisoformat(finding.date))
    else:
        world.name_by_id(account, action)
    return "write the id"


def _name_moved(world: World, account: str, finding: Finding) -> str:
    """Write the printed lines, or on odd days take the other advice and end the line of the name."""
    if "is in no KPI" in finding.message:
        return _map(world, account, finding)
    ending = _END.search(finding.message)
    if ending and date.fromisoformat(finding.date).day % 2:
        world.end_name(account, finding.metric, ending[1])
        return "valid_to"
    is_replaced = "replace the name by the ids" in finding.message
    return _write(world, account, finding, finding.metric if is_replaced else "")


def _register(world: World, account: str, finding: Finding) -> str:
    accounts, _, clients = finding.message.partition("Add to agency/clients.csv: ")
    lines = [next(csv.reader([line])) for line in _PRINTED.findall(accounts)]
    if not lines:
        return ""
    started = re.search(r"instead of the lines? of this account from (.+?) on: ", accounts)
    world.replace_lines(account, started[1].split(" and ") if started else [], lines)
    for line in _PRINTED.findall(clients):
        world.add_client(next(csv.reader([line])))
    for day, client in _EARLIER_START.findall(finding.message):
        world.start_client(client, day)
    for old, new in _REPEATED.findall(finding.message):
        world.repeat_actions(old, new)
    return "split the registration" if len(lines) > 1 else f"correct the {finding.metric}"


def _count_all(world: World, account: str, finding: Finding) -> str:
    return "basis all_conversions" if _write(world, account, finding) else ""


def _waive(world: World, account: str, finding: Finding) -> str:
    del account
    day = date.fromisoformat(finding.date)
    world.waive(finding.rule, finding.client_id, finding.platform, day, day)
    return "waiver"


_EDITS: dict[str, Callable[[World, str, Finding], str]] = {
    "action_renamed": _write_id,
    "action_name_moved": _name_moved,
    "unmapped_action_types": _map,
    "registered": _register,
    "secondary_action": _count_all,
    "last_look_contradicts": _waive,
    "campaign_vanished": _waive,
}
"""What a person does about a finding of a rule; the other rules advise a command, or to look."""
