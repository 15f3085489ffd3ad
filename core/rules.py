"""What rules and checks do where ``agency/rules.csv`` says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from core.tables import table


@dataclass(frozen=True)
class Rule:
    """A row of ``rules``: ``blocks`` is ``no`` or ``day``; ``parameters`` are its numbers by name."""

    name: str
    severity: str
    blocks: str = "no"
    parameters: Mapping[str, float] = field(default_factory=dict)


@cache
def rules() -> dict[str, Rule]:
    """Return the rules and checks by name, in the order of the table."""
    return table("rules", Rule)
