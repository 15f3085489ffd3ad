"""What is injected, read from ``kinds.toml``, and the sandbox's fault rules that say it for a client."""

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

KINDS = Path(__file__).with_name("kinds.toml")
# Effects on whole answers: they strike every day that is asked for together with the trial's.
_WIDE = {"status", "body", "truncate", "cut", "empty", "cut_page", "account"}


@dataclass(frozen=True)
class Kind:
    """One kind of fault, or one legitimate event (``rules`` is empty then)."""

    name: str
    is_fault: bool
    rules: frozenset[str] = frozenset()
    platform: str = ""
    """Only this one; both in turn if empty."""
    days: tuple[int, int] = (0, 6)
    match: dict[str, Any] = field(default_factory=dict)
    effect: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    google: dict[str, Any] = field(default_factory=dict)
    copy_of: int | None = None
    """Serve the figures of this day instead."""
    serve_other: bool = False
    """Serve the figures of the account before it in the batch."""
    partial: bool = False
    """The first collection sees the day as it looked in the afternoon."""
    scored: bool = True
    started: int = -100
    """The account's first day."""
    ended: int | None = None
    tracking: bool = True

    def rules_for(self, platform: str, account: str, other: str, day: date) -> list[dict[str, Any]]:
        """Return the sandbox's fault rules for ``account`` in a trial of ``day``."""
        effect = dict(self.effect or getattr(self, platform))
        if self.copy_of is not None:
            effect["from_day"] = str(day + timedelta(self.copy_of - (1 if self.copy_of == 0 else 0)))
        if self.serve_other:
            effect["serve_account"] = other
        if self.partial:
            effect["as_of"] = f"{day}T13:00:00+00:00"
        if not effect:
            return []
        days = {"date": [str(day + timedelta(offset)) for offset in self.days]}
        if "account" in effect:
            # What an account is, is asked for without a day.
            days = {}
        status = effect.pop("campaign_status", None)
        found = [{"match": self._match(platform, account) | days, "effect": effect}]
        if status:
            found.append(
                {"match": {"platform": platform, "account": account}, "effect": {"campaign_status": status}}
            )
        return [{"name": f"{self.name} {account}", **rule} for rule in found]

    @property
    def is_wide(self) -> bool:
        """Whether it strikes more days than its own."""
        return self.serve_other or bool(_WIDE & {*self.effect, *self.meta, *self.google})

    @property
    def from_start(self) -> bool:
        """Whether it is in force before the first collection."""
        return self.days[0] < -28

    def _match(self, platform: str, account: str) -> dict[str, Any]:
        return {"platform": platform, "account": account, **self.match}


def load() -> list[Kind]:
    """Return all kinds: faults first."""
    given = tomllib.loads(KINDS.read_text(encoding="utf-8"))
    return [
        Kind(
            **{
                **entry,
                "is_fault": is_fault,
                "rules": frozenset(entry.get("rules", ())),
                "days": tuple(entry.get("days", (0, 6))),
            }
        )
        for section, is_fault in (("fault", True), ("event", False))
        for entry in given[section]
    ]
