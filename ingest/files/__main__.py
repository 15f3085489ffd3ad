"""``python -m ingest.files``: what files of the inbox would be read and why not; an example of one."""

import argparse
import csv
import sys
from datetime import timedelta

from core import clock
from core.cli import main
from core.errors import UserError
from core.settings import Settings
from ingest.agency import registrations as agency
from ingest.agency.columns import account_id
from ingest.files import inbox
from ingest.files.account import Accepted, Account, Found, accounts, look
from ingest.files.expected import overdue
from ingest.files.reading import KEYS, VALUE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest.files", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="say which files would be read and why not; writes nothing")
    check.add_argument("--account", default="", help="one account only")
    template = commands.add_parser("template", help="write an example file into the folder of an account")
    template.add_argument("--account", required=True)
    return parser


def _command() -> int:
    asked = _parser().parse_args()
    registered, problems = agency.examine(Settings.from_env())
    for problem in problems:
        if problem.file == "files.csv":
            print(problem)
    found = {one.account_id: one for one in accounts(registered)}
    if asked.account:
        found = {key: one for key, one in found.items() if key == _id(asked.account)}
        if not found:
            raise UserError(
                f"no account {asked.account!r} of platform files is registered: add its line to"
                " agency/accounts.csv"
            )
    if asked.command == "template":
        return _template(*found.values())
    if not found:
        print("no account of platform files is registered in agency/accounts.csv")
    return max((_check(one) for one in found.values()), default=0)


def _id(text: str) -> str:
    try:
        return account_id(text)
    except ValueError as problem:
        raise UserError(f"ACCOUNT={text!r} {problem}") from None


def _check(account: Account) -> int:
    """Print what each file of ``account`` would come to; return 1 if one is refused."""
    found = look(account)
    place = inbox.of_account(account.account_id)
    for one in found.accepted:
        print(f"{place / one.file.name}: {_told(one)}")
    for bad in found.refused:
        print(f"{place / bad.name}: {'waits' if bad.grows else 'refused'}: {bad.reason}")
    if not found.accepted and not found.refused:
        print(f"{place}: no file is there")
    _late(account, found)
    return int(any(not bad.grows for bad in found.refused))


def _told(one: Accepted) -> str:
    days = one.days
    told = f"{days.since} to {days.until}, {len(days.covered())} days, {days.rows} rows"
    text = f"would be read: {told}; {', '.join(days.columns)}"
    if days.unread:
        text += f"; not read: {', '.join(days.unread)} (no measure, and no action of conversion_actions.csv)"
    return text


def _late(account: Account, found: Found) -> None:
    late = overdue(account, clock.now())
    last = max((one.days.until for one in found.accepted), default=None)
    if late and (last is None or last < late[0]):
        print(f"{inbox.of_account(account.account_id)}: {late[1]}; days after {last} are not told")


def _template(account: Account) -> int:
    """Write an example of the last week, which is no file of its own until its name says so."""
    place = inbox.of_account(account.account_id)
    place.mkdir(parents=True, exist_ok=True)
    until = account.today(clock.now()) - timedelta(days=1)
    since = until - timedelta(days=6)
    path = place / f"example_{since}_{until}.csv.tmp"
    actions = sorted(account.mapped) or ["reservations"]
    header = [*KEYS, *(name for action in actions for name in (action, action + VALUE))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=account.declared.separator or ",", lineterminator="\n")
        writer.writerow([account.declared.columns.get(name, name) for name in header])
        for n in range(7):
            day = since + timedelta(days=n)
            written = day.strftime(_pattern(account))
            keys = [written, "1", "Brand", account.currency(day) or account.registrations[-1].currency]
            writer.writerow([*keys, *(number for _ in actions for number in ("2", "180"))])
    print(f"{path} is an example; without .tmp at its end it would be read")
    print("columns that are not needed: campaign_id, campaign_name, currency, and values of actions")
    return 0


def _pattern(account: Account) -> str:
    declared = account.declared.date_format
    return declared if declared and declared != "excel" else "%Y-%m-%d"


if __name__ == "__main__":
    sys.exit(main(_command))
