"""``python -m ingest``: collect, check the agency's files, collect days again."""

import argparse
import sys

from core.cli import day, main
from core.lock import warehouse_lock
from core.platforms import platforms
from core.settings import Settings
from ingest.agency import registrations as agency
from ingest.client.sources import api_mode
from ingest.collect.planner import BackfillRequest


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("collect", help="collect what is needed and land it in the ledger")
    commands.add_parser("check", help="check the agency's files and the settings; asks no platform")
    backfill = commands.add_parser("backfill", help="collect a client's days again; safe to repeat")
    backfill.add_argument("--client", required=True, help="the client's id in clients.csv")
    backfill.add_argument("--from", dest="since", required=True, type=day, metavar="DATE")
    backfill.add_argument("--to", dest="until", required=True, type=day, metavar="DATE")
    backfill.add_argument("--platform", choices=sorted(platforms()), help="one platform only")
    onboard = commands.add_parser("onboard", help="propose the rows that register a client; writes nothing")
    onboard.add_argument("--client", required=True, help="the id the client has or will have in clients.csv")
    onboard.add_argument("--account", action="extend", nargs="+", default=[], help="ids of its accounts")
    onboard.add_argument("--since", type=day, metavar="DATE", help="first day that is wanted")
    return parser


def _command() -> int:
    asked = _parser().parse_args()
    settings = Settings.from_env()
    if asked.command == "check":
        return _check(settings)
    if asked.command == "onboard":
        from ingest.onboarding.command import onboard

        return onboard(settings, asked.client, asked.account, asked.since)
    request = None
    if asked.command == "backfill":
        request = BackfillRequest(asked.client, asked.since, asked.until, asked.platform)
    return _collect(settings, asked.command, request)


def _check(settings: Settings) -> int:
    from ingest.client.source_spec import load_settings

    api = api_mode()
    sources = load_settings(api)
    registered, problems = agency.examine(settings)
    for problem in problems:
        print(problem)
    for name, source in sources.items():
        if api == "live" and source.missing and registered.accounts(name):
            print(f"{source.platform.title} is not configured: set {', '.join(source.missing)}")
    clients, accounts = len(registered.clients), len(registered.registrations)
    print(f"{clients} clients, {accounts} accounts, {len(problems)} problems in {settings.agency}")
    return 0 if all(problem.bearable for problem in problems) else 1


def _collect(settings: Settings, command: str, request: BackfillRequest | None) -> int:
    from ingest.collect.step import begin_and_collect

    agency.check(settings)
    with warehouse_lock(settings, f"python -m ingest {command}"):
        _, summary = begin_and_collect(settings, command, request)
    print(summary)
    for problem in (*summary.problems, *summary.remarks, *summary.told):
        print(problem, file=sys.stderr)
    return 1 if summary.problems else 0


if __name__ == "__main__":
    main(_command)
