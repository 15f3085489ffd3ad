"""One platform as an object: what each room below ``ingest`` provides, by the same names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ingest.client.throttle import UsageIn, no_usage

if TYPE_CHECKING:
    from datetime import date, datetime

    from core.runs import Run
    from core.settings import Settings
    from ingest.access import Access
    from ingest.agency.registrations import Agency
    from ingest.client.caller import Caller
    from ingest.client.http import FailureIn
    from ingest.client.source_spec import AdSource
    from ingest.collect.planner import Window
    from ingest.platform_api import Source


class Reading(Protocol):
    """What a run has read of a platform that tells days by itself, and is not asked for them."""

    def windows(
        self, planned: "list[Window]", seen: "dict[tuple[str, date], datetime]", *, forced: bool
    ) -> "list[Window]":
        """Return the windows that are taken, in place of the ``planned`` ones.

        ``seen`` says when landed days were seen last, by account and date; ``forced``: a person asks for the
        planned days, and for no others.
        """

    def source(self, caller: "Caller") -> "Source":
        """Return what the windows are taken from."""


@dataclass(frozen=True)
class PlatformApi:
    """How a platform is asked.

    ``settings`` declares what it can be told, ``source`` asks for days, ``access`` for what the credentials
    reach. ``failure_in`` says what is wrong with an answer, ``usage_in`` how much of a quota is used up. A
    platform that is not asked has ``read`` instead: it looks, under the warehouse lock, for what is there.
    """

    settings: "type[AdSource]"
    source: "Callable[[Caller], Source]"
    access: "Callable[[Caller], Access]"
    failure_in: "FailureIn"
    usage_in: UsageIn = no_usage
    read: "Callable[[Settings, Run, Agency], Reading] | None" = None
