"""``python -m alerts``: send what waits, try the channels, look at what is open, and silence it."""

import argparse
import sys
from datetime import datetime

import duckdb

from alerts import ledger, outbox, silences
from alerts.channels import Recipients
from core import clock, log
from core.cli import main
from core.errors import UserError
from core.settings import Settings

_OPEN = """
select arg_max(severity, number), arg_max(title, number), strftime(min(happened_at), '%Y-%m-%d %H:%M UTC')
from told.events
group by incident
having arg_max(kind, number) <> 'resolved'
order by 1, 2
"""
_SAMPLE = (
    "wholeday test: this channel works",
    "This is what a message of wholeday looks like; nothing is wrong. A real one says what happened to which"
    " client and day, what it means for the figures, and the command that helps.",
)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m alerts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("deliver", help="send what waits in the outbox; for a schedule between the runs")
    commands.add_parser("test", help="send a sample to every channel, and say which ones work")
    commands.add_parser("list", help="list what is open, what is silenced, and what waits to be sent")
    silence = commands.add_parser("silence", help="say nothing of some incidents for a while")
    silence.add_argument("--match", required=True, help="part of an incident's name or title; * for anything")
    silence.add_argument(
        "--until", required=True, help="ISO 8601 with offset, such as 2026-12-01T08:00:00+01:00"
    )
    silence.add_argument("--reason", required=True)
    silence.add_argument("--by", required=True, help="your name")
    unsilence = commands.add_parser("unsilence", help="end a silence")
    unsilence.add_argument("id")
    return parser.parse_args(arguments)


def command() -> int:
    """Run the command that was asked for; return its exit status."""
    asked = parse(sys.argv[1:])
    settings, now = Settings.from_env(), clock.now()
    log.configure(settings, command=f"alerts {asked.command}")
    recipients = Recipients.configured()
    if asked.command in ("deliver", "test") and not recipients.channels:
        raise UserError("no channel is configured: set WHOLEDAY_ALERTS, see docs/alerts.md")
    if asked.command == "test":
        return _test(recipients)
    with ledger.opened(settings, now) as file:
        match asked.command:
            case "deliver":
                done = outbox.deliver(file, recipients, now)
                print(f"wholeday: alerts sent: {done.sent}; kept, to be tried again: {done.waiting}")
                return 1 if done.waiting else 0
            case "silence":
                until = clock.instant(asked.until, "--until")
                made = silences.add(file, asked.match, until, asked.reason, asked.by, now)
                print(f"wholeday: silenced until {_told(until)}; python -m alerts unsilence {made} ends it")
            case "unsilence":
                silences.end(file, asked.id, now)
                print(f"wholeday: silence {asked.id} is ended; what is still open is told with the next run")
            case _:
                _list(file, recipients)
    return 0


def _test(recipients: Recipients) -> int:
    worked = [outbox.send(channel, *_SAMPLE) for channel in recipients.channels]
    for channel, works in zip(recipients.channels, worked, strict=True):
        told = "sent" if works else "did not arrive: check the address in WHOLEDAY_ALERTS, and the network"
        print(f"{'✓' if works else '✕'} {channel.name}: {told}")
    return 0 if all(worked) else 1


def _list(file: duckdb.DuckDBPyConnection, recipients: Recipients) -> None:
    rows = file.execute(_OPEN).fetchall()
    print(f"Open: {len(rows)}")
    for severity, title, since in rows:
        print(f"  {severity:<8} {title}, told since {since}")
    held = silences.in_force(file)
    print(f"Silenced: {len(held)}")
    for silence in held:
        whose = f"until {silence.until}, {silence.silenced_by}: {silence.reason}"
        print(f"  {silence.silence_id} {silence.pattern} {whose}")
    waiting = dict(
        file.execute(
            "select channel, count(*) from told.deliveries where state = 'pending' group by all"
        ).fetchall()
    )
    print(f"Waiting to be sent: {sum(waiting.values())}")
    for channel in recipients.channels:
        print(f"  {channel.name}: {waiting.get(channel.key, 0)}")


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


if __name__ == "__main__":
    main(command)
