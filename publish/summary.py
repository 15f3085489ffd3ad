"""The short summary that ends ``make run``, and the table of checks that ``make health`` prints."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.table import Table
from rich.text import Text

from core.screen import Screen
from core.settings import ROOT, Settings
from publish import health
from publish.health import Described
from publish.picture import QUEUED, Check, Client, Picture
from publish.words import counted, day, spans

GLYPHS = {"pass": "✓", "warn": "▲", "fail": "✕"}
_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red"}
_STATUS_STYLES = {"healthy": "green", "warning": "yellow", "critical": "bold red"}

# What a terminal shows at a glance; the page has them all.
_SHOWN = 8
# So many clients are named in the verdict, more are counted.
_NAMED = 3


def verdict_sentence(picture: Picture) -> str:
    """Say how many clients are whole: "14 of 16 clients whole for 21 November 2026; 2 need you".

    Counted are those whose last closed day it is; the others are told after them, each with its own.
    """
    if not picture.days:
        return "Which clients are whole is not known: the build did not come to it"
    (newest, most), *others = picture.days
    told = [f"{_whole(most)} of {counted(len(most), 'client')} whole for {day(newest)}"]
    told += [_elsewhere(last_day, clients) for last_day, clients in others]
    needy = sum(client.needs_someone for client in picture.active)
    if needy:
        told[-1] += f"; {needy} {'needs' if needy == 1 else 'need'} you"
    return ", ".join(told)


def _whole(clients: Sequence[Client]) -> int:
    return sum(client.is_whole for client in clients)


def _elsewhere(last_day: date, clients: Sequence[Client]) -> str:
    """Say whether clients are whole whose day ends earlier or later than that of most: a few by name."""
    whose = "its" if len(clients) == 1 else "their"
    if len(clients) > _NAMED:
        told = f"{_whole(clients)} of {len(clients)} for {day(last_day)}"
    else:
        whole = " and ".join(client.name for client in clients if client.is_whole)
        rest = " and ".join(client.name for client in clients if not client.is_whole)
        parts = (
            f"{whole} for {day(last_day)}" if whole else "",
            f"{rest} not for {day(last_day)}" if rest else "",
        )
        told = " and ".join(part for part in parts if part)
    return f"{told}, {whose} last closed day"


def show(
    settings: Settings,
    picture: Picture,
    described: Described,
    checks: tuple[Check, ...],
    notes: tuple[str, ...] = (),
) -> None:
    """Print what was collected, what is not whole and why, the health, the verdict, and where to look."""
    console = Screen()
    told = (("Note", Text(note, style="yellow")) for note in notes)
    for label, text in (*_lines(settings, picture, described, checks), *told):
        # Soft wrapping leaves a command in one piece, to be copied.
        console.print(Text.assemble((f"{label:<10}", "bold"), " ", text), soft_wrap=True)


def _lines(
    settings: Settings, picture: Picture, described: Described, checks: tuple[Check, ...]
) -> Iterator[tuple[str, Text]]:
    sandbox = picture.run is not None and picture.run.api == "sandbox"
    yield "Run", Text(described.run_id + (" · sandbox data, no real figures" if sandbox else ""))
    for source in (source for source in picture.sources if source.is_own):
        told = (
            f"{source.platform}: {counted(source.accounts, 'account')},"
            f" {counted(source.requests, 'request')}, {counted(source.rows, 'row')}"
        )
        yield "Collected", Text(told + (f", {source.failed} failed" if source.failed else ""))
    asked, healed = picture.healing
    if asked:
        yield "Healed", Text(f"{healed} of {counted(asked, 'account-day')} that needed it")
    yield "Whole", Text(verdict_sentence(picture))
    yield from _gaps(picture)
    found = health.status(checks)
    score = f"{picture.score.score:.1f} of 100, " if picture.score else ""
    yield "Health", Text(f"{score}{found}", style=_STATUS_STYLES[found])
    for check in [check for check in health.causes(checks) if check.name != "release"][:_SHOWN]:
        yield "", Text(f"{GLYPHS[check.status]} {check.name}: {check.message}", style=_STYLES[check.status])
        if following := health.following(checks, check):
            yield "", Text(f"  from it follow {', '.join(following)}", style=_STYLES["warn"])
    style = _STYLES[described.release.status]
    yield "Verdict", Text("published" if described.published else described.reason, style=style)
    yield "Release", Text(_short(settings.release) if settings.release.exists() else "none yet")
    yield "Site", Text(_short(settings.site / "index.html"))


def _gaps(picture: Picture) -> Iterator[tuple[str, Text]]:
    for gap in picture.troubles[:_SHOWN]:
        told = f"{gap.client_name} ({gap.client_id}), {gap.platform}, {spans(gap.spans)}: {gap.reason}"
        yield "Not whole", Text(told, style="yellow")
        yield "", Text(f"{gap.before} {gap.command}".lstrip())
    if len(picture.troubles) > _SHOWN:
        yield "", Text(f"and {len(picture.troubles) - _SHOWN} more on the page")
    queued = sum(gap.days for gap in picture.gaps if gap.reason == QUEUED)
    if queued:
        yield (
            "Queued",
            Text(f"{counted(queued, 'client-day')} wait for the first collection: their turn comes"),
        )


def show_checks(checks: tuple[Check, ...], status: str) -> None:
    """Print every check with its status, what was observed and what was expected."""
    console = Screen()
    table = Table("", "check", "severity", "observed", "expected", "message", box=None, header_style="bold")
    for check in checks:
        style = _STYLES[check.status]
        table.add_row(
            Text(f"{GLYPHS[check.status]} {check.status}", style=style),
            *(
                Text(part or "")
                for part in (check.name, check.severity, check.observed, check.expected, check.message)
            ),
        )
    console.print(table)
    console.print(Text(f"Health: {status}", style=_STATUS_STYLES[status]))


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
