"""The agency's files, column by column: what each may hold."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

import duckdb

from ingest.agency_files import Column, File
from ingest.registry import PLATFORMS

# ISO 4217.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF
XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
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
    """Return a parser that takes the ``allowed`` words only."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"is none of {', '.join(allowed)}")
        return text

    return parse


def matching(pattern: str, what: str) -> Callable[[str], str]:
    """Return a parser that takes text that matches ``pattern`` in full."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is not {what}")
        return text

    return parse


def account_id(text: str) -> str:
    """Parse an account id, with or without ``act_`` and dashes, into its digits; raises ``ValueError``."""
    digits = text.removeprefix("act_").replace("-", "")
    if not re.fullmatch(r"[0-9]{1,20}", digits):
        raise ValueError("is not an account id: digits, with or without act_ and dashes")
    return digits


def currency(text: str) -> str:
    """Parse a currency code; raises ``ValueError``."""
    if text not in CURRENCIES:
        raise ValueError("is not a currency code such as EUR")
    return text


# An installation's own, and one for a machine that has not been told where it is.
_NOWHERE = frozenset({"localtime", "Factory"})


@cache
def _modelled_zones() -> frozenset[str]:
    with duckdb.connect() as memory:
        return frozenset(
            name for (name,) in memory.execute("select name from pg_timezone_names()").fetchall()
        )


def time_zone(text: str) -> str:
    """Parse an IANA time zone that both the planner and the models know; raises ``ValueError``."""
    try:
        ZoneInfo(text)
        if text in _NOWHERE or text not in _modelled_zones():
            raise ValueError
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError("is not a time zone such as Europe/Warsaw") from None
    return text


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


# Pages of the site are called by it.
_ID = matching(
    r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}",
    "an id: a letter or digit first, and at most 64 letters, digits, '_', '-' and '.'",
)
_RULE = matching(r"[a-z][a-z0-9_]*", "the name of a rule")
_KPI = matching(KPI_NAME.pattern, f"the name of a KPI: small letters, digits and '_', or {IGNORED!r}")
_PLATFORM = one_of(*PLATFORMS)

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
    filled=True,
)
ACCOUNTS = File(
    "accounts.csv",
    {
        "account_id": Column(account_id, filled=True),
        "platform": Column(_PLATFORM, filled=True),
        "client_id": Column(_ID, filled=True),
        "currency": Column(currency, filled=True),
        "timezone": Column(time_zone, filled=True),
        "conversion_tracking": Column(truth, filled=True),
        "started_on": Column(day, filled=True),
        "ended_on": Column(day),
    },
    filled=True,
)
CONVERSION_ACTIONS = File(
    "conversion_actions.csv",
    {
        "platform": Column(_PLATFORM, filled=True),
        "client_id": Column(_ID),
        "action_type": Column(filled=True),
        "kpi": Column(_KPI, filled=True),
        "basis": Column(one_of("conversions", "all_conversions"), needed=False, default="conversions"),
        "valid_from": Column(day, needed=False),
        "valid_to": Column(day, needed=False),
    },
)
RULES = File(
    "rules.csv",
    {
        "rule": Column(_RULE, filled=True),
        "severity": Column(one_of("critical", "high", "medium", "low"), filled=True),
        "blocks": Column(one_of("no", "day", "release"), filled=True),
        "parameter": Column(),
        "value": Column(number),
        "client_id": Column(_ID),
        "mode": Column(one_of("live", "shadow"), default="live"),
    },
)
WAIVERS = File(
    "waivers.csv",
    {
        "rule": Column(_RULE, filled=True),
        "client_id": Column(_ID),
        "platform": Column(_PLATFORM),
        "from_date": Column(day, filled=True),
        "to_date": Column(day, filled=True),
        "reason": Column(filled=True),
        "expires_on": Column(day, filled=True),
    },
)
RATES = File(
    "rates.csv",
    {
        "currency": Column(currency, filled=True),
        "date": Column(day, filled=True),
        "pln": Column(price, filled=True),
    },
)
