"""One platform as an object: what each room below ``ingest`` provides, by the same names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.client.throttle import UsageIn, no_usage

if TYPE_CHECKING:
    from ingest.access import Access
    from ingest.client.caller import Caller
    from ingest.client.http import FailureIn
    from ingest.client.source_spec import AdSource
    from ingest.platform_api import Source


@dataclass(frozen=True)
class PlatformApi:
    """How a platform is asked.

    ``settings`` declares what it can be told, ``source`` asks for days, ``access`` for what the credentials
    reach. ``failure_in`` says what is wrong with an answer, ``usage_in`` how much of a quota is used up.
    """

    settings: "type[AdSource]"
    source: "Callable[[Caller], Source]"
    access: "Callable[[Caller], Access]"
    failure_in: "FailureIn"
    usage_in: UsageIn = no_usage
