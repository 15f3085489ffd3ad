"""The rows that register a client, ready to be pasted; the agency's files are never written to."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from core.platforms import platforms
from ingest.access import ReachedAccount, SeenAction
from ingest.agency.columns import IGNORED
from ingest.agency.files import File, Line
from ingest.onboarding.mapping import Judged

Row = dict[str, str]

COMPLETENESS_TARGET = "99.5"


def client_row(client_id: str, name: str, since: date) -> Row:
    """Return the client's line of clients.csv; its owner is for the agency to name."""
    return {
        "client_id": client_id,
        "client_name": name,
        "started_on": since.isoformat(),
        "completeness_target": COMPLETENESS_TARGET,
    }


def account_row(account: ReachedAccount, client_id: str, since: date, *, tracking: bool) -> Row:
    """Return the account's line of accounts.csv."""
    return {
        "account_id": account.account_id,
        "platform": account.platform,
        "client_id": client_id,
        "currency": account.currency,
        "timezone": account.timezone,
        "conversion_tracking": "true" if tracking else "false",
        "started_on": since.isoformat(),
    }


def action_row(platform: str, client_id: str, action: SeenAction, kpi: str) -> Row:
    """Return the line of conversion_actions.csv that makes ``action`` count as ``kpi``.

    What Google counts under ``conversions`` is only what is primary.
    """
    counts = kpi != IGNORED and platforms()[platform].counts_twice
    basis = ("conversions" if action.primary else "all_conversions") if counts else ""
    return {
        "platform": platform,
        "client_id": client_id,
        "action_type": action.name,
        "kpi": kpi,
        "basis": basis,
    }


def action_rows(platform: str, client_id: str, judged: Iterable[Judged]) -> list[Row]:
    """Return the lines of conversion_actions.csv for the actions that no line maps and that are certain."""
    return [
        action_row(platform, client_id, one.action, one.kpi) for one in judged if one.kpi and not one.line
    ]


def default_row(line: Line) -> Row:
    """Return a default line as a row."""
    return {name: line[name] or "" for name in ("platform", "client_id", "action_type", "kpi")}


def as_csv(folder: Path, file: File, rows: Sequence[Row]) -> str:
    """Return ``rows`` as lines of the agency's ``file``, in the order of the columns that it has there."""
    written = io.StringIO()
    columns = header(folder, file)
    writer = csv.DictWriter(written, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writerows({tuple(row.items()): row for row in rows}.values())
    return written.getvalue()


def header(folder: Path, file: File) -> list[str]:
    """Return the columns of the agency's ``file``, or those it should have if it cannot be read."""
    try:
        with (folder / file.name).open(encoding="utf-8-sig", newline="") as handle:
            found = [name.strip() for name in next(csv.reader(handle), [])]
    except (OSError, UnicodeDecodeError, csv.Error):
        found = []
    needed = {name for name, column in file.columns.items() if column.needed}
    return found if needed <= set(found) else list(file.columns)
