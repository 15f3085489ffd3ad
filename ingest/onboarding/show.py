"""An onboarding on a terminal: tables to read, and rows to paste that no line break has touched."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.platforms import platforms
from core.screen import Screen
from ingest.agency.columns import ACCOUNTS, CLIENTS, CONVERSION_ACTIONS
from ingest.agency.files import File
from ingest.onboarding import rows
from ingest.onboarding.choice import Candidate
from ingest.onboarding.estimate import Estimate
from ingest.onboarding.mapping import Judged
from ingest.onboarding.proposal import Proposal
from ingest.onboarding.rows import Row
from ingest.onboarding.undecided import Candidates

# For a file or a pipe, which have no width of their own.
WIDTH = 160
# Stands before a row that is a guess.
MARK = "# "


def console() -> Console:
    """Return the console that everything is printed to; names of accounts are no markup."""
    return Screen(width=WIDTH)


def accounts(screen: Console, candidates: Sequence[Candidate]) -> None:
    """Print every account that the credentials reach, and whom it is registered for."""
    table = Table("", "platform", "account", "name", "currency", "time zone", "registered for", "remark")
    for one in candidates:
        account = one.account
        table.add_row(
            "→" if one.taken else "",
            account.platform,
            account.account_id,
            account.name,
            account.currency,
            account.timezone,
            ", ".join(
                f"{r.client_id} (to {r.ended_on})" if r.ended_on else r.client_id for r in one.registered
            ),
            one.because or account.closed,
        )
    screen.print(f"\n{len(candidates)} accounts are within reach of the credentials:")
    screen.print(table)


def actions(screen: Console, candidate: Candidate, judged: Iterable[Judged]) -> None:
    """Print the actions of one account with their counts, and what each counts as."""
    account = candidate.account
    overlap = platforms()[account.platform].types_overlap
    table = Table("action", "event" if overlap else "category")
    table.add_column("count", justify="right")
    if not overlap:
        table.add_column("all", justify="right")
        table.add_column("primary")
    table.add_column("value", justify="right")
    table.add_column("counts as")
    table.add_column("why")
    listed = list(judged)
    together = Counter(one.family for one in listed)
    for one in listed:
        action = one.action
        label = action.name if overlap else f"{action.name} [{action.action_id}]"
        # A type that shares its event with no other says nothing by naming it.
        event = one.family if not overlap or together[one.family] > 1 else ""
        cells = [label, event, _number(action.conversions)]
        if not overlap:
            primary = {True: "yes", False: "no", None: ""}[action.primary]
            cells += [_number(action.all_conversions), primary]
        counts_as = one.line or (f"{one.kpi} (certain)" if one.kpi else "decide")
        why = one.because or "a line in conversion_actions.csv"
        table.add_row(*cells, _number(action.value), counts_as, why)
    title = platforms()[account.platform].title
    screen.print(f"\n{title} account {account.account_id} ({account.name}), actions of the last 30 days:")
    if overlap:
        screen.print("Types of one event overlap: map at most one of them, and the others as ignore.")
    screen.print(table if table.row_count else "none were counted")


def proposal(screen: Console, folder: Path, found: Proposal) -> None:
    """Print the rows to paste, one block per file, and what to look at in them."""
    for file, proposed in (
        (CLIENTS, found.client),
        (ACCOUNTS, found.accounts),
        (CONVERSION_ACTIONS, found.actions),
    ):
        if proposed:
            screen.print(f"\nAppend to {folder / file.name}:", soft_wrap=True)
            screen.print()
            screen.print(rows.as_csv(folder, file, proposed), end="", soft_wrap=True)
    _undecided(screen, folder, found.undecided)
    written = [*found.actions, *(row for one in found.undecided for row in one.rows)]
    if remarks := [*found.remarks, *_columns_missing(folder, CONVERSION_ACTIONS, written)]:
        screen.print()
    for remark in remarks:
        screen.print(f"- {remark}", soft_wrap=True)


def _undecided(screen: Console, folder: Path, found: Sequence[Candidates]) -> None:
    """Print the candidate rows as comments, so that a row without a decision maps nothing."""
    if not found:
        return
    file = CONVERSION_ACTIONS
    screen.print(
        f"\nDecide about each of these actions. The KPI is a guess: correct it, remove {MARK!r} before the"
        f" row, then append it to {folder / file.name}:",
        soft_wrap=True,
    )
    for one in found:
        screen.print(f"\n{one.action}: {one.because}", soft_wrap=True)
        for line in rows.as_csv(folder, file, one.rows).splitlines():
            screen.print(f"{MARK}{line}", soft_wrap=True)


def estimates(screen: Console, found: Iterable[Estimate]) -> None:
    """Print what the first backfill will take."""
    screen.print()
    for one in found:
        runs = "one run" if one.runs == 1 else f"{one.runs} runs"
        screen.print(
            f"First backfill on {platforms()[one.platform].title}: {one.days:,} account-days with about"
            f" {one.requests:,} requests, in {runs}.",
            soft_wrap=True,
        )


def _columns_missing(folder: Path, file: File, proposed: Sequence[Row]) -> Iterable[str]:
    if any(row.get("basis") == "all_conversions" for row in proposed) and "basis" not in rows.header(
        folder, file
    ):
        yield f"{file.name} lacks the column basis: add it, with all_conversions for what is not primary"


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")
