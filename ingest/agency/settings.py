"""The settings of the agency: what ``settings.csv`` may set, and what each may be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.tables import table
from ingest.agency.columns import currency


@dataclass(frozen=True)
class Setting:
    """A row of ``settings``: ``value`` holds where the file says nothing, ``kind`` says what it may be."""

    name: str
    kind: str
    value: str
    meaning: str


_KINDS: Mapping[str, Callable[[str], Any]] = {"currency": currency}


@cache
def settings() -> dict[str, Setting]:
    """Return the settings by name."""
    return table("settings", Setting)


def check(setting: str, value: str) -> None:
    """Raise ``ValueError``, with the reason, for a ``value`` that the known ``setting`` cannot have."""
    _KINDS[settings()[setting].kind](value)
