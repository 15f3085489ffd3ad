"""What a request is about, in words that fault rules and the request log use."""

from dataclasses import dataclass

KINDS = (
    "account", "accounts", "campaigns", "delivery", "conversions", "control_totals", "conversion_actions",
    "token", "async", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One request: which answers it carries, and the first and last day number it asks for."""

    platform: str
    kinds: frozenset[str]
    account: str = ""
    window: tuple[int, int] | None = None


def target(platform: str, *kinds: str, account: str = "", window: tuple[int, int] | None = None) -> Target:
    """Return a target of these kinds."""
    return Target(platform, frozenset(kinds), account, window)
