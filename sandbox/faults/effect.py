"""What a fault rule does to an answer: to its data, its rows, its page, or its way over the wire."""

from dataclasses import dataclass, field, fields
from typing import Any

from sandbox.data.schema import GOOGLE_ROWS, META_ROWS


@dataclass(frozen=True)
class Effect:
    """One effect; all parts that are given apply together."""

    # over the wire: these need no answer of the handler's
    status: int | None = None
    body: Any = None
    """Text, or JSON. Without ``status``, ``body``, ``redirect`` and ``cut: -1``, the real answer goes out."""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = ""
    redirect: str = ""
    delay: float = 0.0
    """Seconds before the answer begins."""
    drip: float = 0.0
    """Bytes per second."""
    cut: int | None = None
    """Close the connection after so many bytes of the body; -1: before the headers."""
    truncate: int | None = None
    """Send only so many bytes of the body, as if they were all."""

    # the page
    empty: bool = False
    """A valid answer without rows."""
    cut_page: int | None = None
    """Take the last so many rows off every page."""
    drop_next: bool = False
    """Claim that this page is the last."""
    repeat_page: bool = False
    """Let the link to the next page lead to this one."""

    # the rows
    drop_rows: float = 0.0
    """Leave out this share of the rows, always the same ones."""
    duplicate: float = 0.0
    """Send this share of the rows twice."""
    drop_keys: list[str] = field(default_factory=list)
    """Keys, dotted below the first level, such as ``metrics.clicks``."""
    set: dict[str, Any] = field(default_factory=dict)
    rename: dict[str, str] = field(default_factory=dict)
    rewrite: dict[str, list[str]] = field(default_factory=dict)
    """Per key a regular expression and its replacement, on text values."""

    # the data
    scale: dict[str, float] = field(default_factory=dict)
    """Factor per metric: a row's name, ``conversions``, ``value``, ``conversions:<name or id>`` or ``*``.
    With both ``conversions`` and ``value``, what is counted no more has no value either."""
    add: dict[str, float] = field(default_factory=dict)
    """Amount per metric, added to the day's largest campaign; money in units of the currency."""
    shift_days: int = 0
    """Every day shows the figures of the day so many days before it."""
    from_day: str = ""
    """Every day shows the figures of this day."""
    as_of: str = ""
    """An instant: figures as they looked then, later days absent."""
    hours_ago: float = 0.0
    """The same, relative to now."""
    hide_campaigns: float = 0.0
    """Leave out this share of the campaigns, always the same ones."""
    serve_account: str = ""
    """Answer with the figures of this account of the platform."""
    account: dict[str, str] = field(default_factory=dict)
    """Other values of ``currency``, ``timezone`` or ``name``, as reported."""
    campaign_status: str = ""
    """The status that listings report, in the platform's word."""
    job: dict[str, Any] = field(default_factory=dict)
    """Keys of an async run's status."""

    @classmethod
    def read(cls, given: dict[str, Any]) -> "Effect":
        """Return the effect in ``given``; raises ValueError for one that does not exist."""
        only(given, {f.name for f in fields(cls)}, "effect")
        only(given.get("account", {}), {"currency", "timezone", "name"}, "effect.account")
        for part in ("scale", "add"):
            metrics = {
                metric for metric in given.get(part, {}) if not metric.startswith(("conversions:", "value:"))
            }
            only(
                dict.fromkeys(metrics),
                {*META_ROWS, *GOOGLE_ROWS, "conversions", "value", "*"},
                f"effect.{part}",
            )
        if not given:
            raise ValueError("an effect needs at least one part")
        return cls(**given)

    @property
    def replaces(self) -> bool:
        """Whether the handler is not asked at all."""
        return self.status is not None or self.body is not None or bool(self.redirect) or self.cut == -1


def only(given: dict[str, Any], known: set[str], what: str) -> None:
    """Raise ValueError if ``given`` has keys that ``what`` does not know."""
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"{what} knows {', '.join(sorted(known))}; not {', '.join(unknown)}")
