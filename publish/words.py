"""How figures, days and stretches of time are said to a person."""

import shlex
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from core.tables import variable

Span = tuple[date, date]


def day(value: date) -> str:
    """Say a date: ``21 November 2026``."""
    return f"{value.day} {value:%B %Y}"


def span(value: Span) -> str:
    """Say days from first to last, both included: ``3 to 5 November 2026``."""
    first, last = value
    if first == last:
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%B} to {day(last)}"
    return f"{day(first)} to {day(last)}"


def spans(values: Sequence[Span], limit: int = 4) -> str:
    """Say several stretches, newest first, and how many more there are."""
    newest = sorted(values, reverse=True)
    told = ", ".join(span(value) for value in newest[:limit])
    return f"{told} and {len(newest) - limit} earlier stretches" if len(newest) > limit else told


def instant(value: datetime) -> str:
    """Say an instant in UTC: ``24 November 2026, 06:00 UTC``."""
    return f"{day(value.date())}, {value:%H:%M} UTC"


def age(length: timedelta) -> str:
    """Say how long ago: ``12 min``, ``5 h``, ``3 days``."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def counted(count: int, one: str, many: str | None = None) -> str:
    """Say ``1 day`` or ``3 days``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def heal_command(client_id: str, platform: str, days: Sequence[Span]) -> str:
    """Return the command that collects these days again; ready for a shell."""
    first, last = min(first for first, _ in days), max(last for _, last in days)
    who = f"CLIENT={shlex.quote(client_id)} PLATFORM={shlex.quote(platform)}"
    return f"make backfill {who} FROM={first} TO={last}"


def money(amount: Decimal | None, currency: str) -> str:
    """Say an amount with the decimals of its currency: ``1,234.50``; nothing for None."""
    decimals = 0 if currency in variable("whole_currencies") else 2
    return "" if amount is None else f"{amount:,.{decimals}f}"
