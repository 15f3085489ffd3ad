"""Everything one sandbox process holds."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.clock import Clock
from sandbox.data.accounts import Account, Registry
from sandbox.data.book import Book
from sandbox.data.campaigns import Campaign
from sandbox.data.world import load
from sandbox.facts import Facts
from sandbox.faults.rules import Faults
from sandbox.google.oauth import Tokens
from sandbox.meta.reports import Reports
from sandbox.requestlog import RequestLog


@dataclass
class Sandbox:
    """The world, its clock, and what clients have done so far."""

    registry: Registry
    book: Book
    clock: Clock
    any_version: bool = False
    """Whether retired API versions are served, for clients that are pinned to one."""
    facts: Facts = field(init=False)
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    reports: Reports = field(default_factory=Reports)
    tokens: Tokens = field(default_factory=Tokens)
    nodes: dict[str, tuple[str, Campaign]] = field(default_factory=dict)
    """Kind and campaign of Meta's objects below the accounts in ``indexed``."""
    indexed: set[Account] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let the accounts be told under the facts in force."""
        self.facts = Facts(self.clock)
        self.registry.view = self.facts.seen


def opened(seed: int, agency: Path | None, clock: Clock, any_version: bool = False) -> Sandbox:
    """Return a sandbox of ``seed`` with the accounts of the world and those that ``agency`` registers."""
    return Sandbox(load(seed, agency), Book(seed), clock, any_version)
