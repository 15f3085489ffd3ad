"""The room of each platform; a new one is a row of ``platforms`` in ``dbt_project.yml``, and a room here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import UserError
from core.platforms import Platform

if TYPE_CHECKING:
    from ingest.platform import PlatformApi


# A room is imported when its platform is asked: dlt, which declares its settings, takes most of a second.
def _meta() -> "PlatformApi":
    from ingest.meta.api import API

    return API


def _google() -> "PlatformApi":
    from ingest.google.api import API

    return API


def _files() -> "PlatformApi":
    from ingest.files.api import API

    return API


_ROOMS: dict[str, Callable[[], "PlatformApi"]] = {"meta": _meta, "google": _google, "files": _files}


def api_of(platform: Platform) -> "PlatformApi":
    """Return how ``platform`` is asked; raises ``UserError`` for a row without a room."""
    if platform.name not in _ROOMS:
        raise UserError(
            f"dbt_project.yml has the platform {platform.name!r}, and ingest/registry.py no room for it"
        )
    return _ROOMS[platform.name]()
