"""``files.csv``: the declared format of the files of an account, and when one is expected."""

import codecs
import re
from datetime import date

from ingest.agency.columns import account_id, one_of, truth
from ingest.agency.files import Column, File

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
DECIMALS = {"point": ".", "comma": ","}
THOUSANDS = {"point": ".", "comma": ",", "space": " ", "apostrophe": "'"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A spreadsheet counts days from 1900; a date there is one of these numbers.
EXCEL = "excel"
_TOKENS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d"}


def _mark(marks: dict[str, str], text: str) -> str:
    """Return the word for one of ``marks``, which may be written as the mark itself."""
    words = {mark: word for word, mark in marks.items()}
    return words.get(text) or one_of(*marks)(text)


def date_format(text: str) -> str:
    """Parse a format such as ``DD.MM.YYYY`` or ``%d.%m.%Y``, or ``excel``; raises ``ValueError``."""
    if text.lower() == EXCEL:
        return EXCEL
    pattern = text
    if "%" not in text:
        for token, code in _TOKENS.items():
            pattern = pattern.replace(token, code)
    if sorted(re.findall(r"%(.)", pattern)) not in (["Y", "d", "m"], ["d", "m", "y"]):
        raise ValueError("is no format of dates such as DD.MM.YYYY")
    date(2026, 11, 24).strftime(pattern)
    return pattern


def encoding(text: str) -> str:
    """Parse the name of an encoding of text; raises ``ValueError``."""
    try:
        name = codecs.lookup(text).name
        "a".encode(name).decode(name)
    except (LookupError, TypeError, UnicodeError):
        raise ValueError("is no encoding such as utf-8 or windows-1250") from None
    return name


def whole(most: int) -> "type[int]":
    """Return a parser of whole numbers from 0 to ``most``."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > most:
            raise ValueError(f"is not a whole number from 0 to {most}")
        return int(text)

    return parse  # type: ignore[return-value]


def weekday(text: str) -> int:
    """Parse a day of the week, by name or as 1 (Monday) to 7; raises ``ValueError``."""
    for number, name in enumerate(WEEKDAYS, start=1):
        if text.lower() in (name, name[:3], str(number)):
            return number
    raise ValueError(f"is none of {', '.join(WEEKDAYS)}")


def columns(text: str) -> str:
    """Parse ``date=Datum; reservations=Buchungen``: our names and the file's; raises ``ValueError``."""
    named(text)
    return text


def named(text: str | None) -> dict[str, str]:
    """Return the file's name of each column of ours; raises ``ValueError``."""
    pairs: dict[str, str] = {}
    for part in filter(None, map(str.strip, (text or "").split(";"))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not ours or (equals and not theirs) or ours in pairs:
            raise ValueError("is no list such as date=Datum; reservations=Buchungen, each name once")
        pairs[ours] = theirs or ours
    if pairs and len(set(pairs.values())) < len(pairs):
        raise ValueError("names a column of the file twice")
    return pairs


FILE_FORMATS = File(
    "files.csv",
    {
        "account_id": Column(account_id, filled=True),
        "separator": Column(lambda text: _mark(SEPARATORS, text), needed=False),
        "decimal": Column(lambda text: _mark(DECIMALS, text), needed=False),
        "thousands": Column(lambda text: _mark(THOUSANDS, text), needed=False),
        "date_format": Column(date_format, needed=False),
        "encoding": Column(encoding, needed=False),
        "sheet": Column(needed=False),
        "header_row": Column(whole(999), needed=False),
        "columns": Column(columns, needed=False),
        "in_total": Column(truth, needed=False, default=False),
        "expected_weekday": Column(weekday, needed=False),
        "expected_hour": Column(whole(23), needed=False),
    },
    needed=False,
    identity=("account_id",),
)
LEFT_OUT = "the account has no declared format until then"
