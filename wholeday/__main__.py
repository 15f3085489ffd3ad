"""``python -m wholeday``: the pipeline, and the steps that belong to no single room."""

import argparse
import sys

from core.cli import day, main
from core.platforms import platforms
from core.settings import Settings


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; imports wait until the command is known, since they take seconds."""
    parser = argparse.ArgumentParser(prog="python -m wholeday", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="the whole pipeline")
    build = commands.add_parser("build", help="build the candidate")
    build.add_argument("--as-of", help="as it would have been at this instant, from what was known then")
    build.add_argument("--wait", action="store_true", help="parse, then wait for a line on standard input")
    backfill = commands.add_parser("backfill", help="collect days of a client again, then build and publish")
    backfill.add_argument("--client", required=True)
    backfill.add_argument("--from", dest="from_date", type=day, required=True, metavar="DATE")
    backfill.add_argument("--to", dest="to_date", type=day, required=True, metavar="DATE")
    backfill.add_argument("--platform", choices=list(platforms()))
    commands.add_parser("health", help="judge the published release against the clock")
    commands.add_parser("clean", help="remove what was generated, never the ledger or releases")
    doctor = commands.add_parser("doctor", help="look at everything a run needs; changes nothing")
    doctor.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args(arguments)


def command() -> int:
    """Run the command that was asked for; returns its exit status."""
    asked = parse(sys.argv[1:])
    settings = Settings.from_env()
    match asked.command:
        case "run":
            from wholeday.run import run

            return run(settings)
        case "backfill":
            from ingest.collect.planner import BackfillRequest
            from wholeday.run import run

            request = BackfillRequest(asked.client, asked.from_date, asked.to_date, asked.platform)
            return run(settings, request)
        case "build":
            from wholeday.build import build, serve_builds

            if asked.wait:
                serve_builds(settings)
            return build(settings, asked.as_of)
        case "clean":
            from wholeday.clean import clean

            return clean(settings)
        case "doctor":
            from wholeday.doctor.command import doctor

            return doctor(settings, as_json=asked.json)
        case _:
            from wholeday.health import health

            return health(settings)


if __name__ == "__main__":
    main(command)
