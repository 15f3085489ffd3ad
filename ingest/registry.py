"""The platforms, one row each; a new one is a row here and a room with an ``api``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.platform import PlatformApi


@dataclass(frozen=True)
class Platform:
    """What has to be known of a platform before it is asked.

    ``section`` is that of its settings (``sources.<section>``), ``required`` names the settings without which
    it cannot be asked, ``load`` imports the room that asks it. Windows are at most
    ``window_days`` long: so many days of a large account stay a few pages, and an account's year four
    windows. ``account_requests`` and ``window_requests`` estimate what an account and each of its windows
    cost. ``tells_token`` says that it can be asked how long the credentials hold.
    """

    name: str
    title: str
    section: str
    required: tuple[str, ...]
    load: "Callable[[], PlatformApi]"
    window_days: int = 90
    account_requests: int = 2
    window_requests: int = 3
    tells_token: bool = False

    def variables(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the environment variables of these settings."""
        return tuple(f"SOURCES__{self.section.upper()}__{name.upper()}" for name in names)


# A room is imported when its platform is asked: dlt, which declares its settings, takes most of a second.
def _meta() -> "PlatformApi":
    from ingest.meta.api import API

    return API


def _google() -> "PlatformApi":
    from ingest.google.api import API

    return API


PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        Platform(
            "meta",
            "Meta Ads",
            "meta_ads",
            ("access_token",),
            _meta,
            window_requests=2,
            tells_token=True,
        ),
        Platform(
            "google",
            "Google Ads",
            "google_ads",
            ("client_id", "client_secret", "refresh_token"),
            _google,
            account_requests=3,
        ),
    )
}
