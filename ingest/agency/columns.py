"""The agency's files, column by column: what each may hold."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from core.platforms import platforms
from core.severities import severities
from ingest import spelling
from ingest.agency.files import Column, File

KPI_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
IGNORED = "ignore"


def day(text: str) -> date:
    """Parse a date; raises ``ValueError``."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a date such as 2026-11-24") from None


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser that takes the ``allowed`` words only, in any case."""

    def parse(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return text.lower()

    return parse


def matching(pattern: str, what: str) -> Callable[[str], str]:
    """Return a parser that takes text that matches ``pattern`` in full."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is not {what}")
        return text

    return parse


# What platforms and word processors put between the digits of an account id.
_BETWEEN_DIGITS = re.compile(r"[\s\u00ad\u2010-\u2015\u2212\u200b\u2060-]")


def in_small_letters(parse: Callable[[str], str]) -> Callable[[str], str]:
    """Return ``parse`` for text in any case."""
    return lambda text: parse(text.lower())


def account_id(text: str) -> str:
    """Parse an account id, with or without ``act_``, dashes and spaces, into its digits.

    Raises ``ValueError`` for anything else.
    """
    digits = _BETWEEN_DIGITS.sub("", text.lower().removeprefix("act_"))
    if not re.fullmatch(r"[0-9]{1,20}", digits):
        raise ValueError("is not an account id: digits, with or without act_ and dashes")
    return digits


def currency(text: str) -> str:
    """Parse a currency code, in any case; raises ``ValueError``."""
    code = spelling.currency(text)
    if code not in spelling.currencies():
        raise ValueError("is not a currency code such as EUR")
    return code


def time_zone(text: str) -> str:
    """Parse an IANA time zone, also a link to one, into the zone's own name; raises ``ValueError``."""
    if not spelling.is_zone(text):
        raise ValueError("is not a time zone such as Europe/Warsaw")
    return spelling.zone(text) or text


# More than any account is billed in any currency, and little enough for sums of DECIMAL(18, 6).
_MOST_MONEY = 1_000_000_000
_NUMBER = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?")


def number(text: str) -> Decimal:
    """Parse a decimal number as DuckDB does, and no more of Python's; raises ``ValueError``."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number such as 99.5")
    return Decimal(text)


def price(text: str) -> Decimal:
    """Parse the price of a unit of money; raises ``ValueError``. Models keep six decimals of it."""
    value = number(text)
    if not Decimal("0.000001") <= value <= 1_000_000:
        raise ValueError("is not a price from 0.000001 to 1000000")
    return value


def amount(text: str) -> Decimal:
    """Parse an amount of money, below zero too; raises ``ValueError``. Models keep six decimals of it."""
    value = number(text)
    if abs(value) > _MOST_MONEY:
        raise ValueError(f"is not an amount from -{_MOST_MONEY} to {_MOST_MONEY}")
    return value


def month(text: str) -> date:
    """Parse a month, or its first day, into its first day; raises ``ValueError``."""
    try:
        found = day(text if len(text) > len("2026-11") else f"{text}-01")
    except ValueError:
        found = None
    if found is None or found.day != 1:
        raise ValueError("is not a month such as 2026-11")
    return found


def percent(text: str) -> Decimal:
    """Parse a share from 0 to 100; raises ``ValueError``."""
    value = number(text)
    if not 0 <= value <= 100:
        raise ValueError("is not a percentage from 0 to 100")
    return value


def truth(text: str) -> bool:
    """Parse ``true`` or ``false``; raises ``ValueError``."""
    if text.lower() not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text.lower() == "true"


# Folders of the site are called by it, and index.html is the page that lists them.
_ID = matching(
    r"(?!(?i:index\.html)$)[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}",
    "an id: a letter or digit first, and at most 64 letters, digits, '_', '-' and '.', but not index.html",
)
_RULE = in_small_letters(matching(r"[a-z][a-z0-9_]*", "the name of a rule"))


def _platform(text: str) -> str:
    return one_of(*platforms())(text)


def _severity(text: str) -> str:
    return one_of(*severities())(text)


_KPI = in_small_letters(
    matching(KPI_NAME.pattern, f"the name of a KPI: letters, digits and '_', or {IGNORED!r}")
)

_ADJUSTMENT = in_small_letters(
    matching(r"[a-z][a-z0-9 _-]{0,63}", "the name of an adjustment: letters, digits, spaces, '_' and '-'")
)

CLIENTS = File(
    "clients.csv",
    {
        "client_id": Column(_ID, filled=True),
        "client_name": Column(filled=True),
        "started_on": Column(day, filled=True),
        "ended_on": Column(day),
        "completeness_target": Column(percent),
        "owner": Column(),
    },
    identity=("client_id",),
    filled=True,
)
ACCOUNTS = File(
    "accounts.csv",
    {
        "account_id": Column(account_id, filled=True),
        "platform": Column(_platform, filled=True),
        "client_id": Column(_ID, filled=True),
        "currency": Column(currency, filled=True),
        "timezone": Column(time_zone, filled=True),
        "conversion_tracking": Column(truth, filled=True),
        "started_on": Column(day, filled=True),
        "ended_on": Column(day),
    },
    identity=("platform", "account_id"),
    filled=True,
)
CONVERSION_ACTIONS = File(
    "conversion_actions.csv",
    {
        "platform": Column(_platform, filled=True),
        "client_id": Column(_ID),
        "action_type": Column(filled=True),
        "kpi": Column(_KPI, filled=True),
        "basis": Column(one_of("conversions", "all_conversions"), needed=False, default="conversions"),
        "valid_from": Column(day, needed=False),
        "valid_to": Column(day, needed=False),
    },
    identity=("platform", "client_id", "action_type"),
)
RULES = File(
    "rules.csv",
    {
        "rule": Column(_RULE, filled=True),
        "severity": Column(_severity, filled=True),
        "blocks": Column(one_of("no", "day", "release"), filled=True),
        "parameter": Column(),
        "value": Column(number),
        "client_id": Column(_ID),
        "mode": Column(one_of("live", "shadow"), default="live"),
    },
    identity=("rule", "parameter", "client_id"),
)
WAIVERS = File(
    "waivers.csv",
    {
        "rule": Column(_RULE, filled=True),
        "client_id": Column(_ID),
        "platform": Column(_platform),
        "from_date": Column(day, filled=True),
        "to_date": Column(day, filled=True),
        "reason": Column(filled=True),
        "expires_on": Column(day, filled=True),
    },
    identity=("rule", "client_id", "platform", "from_date"),
)
RATES = File(
    "rates.csv",
    {
        "currency": Column(currency, filled=True),
        "date": Column(day, filled=True),
        "pln": Column(price, filled=True),
    },
    identity=("currency", "date"),
)
SETTINGS = File(
    "settings.csv",
    {
        "setting": Column(in_small_letters(str), filled=True),
        "value": Column(filled=True),
    },
    needed=False,
    identity=("setting",),
)
INVOICES = File(
    "invoices.csv",
    {
        "client_id": Column(_ID, filled=True),
        "platform": Column(_platform, filled=True),
        "account_id": Column(account_id, filled=True),
        "month": Column(month, filled=True),
        "currency": Column(currency, filled=True),
        "amount": Column(amount, filled=True),
        "tax": Column(amount, needed=False),
        "adjustment": Column(_ADJUSTMENT, needed=False),
    },
    needed=False,
    # An account may have several invoices in a month, and several adjustments of one name: they are added.
    identity=("client_id", "platform", "account_id", "month", "adjustment"),
)
